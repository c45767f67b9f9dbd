/** Starts that cannot work: one clear message with a next step, the documented exit code, nothing left running. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonHome } from '../../support/daemon.ts';
import { run } from '../../support/process.ts';

const CLI = 'bin/snowflake-mcp-daemon.js';

async function badStart(
  args: readonly string[],
  more: Record<string, string> = {},
  prepare: (dir: string) => void = () => {},
) {
  const home = daemonHome();
  prepare(home.dir);
  const flags = args.map((arg) => arg.replace('DIR', home.dir));
  const start = await run(CLI, ['start', '--demo', '--workers', '1', ...home.flags, ...flags], {
    env: { ...home.env, ...more },
    cwd: home.dir,
  });
  const status = await run(CLI, ['status', ...home.flags], { env: home.env, cwd: home.dir });
  return { ...start, text: start.stdout + start.stderr, runsAfter: status.code === 0, dir: home.dir };
}

const FREE = ['--port', '0', '--metrics-port', '0'];

test('a wrong configuration: every fault at once with its place, exit 78', async () => {
  const result = await badStart([...FREE, '--config', 'DIR/c.yaml'], {}, (dir) =>
    writeFileSync(
      join(dir, 'c.yaml'),
      'server:\n  prot: 8000\npool:\n  min_size: 9\n  max_size: 3\nworkers:\n  kill_timeout: soon\n',
    ),
  );
  expect(result.code).toBe(78);
  for (const words of ['server.prot', 'pool.min_size', 'workers.kill_timeout', 'c.yaml:2', 'c.yaml:7'])
    expect(result.stderr).toContain(words);
  expect(result.stderr).not.toMatch(/\n\s+at /);
  expect(result.runsAfter).toBe(false);
});

test('a port in use: named with its key in under 3 seconds, exit 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [flag, key] of [
    ['--port', 'server.port'],
    ['--metrics-port', 'metrics.port'],
  ] as const) {
    const other = flag === '--port' ? '--metrics-port' : '--port';
    const result = await badStart([flag, String(port), other, '0']);
    expect(result.code).toBe(1);
    expect(result.text).toContain(`Port ${port}`);
    expect(result.text).toContain(key);
    expect(result.runsAfter).toBe(false);
  }
  server.close();
});

test.each([
  ['log directory', ['--log-file', 'DIR/file/daemon.log']],
  ['pid file', ['--pid-file', 'DIR/file/d.pid']],
])('an unusable %s: said with the path and what to do, exit 1', async (_what, args) => {
  const result = await badStart([...FREE, ...args], {}, (dir) => writeFileSync(join(dir, 'file'), ''));
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('/file');
  expect(result.stderr).toMatch(/Next: /);
  expect(result.stderr).not.toMatch(/\n\s+at /);
});

test('a public address without keys: refused with the words that say how to add one, exit 78', async () => {
  const result = await badStart([...FREE, '--host', '0.0.0.0']);
  expect(result.code).toBe(78);
  expect(result.stderr).toContain('API_KEYS');
});

test('wrong usage: exit 2 and a hint', async () => {
  const home = daemonHome();
  for (const args of [['strat'], ['start', '--no-such-flag'], ['stop', '--timeout', 'x'], []]) {
    const result = await run(CLI, [...args, ...(args[0] === 'start' ? home.flags : [])], {
      env: home.env,
      cwd: home.dir,
    });
    expect([args.join(' '), result.code]).toEqual([args.join(' '), 2]);
    expect(result.stderr.length).toBeGreaterThan(10);
  }
});

test('a failed start leaves nothing in the run directory that would stop the next one', async () => {
  const result = await badStart([...FREE, '--log-file', 'DIR/file/daemon.log'], {}, (dir) => {
    mkdirSync(join(dir, 'state'));
    writeFileSync(join(dir, 'file'), '');
  });
  expect(readdirSync(result.dir)).not.toContain('d.pid');
});
