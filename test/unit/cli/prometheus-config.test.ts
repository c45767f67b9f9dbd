import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { differenceLines, differencesOf } from '../../../src/cli/config-differences.ts';
import { withOurJobs } from '../../../src/cli/prometheus-config.ts';

const RULES = 'rules/snowflake-mcp-*.yml';

test('prometheus: our job and rules are added once, all else stays with its comments', () => {
  const before = '# mine\nscrape_configs:\n  - job_name: node # keep\n    static_configs: [{ targets: ["a:1"] }]\n';
  const { text, added } = withOurJobs(before, 'h:8001', RULES);
  expect(added).toHaveLength(2);
  expect(text).toContain('# mine');
  expect(text).toContain('# keep');
  const job = { job_name: 'snowflake-mcp', static_configs: [{ targets: ['h:8001'] }] };
  expect(parse(text)).toMatchObject({ rule_files: [RULES], scrape_configs: [{ job_name: 'node' }, job] });
  expect(withOurJobs(text, 'h:8001', RULES)).toEqual({ text, added: [] });
});

test('prometheus: a file that is no configuration is refused', () => {
  for (const text of ['- a\n', 'a: [\n', 'rule_files: x\n']) expect(() => withOurJobs(text, 'h:1', RULES)).toThrow();
  expect(withOurJobs('', 'h:1', RULES).added).toHaveLength(2);
});

test('differences: what was, what is, and of a secret only that it differs', () => {
  const before = new Map(Object.entries({ a: '1', same: 'x', SECRET: 'old', gone: 'y' }));
  const now = new Map(Object.entries({ a: '2', same: 'x', SECRET: 'new', fresh: 'z' }));
  const found = differencesOf(before, now, (key) => key === 'SECRET');
  expect(found.flatMap(differenceLines)).toEqual([
    '- SECRET: ***',
    '+ SECRET: *** (another one)',
    '- a: 1',
    '+ a: 2',
    '+ fresh: z',
    '- gone: y',
  ]);
});
