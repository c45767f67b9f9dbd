/** Pid files that lie, starts that race, and disks that are full. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { daemonHome, samples, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { patient } from '../../support/patience.ts';
import { isAlive, run } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('[fault 35] pid file: a pid that another process has now is not signalled by stop, and the next start works', async () => {
  await using home = tempDir();
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void bystander.kill('SIGKILL'));
  await using daemon = await FakeDaemon.start({ home: home.path });
  daemon.child.kill('SIGKILL');
  await daemon.ended();
  await eventually(() => daemon.family().length === 0, { what: 'its workers went too' });
  writeFileSync(join(home.path, 'd.pid'), `${bystander.pid}\n`);
  const stop = await daemon.cli('stop');
  expect(stop.stdout + stop.stderr).toContain('Daemon is not running');
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
  await using next = await FakeDaemon.start({ home: home.path });
  expect((await next.get('/')).pid).toBeGreaterThan(0);
  expect(isAlive(bystander.pid ?? 0)).toBe(true);
});

const RACER = fileURLToPath(new URL('../../support/racer.mjs', import.meta.url));

interface Outcome {
  readonly won?: number;
  readonly code?: string;
  readonly owner?: number;
  readonly ms: number;
}

async function told(racer: ChildProcess, message: object): Promise<Outcome> {
  const answer = once(racer, 'message');
  racer.send(message);
  return ((await answer) as [Outcome])[0];
}

test('[fault 37] ownership: 8 race 20 times, exactly one wins, the others name it within 2 seconds', async () => {
  const racers = Array.from({ length: 8 }, () => fork(RACER));
  onTestFinished(() => {
    for (const racer of racers) racer.kill('SIGKILL');
  });
  await Promise.all(racers.map((racer) => once(racer, 'message')));
  for (let round = 0; round < 20; round += 1) {
    await using dir = tempDir();
    const runDir = join(dir.path, 'run');
    const file = (name: string) => join(runDir, name);
    const paths = {
      runDir,
      pidFile: join(dir.path, 'd.pid'),
      lockFile: file('daemon.lock'),
      stateFile: file('daemon.state.json'),
      controlSocket: file('control.sock'),
    };
    const outcomes = await Promise.all(racers.map((racer) => told(racer, { paths })));
    const winners = outcomes.filter(({ won }) => won !== undefined);
    expect(winners).toHaveLength(1);
    const losers = outcomes.filter(({ won }) => won === undefined);
    const same = { code: 'ALREADY_RUNNING', owner: winners[0]?.won };
    expect(losers.map(({ code, owner }) => ({ code, owner }))).toEqual(losers.map(() => same));
    expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(patient(2000));
    await Promise.all(racers.map((racer) => told(racer, { release: true })));
    expect(existsSync(paths.pidFile)).toBe(false);
  }
});

test('[fault 37] start: of 4 daemons started at once one serves and the others end with 75', async () => {
  await using home = tempDir();
  await using a = FakeDaemon.spawn({ home: home.path, count: 1 });
  await using b = FakeDaemon.spawn({ home: home.path, count: 1 });
  await using c = FakeDaemon.spawn({ home: home.path, count: 1 });
  await using d = FakeDaemon.spawn({ home: home.path, count: 1 });
  const all = [a, b, c, d];
  const isSettled = (daemon: FakeDaemon) => daemon.child.exitCode !== null || daemon.url !== '';
  await eventually(() => all.every(isSettled), { what: 'all know how it went' });
  expect(all.map(({ child }) => child.exitCode).sort()).toEqual([75, 75, 75, null].sort());
  // Those that lost look for leftovers of their own only; the winner stops first.
  const winner = all.find(({ child }) => child.exitCode === null);
  winner?.child.kill('SIGTERM');
  expect(await winner?.ended()).toBe(0);
});

const CLI = 'bin/snowflake-mcp-daemon.js';

test('[fault 37] start: 8 equal commands at once, one starts the daemon and the others say so within 2 seconds', async () => {
  const home = daemonHome();
  onTestFinished(() => rmSync(home.dir, { recursive: true, force: true }));
  const at = { env: home.env, cwd: home.dir };
  const words = ['start', '--demo', '--workers', '1', '--port', '0', '--metrics-port', '0', ...home.flags];
  const started = await Promise.all(Array.from({ length: 8 }, () => run(CLI, words, at)));
  const stop = await run(CLI, ['stop', ...home.flags], at);
  const losers = started.filter(({ code }) => code !== 0);
  expect([started.length - losers.length, stop.code]).toEqual([1, 0]);
  expect(losers.map(({ code, stdout }) => [code, stdout])).toEqual(
    losers.map(() => [1, 'Daemon is already running\n']),
  );
  // On a machine that needs longer than that for eight programs that do nothing, it is the machine.
  const nothing = join(home.dir, 'nothing.mjs');
  writeFileSync(nothing, '');
  const empty = await Promise.all(Array.from({ length: 8 }, () => run(nothing, [], at)));
  const machineMs = Math.max(...empty.map(({ ms }) => ms));
  expect(Math.max(...losers.map(({ ms }) => ms))).toBeLessThan(Math.max(2000, 3 * machineMs));
});

interface SmallDisk extends AsyncDisposable {
  readonly path: string;
}

/** A file system of 1 MB, or undefined where none may be mounted. */
function smallDisk(dir: string): SmallDisk | undefined {
  const path = join(dir, 'small');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { path, [Symbol.asyncDispose]: async () => void execFileSync('umount', ['-l', path]) };
}

function fill(path: string): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'fill'), Buffer.alloc(Number(bavail) * Number(bsize)));
}

test('[fault 39] full disk: a start says which path is full and leaves nothing', async (context) => {
  await using dir = tempDir();
  await using disk = smallDisk(dir.path);
  if (disk === undefined) return context.skip('mounting a file system is not permitted here');
  fill(disk.path);
  await using daemon = FakeDaemon.spawn({ home: disk.path });
  expect(await daemon.ended()).toBe(1);
  expect(daemon.output).toContain(disk.path);
  expect(daemon.output).toMatch(/the disk is full/);
  expect(readdirSync(disk.path).filter((name) => name.startsWith('d.pid') && !name.endsWith('.d'))).toEqual([]);
});

test('[fault 39] full disk: a daemon that runs serves on, restarts workers and writes again when there is room', async (context) => {
  await using dir = tempDir();
  await using disk = smallDisk(dir.path);
  if (disk === undefined) return context.skip('mounting a file system is not permitted here');
  await using daemon = await FakeDaemon.start({ home: disk.path });
  fill(disk.path);
  for (let round = 0; round < 3; round += 1) {
    const victim = await daemon.pidOf(0);
    process.kill(victim, 'SIGKILL');
    await eventually(async () => ![0, victim].includes(await daemon.pidOf(0)), { what: 'a worker in its place' });
    await daemon.allReady();
  }
  expect((await daemon.get('/')).pid).toBeGreaterThan(0);
  rmSync(join(disk.path, 'fill'));
  const before = daemon.log('worker.ready').length;
  process.kill(await daemon.pidOf(1), 'SIGKILL');
  await eventually(() => daemon.log('worker.ready').length > before, { what: 'the log goes on' });
  expect(sum(samples(await daemon.metrics(), 'mcp_log_lines_dropped_total'))).toBeGreaterThan(0);
});
