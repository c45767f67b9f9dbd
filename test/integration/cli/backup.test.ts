/** Backups of a running daemon, what of them is put back, and archives that must change nothing. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, daemonHome, startDaemon } from '../../support/daemon.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { run } from '../../support/process.ts';
import { type RawMember, rawManifest, writeRawArchive } from '../../support/raw-archive.ts';

const SECRET = 'Zq8-very-secret-word';
let daemon: Daemon;
let dir: string;

beforeAll(async () => {
  daemon = await startDaemon({ env: { SNOWFLAKE_PASSWORD: SECRET } });
  dir = daemon.dir;
  mkdirSync(join(dir, 'out'));
  writeFileSync(join(dir, '.env'), `SNOWFLAKE_TOKEN=${SECRET}\n`);
  writeFileSync(join(dir, 'snowflake-mcp.yaml'), 'limits:\n  max_rows: 5000\n');
  writeFileSync(join(dir, 'pass'), 'one two three\n');
  writeFileSync(join(dir, 'wrong'), 'other\n');
});
afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

/** No command ever prints a secret. */
async function cli(...args: string[]) {
  const ended = await daemon.cli(...args);
  expect(ended.stdout + ended.stderr).not.toMatch(/Zq8-very-secret|one two three/);
  return ended;
}

/** Names and content of what a restore may touch. */
function footprint(): unknown {
  const names = readdirSync(dir).filter((name) => name !== 'd.pid.d' && name !== 'log');
  return [names.sort(), readFileSync(join(dir, '.env'), 'utf8'), readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')];
}

async function backup(...args: string[]): Promise<string> {
  const made = await cli('backup', join(dir, 'out'), '--json', ...args);
  expect(made).toMatchObject({ code: 0 });
  return (JSON.parse(made.stdout) as { file: string }).file;
}

test('backup: of a running daemon it holds configuration, sessions, logs and figures, and checks', async () => {
  const client = await connectClient(daemon.url);
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  const made = await cli('backup', join(dir, 'out'), '--verify', '--json');
  expect(made).toMatchObject({ code: 0 });
  const told = JSON.parse(made.stdout) as { file: string; files: { path: string }[]; left_out: string[] };
  const paths = told.files.map(({ path }) => path);
  for (const path of [
    'config/snowflake-mcp.yaml',
    'env/.env',
    'state/sessions.lmdb',
    'logs/daemon.log',
    'logs/application.log',
    'facts/health.json',
    'facts/metrics.prom',
    'facts/state.json',
  ]) {
    expect(paths).toContain(path);
  }
  expect(told.left_out).toEqual([]);
  expect(statSync(told.file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(dir, 'out')).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(await cli('backup', told.file, '--verify')).toMatchObject({ code: 0 });
});

test('restore: --config-only works while the daemon runs and keeps the old files; the daemon loads them', async () => {
  const file = await backup();
  writeFileSync(join(dir, 'snowflake-mcp.yaml'), 'limits:\n  max_rows: 7\n');
  const restored = await cli('restore', file, '--json');
  expect(restored).toMatchObject({ code: 0 });
  const { kept } = JSON.parse(restored.stdout) as { kept: { target: string; kept: string }[] };
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toContain('5000');
  const old = kept.find(({ target }) => target.endsWith('.yaml'))?.kept ?? '';
  expect(readFileSync(old, 'utf8')).toContain('max_rows: 7');
  for (const one of kept) rmSync(one.kept);
  expect(await cli('restore', file, '--full')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is running'),
  });
});

test('restore: an encrypted backup opens with its passphrase alone', async () => {
  const file = await backup('--encrypt', '--passphrase-file', 'pass', '--verify');
  expect(file).toMatch(/\.gpg$/);
  expect(readFileSync(file).includes('manifest')).toBe(false);
  const before = footprint();
  expect(await cli('restore', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('it is encrypted') });
  const wrong = await cli('restore', file, '--passphrase-file', 'wrong');
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('passphrase does not open') });
  expect(footprint()).toEqual(before);
  expect(await cli('restore', file, '--passphrase-file', 'pass', '--dry-run')).toMatchObject({ code: 0 });
  truncateSync(file, statSync(file).size - 100);
  expect(await cli('restore', file, '--passphrase-file', 'pass')).toMatchObject({ code: 1 });
  expect(footprint()).toEqual(before);
});

