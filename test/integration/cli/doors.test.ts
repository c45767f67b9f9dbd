/** The doors of the command line against real sockets, files and processes; no daemon is needed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ask, askStatus, control, DaemonRefusal } from '../../../src/cli/control-client.ts';
import { findDaemon, stopDaemon } from '../../../src/cli/daemon.ts';
import { followLines } from '../../../src/cli/log-file.ts';
import { takeLifeSocket } from '../../../src/primary/life-socket.ts';
import { recallLaunch, rememberLaunch } from '../../../src/shared/launch-file.ts';
import { daemonPaths } from '../../../src/shared/paths.ts';
import { bootId, markProcess } from '../../../src/shared/pid-record.ts';
import { eventually } from '../../support/eventually.ts';
import { begin } from '../../support/interrupted.ts';
import { cleanEnv, isAlive, ROOT, run } from '../../support/process.ts';

let dir: string;
let servers: Server[];
let children: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doors-'));
  [servers, children] = [[], []];
});
afterEach(() => {
  for (const server of servers) server.close();
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

const paths = () =>
  daemonPaths(
    { server: { pid_file: join(dir, 'd.pid') }, logging: {}, state: {}, auth: {} } as Parameters<typeof daemonPaths>[0],
    dir,
    {},
  );

/** A daemon that answers each request with these lines; undefined leaves the connection open. */
async function answer(lines: readonly unknown[] | undefined, onRequest: (text: string) => void = () => {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', (data) => {
      onRequest(data.toString());
      if (lines !== undefined) socket.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    });
  });
  servers.push(server);
  rememberLaunch(paths(), 1, { cwd: dir, flags: {}, demo: false, detached: true });
  server.listen(paths().controlSocket);
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { close };
}

test('control: progress comes one by one, then the result; one line is sent', async () => {
  const requests: string[] = [];
  await answer(
    [
      { type: 'progress', text: 'a' },
      { type: 'progress', text: 'b' },
      { type: 'result', data: { text: 'ok' } },
    ],
    (text) => requests.push(text),
  );
  const steps: string[] = [];
  const result = await ask(
    paths(),
    { command: 'reload' },
    { deadlineMs: 5000, onProgress: (text) => steps.push(text) },
  );
  expect([result, steps, requests]).toEqual([{ text: 'ok' }, ['a', 'b'], ['{"command":"reload"}\n']]);
});

test('control: an error of the daemon keeps its code', async () => {
  const error = { code: 'RELOAD_FAILED', message: 'no', next: 'so', retry: true };
  await answer([{ type: 'error', error }]);
  const failure = await ask(paths(), { command: 'reload' }, { deadlineMs: 5000 }).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(DaemonRefusal);
  expect((failure as DaemonRefusal).body).toEqual(error);
});

test('control: nobody there, silence and a cut connection are told apart', async () => {
  await expect(askStatus(paths())).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  const daemon = await answer(undefined, () => {});
  await expect(askStatus(paths(), 100)).rejects.toMatchObject({ code: 'CONTROL_SILENT' });
  const cut = askStatus(paths(), 5000);
  setImmediate(daemon.close);
  await expect(cut).rejects.toMatchObject({ code: 'NOT_RUNNING' });
});

test('control: whoever stops listening closes the connection', async () => {
  await answer([
    { type: 'progress', text: 'accepted' },
    { type: 'progress', text: 'later' },
  ]);
  for await (const reply of control(paths(), { command: 'reload' }, 5000)) {
    expect(reply).toEqual({ type: 'progress', text: 'accepted' });
    break;
  }
});

/** A process that is recorded as the daemon and has no control socket. */
async function fakeDaemon(code: string, workers: readonly number[] = []): Promise<number> {
  const child = spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1000); console.log('up')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  mkdirSync(paths().runDir, { recursive: true });
  const record = { ...markProcess(child.pid ?? 0), bootId: bootId(), workers: workers.map(markProcess) };
  writeFileSync(paths().stateFile, JSON.stringify(record));
  writeFileSync(paths().pidFile, `${child.pid}\n`);
  return child.pid ?? 0;
}

test('stop: a daemon that does not answer is asked by signal and gone', async () => {
  const pid = await fakeDaemon('');
  const found = await findDaemon(paths());
  expect(found).toMatchObject({ kind: 'silent', process: { pid } });
  if (found.kind === 'none') throw new Error('not found');
  expect(await stopDaemon(paths(), found, 10_000, () => {})).toEqual({ killed: false });
  expect(isAlive(pid)).toBe(false);
});

test('status: a daemon that does not listen yet, or not any more, is running and not called anything else', async () => {
  const pid = await fakeDaemon('');
  const told = await run('bin/snowflake-mcp-daemon.js', ['status', '--pid-file', paths().pidFile], { cwd: dir });
  expect([told.code, told.stdout.trim()]).toEqual([1, `Daemon is running (PID: ${pid})`]);
  expect(told.stderr).toContain('it starts or ends just now');
  expect(told.stderr).not.toContain('not running');
});

