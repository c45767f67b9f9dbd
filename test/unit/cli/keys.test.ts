import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cli-keys-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function keys(words: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(['keys', ...words.split(' ')], {
    terminal: {
      print: (text) => out.push(text),
      note: (text) => err.push(text),
      redraw: () => {},
      progress: () => ({ step: () => {}, done: () => {} }),
    },
    cwd: dir,
    env: { PID_FILE: join(dir, 'd.pid'), KEYS_FILE: join(dir, 'keys.json') },
    interruption: () => new AbortController().signal,
    endOfReading: () => new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('keys: created without a daemon, the secret alone on stdout, and only this once', async () => {
  const created = await keys('create --name ci --scopes read,write --role ANALYST --max-rows 50 --query-timeout 30s');
  expect(created.code).toBe(0);
  expect(created.out).toMatch(/^smcp_[a-z0-9]{10}_[\w-]{43}$/);
  expect(created.err).toContain(join(dir, 'keys.json'));
  const listed = await keys('list');
  for (const words of ['ci', 'active', 'read,write', 'role ANALYST', '50 rows', '30s per query', 'never']) {
    expect(listed.out).toContain(words);
  }
  expect(listed.out).not.toContain(created.out.slice(-20));
});

test('keys: --json tells the same to programs, without a hash', async () => {
  const created = JSON.parse((await keys('create --name ci --expires never --json')).out);
  expect(created).toMatchObject({
    name: 'ci',
    state: 'active',
    scopes: ['read'],
    expires: null,
    file: expect.anything(),
  });
  const listed = (await keys('list --json')).out;
  expect(JSON.parse(listed).keys).toHaveLength(1);
  expect(listed).not.toMatch(/hash|[0-9a-f]{64}/);
});

test('keys: revoke and rotate take id or name, and say what became of it', async () => {
  await keys('create --name ci');
  const rotated = await keys('rotate ci --overlap 1h');
  expect([rotated.code, rotated.out]).toEqual([0, expect.stringMatching(/^smcp_/)]);
  expect(rotated.err).toContain('The old secret is good until');
  expect((await keys('list')).out).toContain('old secret until');
  expect((await keys('revoke ci')).out).toMatch(/^Revoked: ci \([a-z0-9]{10}\)$/);
  expect((await keys('list')).out).toContain('revoked');
  expect((await keys('revoke ci --forget')).code).toBe(0);
  expect((await keys('list')).out).toBe('There are no keys.');
});

test.each([
  'create',
  'create --name a/b',
  'create --name ci --scopes root',
  'create --name ci --scopes read,root',
  'create --name ci --expires soon',
  'create --name ci --expires 90',
  'create --name ci --max-rows 0',
  'rotate ci --overlap 1y',
  '',
])('keys: `keys %s` is wrong usage', async (words) => {
  const { code, err } = await keys(words);
  expect([words, code]).toEqual([words, 2]);
  expect(err).toContain('Next:');
});

test('keys: what is not there and what is taken is told with what to do', async () => {
  expect((await keys('revoke nobody')).err).toContain('There is no key nobody');
  await keys('create --name ci');
  const again = await keys('create --name ci');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('a key of the name ci already')]);
});

test('keys: a login that is not configured is refused with those that are', async () => {
  const file = join(dir, 'c.yaml');
  writeFileSync(file, 'snowflake:\n  identities:\n    reporting: { user: R }\n    etl: { user: E }\n');
  const refused = await keys(`create --name ci --identity reports --config ${file}`);
  expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/reporting, etl, not reports/)]);
  expect(existsSync(join(dir, 'keys.json'))).toBe(false);
  expect((await keys(`create --name ci --identity etl --config ${file}`)).code).toBe(0);
  expect((await keys('create --name other --identity etl')).err).toContain('it has none');
});

test('keys: with a configuration that is wrong the login is not checked, and that is said', async () => {
  const file = join(dir, 'c.yaml');
  writeFileSync(file, 'snowflake:\n  user: R\n  usr: R\n');
  const created = await keys(`create --name ci --identity etl --config ${file}`);
  expect([created.code, created.err]).toEqual([0, expect.stringContaining('Not checked')]);
});