const env = { path: 'env/.env', role: 'dotenv', text: 'A=1\n' };
const good = rawManifest([env]);
const attacks: readonly (readonly [string, readonly RawMember[], RegExp])[] = [
  ['a member with ..', [good, { path: 'env/../../evil', text: 'A=1\n' }], /leads outside/],
  ['an absolute member', [good, { path: '/tmp/evil', text: 'A=1\n' }], /leads outside/],
  ['a symbolic link', [good, { path: 'env/.env', type: 'SymbolicLink', linkpath: '/etc/passwd' }], /SymbolicLink/],
  ['a hard link', [good, { path: 'env/.env', type: 'Link', linkpath: '/etc/passwd' }], /is a Link/],
  ['a device', [good, { path: 'env/.env', type: 'CharacterDevice' }], /CharacterDevice/],
  ['a changed file', [good, { path: 'env/.env', text: 'A=2\n' }], /has been changed/],
  ['a file of another size', [good, { path: 'env/.env', text: 'A=22\n' }], /bytes/],
  ['a file too many', [good, { path: 'env/.env', text: 'A=1\n' }, { path: 'logs/x', text: '' }], /not in its manifest/],
  ['a file too few', [good], /is missing/],
  ['a file twice', [good, { path: 'env/.env', text: 'A=1\n' }, { path: 'env/.env', text: 'A=1\n' }], /twice/],
  ['no manifest', [{ path: 'env/.env', text: 'A=1\n' }], /no archive of ours/],
  ['a manifest that leads outside', [rawManifest([{ ...env, path: 'env/../x' }])], /not one of ours/],
  ['a manifest that is no JSON', [{ path: 'manifest.json', text: '{' }], /not JSON/],
  [
    'a manifest that is a link',
    [{ path: 'manifest.json', type: 'SymbolicLink', linkpath: '/etc/passwd' }],
    /no archive/,
  ],
  ['nothing at all', [], /Unrecognized archive format/],
];

test('restore: archives from elsewhere, with links, with paths outside or changed are refused and change nothing', async () => {
  const before = footprint();
  for (const [what, members, says] of attacks) {
    const file = join(dir, 'out', 'attack.tar.gz');
    writeRawArchive(file, members);
    const ended = await cli('restore', file);
    expect([what, ended.code, ended.stderr]).toEqual([what, 1, expect.stringMatching(says)]);
  }
  expect(footprint()).toEqual(before);
}, 120_000);

