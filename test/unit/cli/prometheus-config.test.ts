import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { differenceLines, differencesOf } from '../../../src/cli/config-differences.ts';
import { withOurJobs } from '../../../src/cli/prometheus-config.ts';

const RULES = 'rules/snowflake-mcp-*.yml';

const here = { targets: ['h:8001'], jobs: undefined, rules: RULES };

test('prometheus: our jobs and rules are added once, all else stays with its comments', () => {
  const before = '# mine\nscrape_configs:\n  - job_name: node # keep\n    static_configs: [{ targets: ["a:1"] }]\n';
  const { text, added } = withOurJobs(before, here);
  expect(added).toHaveLength(3);
  expect(text).toContain('# mine');
  expect(text).toContain('# keep');
  const ours = ['snowflake-mcp', 'snowflake-mcp-server'].map((job_name) => ({
    job_name,
    static_configs: [{ targets: ['h:8001'] }],
  }));
  expect(parse(text)).toMatchObject({ rule_files: [RULES], scrape_configs: [{ job_name: 'node' }, ...ours] });
  expect(withOurJobs(text, here)).toEqual({ text, added: [] });
});

test('prometheus: an Alertmanager is told where the configuration names none', () => {
  const wanted = { ...here, alertmanager: 'localhost:9093' };
  const { text, added } = withOurJobs('global: {}\n', wanted);
  expect(added).toContain('alerting: localhost:9093');
  expect(parse(text)).toMatchObject({
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['localhost:9093'] }] }] },
  });
  expect(withOurJobs(text, wanted)).toEqual({ text, added: [] });
  const own = 'alerting: { alertmanagers: [{ static_configs: [{ targets: [elsewhere:9093] }] }] }\n';
  expect(withOurJobs(own, wanted).text).not.toContain('localhost:9093');
  expect(withOurJobs('', here).text).not.toContain('alerting');
});

test('prometheus: one of our jobs that is there is enough; another daemon becomes a target of it', () => {
  const one = withOurJobs('', { ...here, jobs: ['snowflake-mcp-server'] }).text;
  expect(withOurJobs(one, here).added).toEqual([]);
  const { text, added } = withOurJobs(one, { ...here, targets: ['h:8001', 'i:8001'] });
  expect(added).toEqual(['the job snowflake-mcp-server for i:8001']);
  expect((parse(text) as { scrape_configs: unknown }).scrape_configs).toEqual([
    { job_name: 'snowflake-mcp-server', static_configs: [{ targets: ['h:8001', 'i:8001'] }] },
  ]);
});

test('prometheus: a job of ours that finds its targets by itself is left as it is', () => {
  const text = `rule_files: [${RULES}]\nscrape_configs: [{ job_name: snowflake-mcp, file_sd_configs: [{ files: [a] }] }]\n`;
  expect(withOurJobs(text, here)).toEqual({ text, added: [] });
});

test('prometheus: a file that is no configuration is refused', () => {
  for (const text of ['- a\n', 'a: [\n', 'rule_files: x\n']) expect(() => withOurJobs(text, here)).toThrow();
  expect(withOurJobs('', here).added).toHaveLength(3);
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