test('stop: a daemon that has too many others to answer is asked by signal', async () => {
  const pid = await fakeDaemon('');
  const error = { code: 'CONTROL_BUSY', message: 'no', next: 'so', retry: true };
  await answer([{ type: 'error', error }]);
  const found = await findDaemon(paths());
  expect(found).toMatchObject({ kind: 'silent', process: { pid }, reason: { code: 'CONTROL_BUSY' } });
  if (found.kind === 'none') throw new Error('not found');
  expect(await stopDaemon(paths(), found, 10_000, () => {})).toEqual({ killed: false });
});

test('stop: a daemon that ignores everything is killed after the timeout and its files are removed', async () => {
  const pid = await fakeDaemon(`process.on('SIGTERM', () => {})`);
  const found = await findDaemon(paths());
  if (found.kind === 'none') throw new Error('not found');
  expect(await stopDaemon(paths(), found, 0, () => {})).toEqual({ killed: true });
  expect(isAlive(pid)).toBe(false);
  expect((await findDaemon(paths())).kind).toBe('none');
  expect(existsSync(paths().pidFile)).toBe(false);
});

test('stop: a worker that outlives its daemon is named, and it has not been stopped', async () => {
  const left = await fakeDaemon('');
  await fakeDaemon('', [left]);
  const found = await findDaemon(paths());
  if (found.kind === 'none') throw new Error('not found');
  const stopped = stopDaemon(paths(), found, 10_000, () => {});
  await expect(stopped).rejects.toMatchObject({ code: 'WORKERS_LEFT', message: expect.stringContaining(String(left)) });
});

test('backup: a signal while it waits for a daemon leaves none of the copies it has made', async () => {
  await fakeDaemon('');
  await answer(undefined);
  writeFileSync(join(dir, '.env'), 'SNOWFLAKE_PASSWORD=not-to-be-seen\n');
  const words = ['backup', 'archives', '--pid-file', paths().pidFile];
  const { kill, ended } = begin(words, { env: cleanEnv(), cwd: dir });
  const archives = join(dir, 'archives');
  const copies = () => (existsSync(archives) ? readdirSync(archives, { recursive: true, encoding: 'utf8' }) : []);
  const isCopied = () => copies().some((name) => name.endsWith('/.env'));
  await eventually(isCopied, { what: 'the copy of .env', deadlineMs: 20_000 });
  kill('SIGTERM');
  expect((await ended).signal).toBe('SIGTERM');
  expect(readdirSync(archives)).toEqual([]);
});

test('launch file: is believed only for the daemon it was written for', () => {
  const spec = { cwd: dir, environment: 'staging', flags: { 'server.port': '0' }, demo: true, detached: true };
  rememberLaunch(paths(), 42, spec);
  expect(recallLaunch(paths(), 42)).toEqual(spec);
  expect(recallLaunch(paths(), 43)).toBeUndefined();
  expect(recallLaunch(paths())).toEqual(spec);
  writeFileSync(join(paths().runDir, 'launch.json'), '{"pid": 42}');
  expect(recallLaunch(paths(), 42)).toBeUndefined();
});

test('launch file: a start that loses does not speak for the daemon that won', async () => {
  const spec = { cwd: dir, flags: { 'server.port': '8123' }, demo: true, detached: false };
  rememberLaunch(paths(), process.pid, spec);
  const life = await takeLifeSocket(paths().runDir);
  const words = ['start', '--no-daemon', '--demo', '--pid-file', paths().pidFile];
  const ended = await run('bin/snowflake-mcp-daemon.js', words, { env: cleanEnv(), cwd: dir });
  await life?.release();
  expect([ended.code, ended.stderr]).toEqual([75, expect.stringContaining(`PID: ${process.pid}`)]);
  expect(recallLaunch(paths(), process.pid)).toEqual(spec);
});

test('logs: following goes on through rotation by rename and by truncation, and loses no line', async () => {
  const file = join(dir, 'x.log');
  writeFileSync(file, 'old\n');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const line of followLines(file, 4, stop.signal)) seen.push(line);
  })();
  const see = (...lines: string[]) => eventually(() => seen.join() === lines.join(), { what: lines.join() });
  appendFileSync(file, 'a\nhal');
  await see('a');
  appendFileSync(file, 'f\n');
  await see('a', 'half');
  appendFileSync(file, 'last of the old\n');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'first of the new\n');
  await see('a', 'half', 'last of the old', 'first of the new');
  truncateSync(file, 0);
  appendFileSync(file, 'z\n');
  await see('a', 'half', 'last of the old', 'first of the new', 'z');
  stop.abort();
  await following;
});

test('DEBUG: a stack is told in lines of the sources, though the program is a bundle', async () => {
  const ended = await run('bin/snowflake-mcp-daemon.js', ['config', 'check', '--config', join(dir, 'none.yaml')], {
    env: cleanEnv({ DEBUG: '1' }),
    cwd: dir,
  });
  const [, file = '', line = ''] = /at readTree \((src\/[^:]+):(\d+):\d+\)/.exec(ended.stderr) ?? [];
  expect(file, ended.stderr).toBe('src/shared/config/file.ts');
  expect(readFileSync(join(ROOT, file), 'utf8').split('\n')[Number(line) - 1]).toContain('readBounded(');
  expect(ended.stderr).not.toMatch(/dist\//);
});
