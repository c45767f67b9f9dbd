/** The daemon in front, as a service manager runs it: what it tells, and that a manager that fails does not matter. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonHome } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { listenForNotify } from '../support/notify-listener.ts';
import { descendants, isAlive, ROOT, run } from '../support/process.ts';
import { readLog } from '../support/read-log.ts';

const CLI = 'bin/snowflake-mcp-daemon.js';

class Service {
  readonly home = daemonHome();
  readonly child: ChildProcess;
  output = '';

  constructor(env: Record<string, string>, prefix: readonly string[] = []) {
    const flags = ['--no-daemon', '--demo', '--workers', '2', '--port', '0', '--metrics-port', '0', ...this.home.flags];
    writeFileSync(join(this.home.dir, 'snowflake-mcp.yaml'), 'workers: { reload_soak: 200ms, restart_delay: 200ms }\n');
    const [file = '', ...args] = [...prefix, process.execPath, join(ROOT, CLI), 'start', ...flags];
    this.child = spawn(file, args, {
      cwd: this.home.dir,
      env: { ...this.home.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  cli(...words: string[]) {
    return run(CLI, [...words, ...this.home.flags], { env: this.home.env, cwd: this.home.dir });
  }

  async ready(): Promise<void> {
    await eventually(
      () => {
        if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}\n${this.output}`);
        return this.output.includes('ready: ');
      },
      { deadlineMs: 30_000, what: 'the daemon is ready' },
    );
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** Ends it when it still lives; asserts that nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const family = [this.pid, ...descendants(this.pid)];
    this.child.kill('SIGTERM');
    await Promise.race([this.ended(), new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
    const left = family.filter(isAlive);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    const remains = ['d.pid', 'd.pid.d/control.sock'].filter((name) => existsSync(join(this.home.dir, name)));
    rmSync(this.home.dir, { recursive: true, force: true });
    expect([left, remains]).toEqual([[], []]);
  }
}

test('[fault 54] systemd: the manager hears ready, the reload, the watchdog and the stop, and no child can speak for the daemon', async () => {
  const address = `@snowflake-mcp-fault-${process.pid}`;
  const listener = listenForNotify(address);
  try {
    await using service = new Service({ NOTIFY_SOCKET: address, WATCHDOG_USEC: '2000000' });
    await service.ready();
    await eventually(() => listener.texts('WATCHDOG=1').length >= 5, { what: 'the watchdog is fed' });
    const fed = listener.heard.filter(({ text }) => text === 'WATCHDOG=1').map(({ at }) => at);
    const gaps = fed.slice(1).map((at, index) => at - (fed[index] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(2000);
    expect(Math.min(...gaps)).toBeGreaterThan(200);

    for (const pid of descendants(service.pid)) {
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((pair) => pair.split('=')[0]);
      expect(names.filter((name) => /^(NOTIFY_SOCKET|WATCHDOG_)/.test(name ?? ''))).toEqual([]);
    }

    const reload = await service.cli('reload', '--wait');
    expect(reload.code).toBe(0);
    await eventually(() => listener.texts('READY=1').length === 2, { what: 'ready after the reload' });
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    await eventually(() => listener.texts('STOPPING=1').length === 1, { what: 'stopping' });
    const states = listener.texts('READY=1', 'RELOADING=1', 'STOPPING=1').map((text) => text.split('=')[0]);
    expect(states).toEqual(['READY', 'RELOADING', 'READY', 'STOPPING']);
    expect(listener.texts('RELOADING=1')[0]).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    expect(listener.texts('READY=1')[0]).toContain('STATUS=running, 2 of 2 workers ready');
  } finally {
    listener.close();
  }
});

test('[fault 54] systemd: a watchdog that is meant for another process is not fed', async () => {
  const address = `@snowflake-mcp-other-${process.pid}`;
  const listener = listenForNotify(address);
  try {
    await using service = new Service({ NOTIFY_SOCKET: address, WATCHDOG_USEC: '200000', WATCHDOG_PID: '1' });
    await service.ready();
    await eventually(() => listener.texts('READY=1').length === 1, { what: 'ready' });
    service.child.kill('SIGTERM');
    await service.ended();
    expect(listener.texts('WATCHDOG=1')).toEqual([]);
  } finally {
    listener.close();
  }
});

test.each([
  ['/nowhere/notify', 'there is no such socket'],
  ['nonsense', 'it is no address'],
])('[fault 53] systemd: with NOTIFY_SOCKET=%s (%s) the daemon serves and says so once in its log', async (socket) => {
  await using service = new Service({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' });
  await service.ready();
  expect((await service.cli('reload', '--wait')).code).toBe(0);
  const lines = readLog(join(service.home.dir, 'log', 'daemon.log')).split('\n');
  expect(lines.filter((line) => line.includes('systemd.unreachable'))).toHaveLength(1);
});

const DEAF = `
const { DgramSocket } = require('node-unix-socket');
new DgramSocket().bind('\\0' + process.argv[1].slice(1));
process.stdout.write('up');
`;

test('[fault 53] systemd: a manager that does not read does not slow the start, the reload or the stop', async () => {
  const address = `@snowflake-mcp-deaf-${process.pid}`;
  const manager = spawn(process.execPath, ['-e', DEAF, address], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(manager.stdout, 'data');
    manager.kill('SIGSTOP');
    await using service = new Service({ NOTIFY_SOCKET: address, WATCHDOG_USEC: '20000' });
    await service.ready();
    expect((await service.cli('reload', '--wait')).code).toBe(0);
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
  } finally {
    manager.kill('SIGKILL');
  }
});

test('[fault 57] systemd: Ctrl-C, which reaches the whole group, stops the daemon once and its workers by its order', async () => {
  await using service = new Service({});
  await service.ready();
  process.kill(-service.pid, 'SIGINT');
  expect(await service.ended()).toBe(0);
  const log = readLog(join(service.home.dir, 'log', 'daemon.log'));
  const ends = log.split('\n').filter((line) => line.includes('"worker.exited"'));
  expect(ends).toHaveLength(2);
  for (const line of ends) expect(line).toContain('"class":"stopped"');
});

test('[fault 58] systemd: as process 1 of a container it replaces killed workers and leaves no zombie', async () => {
  const inner = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  await using service = new Service({}, inner);
  await service.ready();
  for (let round = 1; round <= 3; round += 1) {
    const [victim] = workersOf(service.pid);
    process.kill(victim ?? 0, 'SIGKILL');
    await eventually(() => workersOf(service.pid).length === 2 && !workersOf(service.pid).includes(victim ?? 0), {
      deadlineMs: 20_000,
      what: 'another worker',
    });
  }
  await eventually(() => expect(zombiesOf(service.pid)).toEqual([]), { what: 'no zombie stays' });
  const [first] = descendants(service.pid);
  process.kill(first ?? 0, 'SIGTERM');
  expect(await service.ended()).toBe(0);
});

function workersOf(pid: number): number[] {
  return descendants(pid).filter((it) =>
    readFileSync(`/proc/${it}/cmdline`, 'utf8').startsWith('snowflake-mcp-worker'),
  );
}

function zombiesOf(pid: number): number[] {
  const primary = descendants(pid)[0] ?? 0;
  const children = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8').trim().split(' ');
  return children.map(Number).filter((child) => child > 0 && !isAlive(child));
}
