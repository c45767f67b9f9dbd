/** The commands of a new user's first minutes, each run for real. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openCgroup } from '../../../src/shared/cgroup.ts';
import { type Daemon, daemonHome, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { patient } from '../../support/patience.ts';
import { isAlive, ROOT, run } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

test('start: returns when all workers are ready and tells URL, log and how to connect', async () => {
  expect(daemon.start.code).toBe(0);
  expect(daemon.start.stdout).toContain('Starting daemon mode, logs: ');
  expect(daemon.start.stdout).toContain(`${daemon.url}/mcp`);
  expect(daemon.start.stdout).toContain(join(daemon.dir, 'log', 'daemon.log'));
  for (const client of ['claude mcp add', 'code --add-mcp', '@modelcontextprotocol/inspector']) {
    expect(daemon.start.stdout).toContain(client);
  }
  const { workers } = await daemon.status();
  expect(workers.map((worker) => worker.state)).toEqual(['ready', 'ready']);
});

test('start: a second one says who runs and exits 1, and the first goes on', async () => {
  const second = await daemon.cli('start', '--demo', '--port', '0', '--metrics-port', '0');
  expect(second.code).toBe(1);
  expect(second.stdout + second.stderr).toContain('Daemon is already running');
  const front = await daemon.cli('start', '--demo', '--no-daemon', '--port', '0', '--metrics-port', '0');
  expect(front.code).toBe(75);
  process.kill(daemon.pid, 'SIGSTOP');
  const third = await daemon.cli('start', '--demo').finally(() => process.kill(daemon.pid, 'SIGCONT'));
  expect(third).toMatchObject({ code: 1, stdout: 'Daemon is already running\n' });
  // Not the time that other commands give a daemon to answer.
  expect(third.ms).toBeLessThan(patient(4500));
  expect((await daemon.status()).pid).toBe(daemon.pid);
});

test('status: tells the pid in the old words, a table and JSON without secrets', async () => {
  const table = await daemon.cli('status');
  expect(table.code).toBe(0);
  expect(table.stdout).toContain(`Daemon is running (PID: ${daemon.pid})`);
  for (const column of ['slot', 'pid', 'state', 'uptime', 'restarts', 'rss'])
    expect(table.stdout.toLowerCase()).toContain(column);
  const json = (await daemon.cli('status', '--json')).stdout;
  expect(json).not.toMatch(/PRIVATE KEY|password/i);
});

test('pid file: one line with the pid of the daemon, control socket closed to others', () => {
  expect(readFileSync(join(daemon.dir, 'd.pid'), 'utf8')).toBe(`${daemon.pid}\n`);
  expect(statSync(join(daemon.dir, 'd.pid.d')).mode & 0o777).toBe(0o700);
  expect(statSync(join(daemon.dir, 'd.pid.d', 'control.sock')).mode & 0o777).toBe(0o600);
});

test('logs: JSON lines of all workers, none of them with a secret', async () => {
  const logs = await daemon.cli('logs');
  expect(logs.code).toBe(0);
  expect(logs.stdout.length).toBeGreaterThan(0);
  const lines = daemon.logText('application.log').trim().split('\n');
  for (const line of lines)
    expect(Object.keys(JSON.parse(line))).toEqual(expect.arrayContaining(['time', 'level', 'event', 'msg', 'pid']));
  expect(lines.join('\n')).not.toMatch(/PRIVATE KEY|BEGIN RSA/);
  expect(existsSync(join(daemon.dir, 'log', 'worker-0.log'))).toBe(true);
});

test('logs: finds the log of a daemon that was started with --log-file, without being told', async () => {
  const options = { env: { ...daemonHome().env, LOG_FILE: '' }, cwd: daemon.dir };
  const where = ['--pid-file', join(daemon.dir, 'd.pid')];
  for (const words of [['logs'], ['logs', '--worker', '0']]) {
    const logs = await run('bin/snowflake-mcp-daemon.js', [...words, ...where], options);
    expect(logs.stderr).toBe('');
    expect(logs.stdout).toContain('"event":"');
  }
});

test('status --watch: is told anew each second until Ctrl-C, with the exit code of the last look', async () => {
  const flags = ['status', '--watch', '--json', '--pid-file', join(daemon.dir, 'd.pid')];
  const child = spawn(process.execPath, [`${ROOT}bin/snowflake-mcp-daemon.js`, ...flags], { env: daemonHome().env });
  const ended = once(child, 'close');
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await eventually(() => said.split('\n').length > 2, { what: 'two looks' });
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  for (const line of said.trim().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ pid: daemon.pid, metricsUrl: `${daemon.metricsUrl}/metrics` });
  }
});

test('status --watch: draws the table anew in the same place of a terminal, and ends with 0 at its Ctrl-C', async () => {
  // Without exec a shell that stays would die of the same Ctrl-C, and its exit code would be the one that is told.
  const command = `exec ${process.execPath} ${ROOT}bin/snowflake-mcp-daemon.js status --watch --pid-file ${daemon.dir}/d.pid`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...daemonHome().env, TERM: 'xterm' } });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'close');
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await eventually(() => said.split('\u001b[H\u001b[J').length > 3, { what: 'three looks' });
  child.stdin.write('\u0003');
  expect(await ended).toEqual([0, null]);
  const [, ...looks] = said.split('\u001b[H\u001b[J');
  for (const look of looks) {
    expect(look).toContain(`Daemon is running (PID: ${daemon.pid})`);
    expect(look).toContain('in flight');
  }
});

test.each([
  ['status', '--watch', '--json'],
  ['logs', '-f'],
])('%s %s: ends when its reader has gone', async (...words) => {
  const flags = [...words, '--pid-file', join(daemon.dir, 'd.pid')];
  const child = spawn(process.execPath, [`${ROOT}bin/snowflake-mcp-daemon.js`, ...flags], { env: daemonHome().env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await daemon.cli('logs', '--reopen');
  await daemon.cli('maintenance', 'on');
  await daemon.cli('maintenance', 'off');
  expect(await ended).toEqual([0, null]);
});

test('reload: replaces every worker and says so', async () => {
  const before = await daemon.status();
  const reload = await daemon.cli('reload', '--wait');
  expect(reload.stderr + reload.stdout).toMatch(/reload/i);
  expect(reload.code).toBe(0);
  const after = await daemon.status();
  expect(after.generation).toBe(before.generation + 1);
  const old = new Set(before.workers.map((worker) => worker.pid));
  expect(after.workers.some((worker) => old.has(worker.pid))).toBe(false);
  expect(after.pid).toBe(before.pid);
});

test('run directory: deleted under a running daemon, it is made again, and status and stop find the daemon', async () => {
  await using small = await startDaemon({ workers: 1 });
  for (const name of ['d.pid', 'd.pid.d']) rmSync(join(small.dir, name), { recursive: true });
  await eventually(async () => (await small.cli('status')).code === 0, { deadlineMs: 20_000, everyMs: 500 });
  expect((await small.status()).pid).toBe(small.pid);
});

test('scale: what would not fit into the memory is said in the answer and the log, by command and by signal', async () => {
  // One worker at its hard limit has room, two have not.
  const half = Math.floor(Math.min(openCgroup().memoryMaxBytes() ?? Infinity, totalmem()) / 2 ** 21);
  await using dir = tempDir();
  const config = join(dir.path, 'big.yaml');
  writeFileSync(config, `workers:\n  max_memory_restart: ${half}M\n`);
  await using small = await startDaemon({ workers: 1, args: ['--config', config] });
  const words = /2 workers of up to .* do not fit into the .* of this (machine|control group)/;
  expect(small.start.stderr).not.toMatch(/do not fit/);
  expect((await small.cli('scale', '1')).stdout).toBe('workers: 1\n');
  expect((await small.cli('scale', '+1')).stdout).toMatch(words);
  expect((await small.cli('scale', '-1')).stdout).toBe('workers: 1\n');
  process.kill(small.pid, 'SIGTTIN');
  await eventually(() => small.logText().split('scale.tight').length === 3, { what: 'told of the signal too' });
  expect(small.logText()).toMatch(words);
});

test('restart: keeps --demo, the port flags and the worker count of the running daemon', async () => {
  await using own = await startDaemon({ workers: 1 });
  const restart = await own.cli('restart');
  expect(restart.code).toBe(0);
  const status = await own.status();
  expect(status).toMatchObject({ demo: true, state: 'running' });
  expect(status.workers).toHaveLength(1);
  expect(status.pid).not.toBe(own.pid);
  await eventually(() => !isAlive(own.pid), { what: 'the old daemon is gone' });
  const stop = await own.cli('stop');
  expect(stop.stdout).toContain('Daemon stopped successfully');
  expect(stop.code).toBe(0);
  const logs = await run('bin/snowflake-mcp-daemon.js', ['logs', '--pid-file', join(own.dir, 'd.pid')], {
    env: { ...daemonHome().env, LOG_FILE: '' },
    cwd: own.dir,
  });
  expect([logs.code, logs.stderr]).toEqual([0, '']);
  expect(logs.stdout).toContain('daemon.stopped');
});

test('stop and status: on nothing that runs, say so with the documented exit codes', async () => {
  const home = daemonHome();
  const status = await run('bin/snowflake-mcp-daemon.js', ['status', ...home.flags], { env: home.env, cwd: home.dir });
  expect([status.code, status.stdout.trim()]).toEqual([3, 'Daemon is not running']);
  const stop = await run('bin/snowflake-mcp-daemon.js', ['stop', ...home.flags], { env: home.env, cwd: home.dir });
  expect(stop.code).not.toBe(0);
  expect(stop.stdout + stop.stderr).toContain('Daemon is not running');
});

test.each([
  ['it serves', '/mcp'],
  ['its workers start', 'starting 2 workers'],
])('start --no-daemon: stays in front and ends with 0 on SIGTERM, sent when %s', async (_when, word) => {
  const home = daemonHome();
  const ports = ['--port', '0', '--metrics-port', '0', '--workers', '2'];
  const flags = ['start', '--no-daemon', '--demo', ...ports, ...home.flags];
  const child = spawn(process.execPath, [`${ROOT}bin/snowflake-mcp-daemon.js`, ...flags], {
    env: home.env,
    cwd: home.dir,
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      said += data.toString();
    });
  await eventually(() => existsSync(join(home.dir, 'd.pid')) && said.includes(word), {
    what: word,
    deadlineMs: 30_000,
  });
  child.kill('SIGTERM');
  expect(await ended, said).toBe(0);
  expect(existsSync(join(home.dir, 'd.pid'))).toBe(false);
});
