import { expect, test } from 'vitest';
import { archiveName, backupTimeMs, expiredBackups } from '../../../../src/cli/backup/archive-name.ts';
import { type Manifest, memberFault, parseManifest } from '../../../../src/cli/backup/manifest.ts';
import { restoreTargets } from '../../../../src/cli/backup/targets.ts';

const file = (path: string, role: string, size = 1) => ({ path, role, size, sha256: 'a'.repeat(64) });
const manifest = (files: readonly unknown[]) =>
  JSON.stringify({
    format: 'snowflake-mcp-archive/1',
    kind: 'backup',
    backup_date: '2026-01-02T03:04:05.000Z',
    version: '1',
    hostname: 'h',
    files,
    left_out: [],
  });
const good: Manifest = parseManifest(
  manifest([
    file('config/snowflake-mcp.yaml', 'config'),
    file('env/.env', 'dotenv'),
    file('environment/production.yaml', 'environment'),
    file('keys/keys.json', 'keys'),
    file('state/sessions.lmdb', 'state'),
    file('unit/snowflake-mcp.service', 'unit'),
  ]),
);

test.each([
  ['../x/y', 'log'],
  ['/etc/passwd', 'log'],
  ['env/../../etc/passwd', 'dotenv'],
  ['env/..', 'dotenv'],
  ['state/a/b', 'state'],
  ['env/.ssh', 'elsewhere'],
  ['env/.bashrc', 'dotenv'],
])('manifest: a file %s (%s) is refused', (path, role) => {
  expect(() => parseManifest(manifest([file(path, role)]))).toThrow(/is not one of ours/);
});

test('manifest: a file named twice, an archive too large, another form and no JSON are refused', () => {
  expect(() => parseManifest(manifest([file('env/.env', 'dotenv'), file('env/.env', 'dotenv')]))).toThrow(/twice/);
  expect(() => parseManifest(manifest([file('logs/x', 'log', 2 ** 50)]))).toThrow(/unpacks to/);
  expect(() => parseManifest('{"files":[]}')).toThrow(/not one of ours/);
  expect(() => parseManifest('x')).toThrow(/not JSON/);
});

test('member: what is no plain file of the manifest with its size is named', () => {
  const fault = (path: string, type = 'File', size = 1, seen: readonly string[] = []) =>
    memberFault({ path, type, size }, good, new Set(seen));
  expect(fault('env/.env')).toBeUndefined();
  expect(fault('/env/.env')).toMatch(/leads outside/);
  expect(fault('env/../.env')).toMatch(/leads outside/);
  expect(fault('env/.env', 'SymbolicLink', 0)).toMatch(/is a SymbolicLink/);
  expect(fault('env/.env', 'Link', 0)).toMatch(/is a Link/);
  expect(fault('env/other')).toMatch(/not in its manifest/);
  expect(fault('env/.env', 'File', 2)).toMatch(/has 2 bytes/);
  expect(fault('env/.env', 'File', 1, ['env/.env'])).toMatch(/twice/);
});

const place = {
  cwd: '/srv',
  configFile: undefined,
  standardConfig: '/srv/snowflake-mcp.yaml',
  paths: { stateDir: '/var/s', keysFile: '/var/s/keys.json' },
};

test('restore: configuration alone leaves keys and sessions; units are never put back', () => {
  const names = (isFull: boolean) => restoreTargets(good, place, isFull).map(({ target }) => target);
  const config = ['/srv/snowflake-mcp.yaml', '/srv/.env', '/srv/config/production.yaml'];
  expect(names(false)).toEqual(config);
  expect(names(true)).toEqual([...config, '/var/s/keys.json', '/var/s/sessions.lmdb']);
});

test('restore: a configuration file of another name needs to be told where it goes, in the form it has', () => {
  const odd = parseManifest(manifest([file('config/prod.json', 'config')]));
  expect(() => restoreTargets(odd, place, false)).toThrow(/not known where/);
  expect(() => restoreTargets(odd, { ...place, configFile: '/srv/a.yaml' }, false)).toThrow(/not known where/);
  const [only] = restoreTargets(odd, { ...place, configFile: '/etc/a.json' }, false);
  expect(only?.target).toBe('/etc/a.json');
});

test('retention: backups older than is kept go, never the newest, and no other file', () => {
  const day = 86_400_000;
  const now = Date.parse('2026-03-01T00:00:00Z');
  const name = (daysAgo: number, encrypted = false) => archiveName('backup', new Date(now - daysAgo * day), encrypted);
  expect(backupTimeMs(name(3))).toBe(now - 3 * day);
  const names = [name(31), name(40, true), name(29), archiveName('support', new Date(0), false), 'notes.txt'];
  expect(expiredBackups(names, now, 30 * day)).toEqual([name(31), name(40, true)]);
  expect(expiredBackups([name(31), name(40)], now, 30 * day)).toEqual([name(40)]);
  expect(expiredBackups([], now, day)).toEqual([]);
});
