/** The package as an image without the embedded engine has it (EMBEDDED=no of the Dockerfile). */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import { daemonHome } from '../../support/daemon.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { ROOT, run } from '../../support/process.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'no-engine-'));
  for (const part of ['bin', 'dist', 'config', 'package.json'])
    cpSync(join(ROOT, part), join(dir, part), { recursive: true });
  const packages = realpathSync(join(ROOT, 'node_modules'));
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync(packages)) symlinkSync(join(packages, name), join(dir, 'node_modules', name));
  const [, leaveOut = ''] =
    /^RUN (\[ "\$EMBEDDED" .*)$/m.exec(readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8')) ?? [];
  execFileSync('sh', ['-c', leaveOut], { cwd: dir, env: { PATH: process.env.PATH, EMBEDDED: 'yes' } });
  expect(readdirSync(join(dir, 'node_modules'))).toContain('@duckdb');
  execFileSync('sh', ['-c', leaveOut], { cwd: dir, env: { PATH: process.env.PATH, EMBEDDED: 'no' } });
  expect(readdirSync(join(dir, 'node_modules'))).not.toContain('@duckdb');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const FREE = ['--port', '0', '--metrics-port', '0', '--workers', '1'];

function home(env: Record<string, string> = {}) {
  const { dir: cwd, flags, env: own } = daemonHome();
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const cli = (...words: string[]) =>
    run(join(dir, 'bin/snowflake-mcp-daemon.js'), [...words, ...flags], { env: { ...own, ...env }, cwd });
  return { cli };
}

test('without the engine: --demo says what is missing and what to do, and leaves nothing', async () => {
  const { cli } = home();
  const started = await cli('start', '--demo', ...FREE);
  expect(started).toMatchObject({ code: 1, stderr: expect.stringContaining('@duckdb/node-api') });
  expect(started.stderr).toMatch(/^Next: .*npm install/m);
  expect(started.stderr).not.toMatch(/\n\s+at /);
  expect(await cli('status')).toMatchObject({ code: 3 });
});

test('without the engine: the service of a real account starts and answers', async () => {
  const account = await startEmbedded({ account: 'TESTACCOUNT', user: 'ALICE', password: 'not-to-be-seen' });
  onTestFinished(() => account.close());
  const { cli } = home({
    SNOWFLAKE_ACCESS_URL: account.url,
    SNOWFLAKE_ACCOUNT: 'TESTACCOUNT',
    SNOWFLAKE_USER: 'ALICE',
    SNOWFLAKE_PASSWORD: 'not-to-be-seen',
  });
  const started = await cli('start', ...FREE);
  expect(started.code, started.stderr).toBe(0);
  try {
    const { url } = JSON.parse((await cli('status', '--json')).stdout) as { url: string };
    const client = await connectClient(url);
    expect(textOf(await client.call('execute_query', { query: 'SELECT 6 * 7 AS N' }))).toContain('42');
    await client.close();
  } finally {
    expect(await cli('stop')).toMatchObject({ code: 0 });
  }
});
