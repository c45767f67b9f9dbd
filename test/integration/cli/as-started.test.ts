/** Commands act on the daemon as it was started, wherever they are run and whatever stands there. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { tempDir } from '../../support/temp-dir.ts';

let daemon: Daemon;
let dir: ReturnType<typeof tempDir>;
let file: string;
let made: { readonly key: string; readonly file: string };
beforeAll(async () => {
  dir = tempDir();
  file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ auth: { keys_file: join(dir.path, 'keys.json') } }));
  daemon = await startDaemon({ workers: 1, args: ['--config', file, '--log-file', join(dir.path, 'log/own.log')] });
  made = JSON.parse((await daemon.cli('keys', 'create', '--name', 'ci', '--json')).stdout);
}, 60_000);
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
}, 60_000);

test('keys: are made and listed where the configuration of the running daemon keeps them', async () => {
  expect(made.file).toBe(join(dir.path, 'keys.json'));
  expect((await daemon.cli('keys', 'list')).stdout).toContain('ci');
});

test('validate: has a key of the running daemon', async () => {
  const validated = await daemon.cli('validate');
  expect(validated.code, validated.stdout + validated.stderr).toBe(0);
});

test('queries --slow: the statements that the running daemon has written down', async () => {
  const headers = { authorization: `Bearer ${made.key}` };
  const client = await eventually(() => connectClient(daemon.url, { headers }), { what: 'the key is known' });
  await client.call('execute_query', { query: 'SELECT 1 AS ONE' });
  await client.close();
  const slow = await daemon.cli('queries', '--slow', '--over', '0s', '--json');
  expect(JSON.parse(slow.stdout).ended.length).toBeGreaterThan(0);
});

test('config check: the configuration of the running daemon, where none stands', async () => {
  const checked = await daemon.cli('config', 'check');
  expect(checked, checked.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('c.json') });
  const own = join(daemon.dir, '.env');
  writeFileSync(own, 'LOG_LEVEL=loud\n');
  const ofHere = await daemon.cli('config', 'check', '--demo').finally(() => rmSync(own));
  expect(ofHere).toMatchObject({ code: 78, stderr: expect.stringContaining('LOG_LEVEL') });
});