test('restore: a file that is no archive, is cut off, is missing or is a directory is refused', async () => {
  const before = footprint();
  const file = await backup();
  truncateSync(file, statSync(file).size - 200);
  expect(await cli('restore', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be used') });
  writeFileSync(file, 'this is text, not an archive\n'.repeat(100));
  expect(await cli('restore', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be used') });
  for (const other of ['/nonexistent', dir]) {
    expect(await cli('restore', other)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be used') });
  }
  rmSync(file);
  expect(footprint()).toEqual(before);
});

test('restore: a configuration that does not load is taken back', async () => {
  const before = footprint();
  const config = { path: 'config/snowflake-mcp.yaml', role: 'config', text: 'nonsense:\n  x: 1\n' };
  const file = join(dir, 'out', 'bad.tar.gz');
  writeRawArchive(file, [rawManifest([config]), { path: config.path, text: config.text }]);
  expect(await cli('restore', file)).toMatchObject({ code: 78, stderr: expect.stringContaining('nonsense') });
  expect(footprint()).toEqual(before);
});

test('backup: names the files that the configuration leads to and that are not in it; restore those that are missing', async () => {
  await using home = { ...daemonHome(), [Symbol.asyncDispose]: async () => rmSync(home.dir, { recursive: true }) };
  const own = (...args: string[]) =>
    run('bin/snowflake-mcp-daemon.js', [...args, ...home.flags], { env: home.env, cwd: home.dir });
  const key = join(home.dir, 'key.p8');
  writeFileSync(join(home.dir, 'snowflake-mcp.yaml'), `snowflake: { private_key_path: ${key} }\n`);
  writeFileSync(key, 'a private key');
  const made = await own('backup', 'out', '--json');
  const { file, not_included } = JSON.parse(made.stdout) as { file: string; not_included: unknown };
  expect(not_included).toEqual([{ key: 'snowflake.private_key_path', file: key }]);
  expect((await own('backup', 'out')).stderr).toContain(`${key} (snowflake.private_key_path)`);
  rmSync(key);
  const restored = await own('restore', file, '--full');
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining(`leads to ${key}, which is not here`) });
});

test('restore: --full tells that it left the unit files out, and who writes them', async () => {
  await using home = { ...daemonHome(), [Symbol.asyncDispose]: async () => rmSync(home.dir, { recursive: true }) };
  const members = [
    { path: 'unit/snowflake-mcp.service', role: 'unit', text: '[Unit]\n' },
    { path: 'env/.env', role: 'dotenv', text: 'LOG_LEVEL=debug\n' },
  ];
  const file = join(home.dir, 'units.tar.gz');
  writeRawArchive(file, [rawManifest(members), ...members]);
  const restored = await run('bin/snowflake-mcp-daemon.js', ['restore', file, '--full', ...home.flags], {
    env: home.env,
    cwd: home.dir,
  });
  expect(restored).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Left out: unit/snowflake-mcp.service. '),
  });
  expect(restored.stdout).toContain('install-service');
});

test('restore: --full that does not get through leaves sessions, keys and configuration as they were', async () => {
  await using home = { ...daemonHome(), [Symbol.asyncDispose]: async () => rmSync(home.dir, { recursive: true }) };
  const names = ['snowflake-mcp.yaml', '.env', 'state/sessions.lmdb', 'state/keys.json'];
  mkdirSync(join(home.dir, 'state'), { mode: 0o700 });
  for (const name of names) writeFileSync(join(home.dir, name), '# old\n', { mode: 0o600 });
  const state = () => [
    readdirSync(home.dir, { recursive: true }).map(String).sort(),
    names.map((name) => readFileSync(join(home.dir, name), 'utf8')),
  ];
  const file = join(dir, 'out', 'full.tar.gz');
  const before = state();
  const members = [
    { path: 'state/sessions.lmdb', role: 'state', text: 'new' },
    { path: 'keys/keys.json', role: 'keys', text: 'new' },
    { path: 'env/.env', role: 'dotenv', text: 'LOG_LEVEL=debug\n' },
    { path: 'config/snowflake-mcp.yaml', role: 'config', text: 'nonsense: {}\n' },
  ];
  const cases = [
    [members, 78, 'nonsense'],
    [members.map((one) => (one.role === 'keys' ? { ...one, text: 'NEW' } : one)), 1, 'has been changed'],
    [members.slice(0, 3), 1, 'is missing'],
  ] as const;
  for (const [sent, code, says] of cases) {
    writeRawArchive(file, [rawManifest(members), ...sent]);
    const ended = await run('bin/snowflake-mcp-daemon.js', ['restore', file, '--full', ...home.flags], {
      env: home.env,
      cwd: home.dir,
    });
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(says) });
    expect(state(), says).toEqual(before);
  }
  rmSync(file);
});

test.each([
  [['backup', '--encrypt'], 2],
  [['backup', '--passphrase-file', 'pass'], 2],
  [['backup', '--keep', '0d'], 2],
  [['backup', '--encrypt', '--passphrase-file', 'nowhere'], 1],
  [['backup', '/proc/none'], 1],
  [['backup', '/dev/null/none'], 1],
  [['restore'], 2],
  [['restore', 'x', '--full', '--config-only'], 2],
])('wrong usage: %j ends with %i', async (args, code) => {
  expect((await cli(...args)).code).toBe(code);
});

test('restore: --full gives sessions and keys back to a stopped daemon', async () => {
  expect(await cli('keys', 'create', '--name', 'kept', '--json')).toMatchObject({ code: 0 });
  const file = await backup();
  expect(await cli('stop')).toMatchObject({ code: 0 });
  const state = join(dir, 'state');
  const sessions = () => {
    const store = open({ path: join(state, 'sessions.lmdb'), readOnly: true, encoding: 'json', useVersions: true });
    const { entryCount } = store.getStats() as { entryCount: number };
    return store.close().then(() => entryCount);
  };
  const had = await sessions();
  for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
  mkdirSync(state, { recursive: true });
  chmodSync(state, 0o700);
  expect(await cli('restore', file, '--full')).toMatchObject({ code: 0 });
  expect(await sessions()).toBe(had);
  expect((await cli('keys', 'list')).stdout).toContain('kept');
  expect(await cli('start', '--demo', '--workers', '1', '--port', '0', '--metrics-port', '0')).toMatchObject({
    code: 0,
  });
});
