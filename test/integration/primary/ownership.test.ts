/** One primary per run directory, with real processes (run `npm run build` first): races, stale files, strange files. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { acquireOwnership } from '../../../src/primary/ownership.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { bootId, markProcess, readOwner } from '../../../src/shared/pid-record.ts';
import { eventually } from '../../support/eventually.ts';
import { logLines } from '../../support/log-lines.ts';
import { patient } from '../../support/patience.ts';
import { isAlive } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const RIVAL = fileURLToPath(new URL('../../support/owner.mjs', import.meta.url));
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

function pathsIn(dir: string) {
  const runDir = join(dir, 'run');
  return {
    pidFile: join(dir, 'd.pid'),
    runDir,
    lockFile: join(runDir, 'daemon.lock'),
    stateFile: join(runDir, 'daemon.state.json'),
    controlSocket: join(runDir, 'control.sock'),
  };
}

type Paths = ReturnType<typeof pathsIn>;
type Said = Record<string, unknown>;

/** Starts another process that wants the ownership. */
function rival(paths: Paths, mode = 'hold') {
  const child = spawn(process.execPath, [RIVAL, JSON.stringify(paths), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const startedAt = performance.now();
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const said = (): Said[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Said);
  const settled = () =>
    eventually(() => said().find((line) => 'won' in line || 'code' in line) ?? false, {
      what: 'a rival knows how it went',
    }).then((line) => ({ line, ms: performance.now() - startedAt }));
  return { child, said, settled, pid: child.pid ?? 0 };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const acquire = (paths: Paths) => acquireOwnership(paths, { log: logLines().log });

async function refusal(paths: Paths): Promise<AppError> {
  const error = await acquire(paths).then(
    () => new Error('it was acquired'),
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw error;
}

test('ownership: pid file and record say who, in a closed directory, and are gone after the release', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const own = await acquire(paths);
  expect(readFileSync(paths.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  expect([statSync(paths.pidFile).mode & 0o777, statSync(paths.runDir).mode & 0o777]).toEqual([0o644, 0o700]);
  expect(statSync(paths.stateFile).mode & 0o777).toBe(0o600);
  expect(readOwner(paths)).toEqual({ pid: process.pid });
  await Promise.all([own.release(), own.release()]);
  for (const file of [paths.pidFile, paths.stateFile, paths.lockFile]) expect(existsSync(file)).toBe(false);
  expect(readOwner(paths)).toBeUndefined();
});

test('ownership: of 8 that race exactly one wins, and the others name it within 2 seconds', async () => {
  for (let round = 0; round < 3; round += 1) {
    await using dir = tempDir();
    const paths = pathsIn(dir.path);
    const rivals = Array.from({ length: 8 }, () => rival(paths));
    const ends = await Promise.all(rivals.map((one) => one.settled()));
    const winners = rivals.filter((_, at) => 'won' in (ends[at]?.line ?? {}));
    expect(winners).toHaveLength(1);
    const owner = winners[0]?.pid;
    for (const [at, { line }] of ends.entries()) {
      if (rivals[at] === winners[0]) continue;
      expect(line).toMatchObject({ code: 'ALREADY_RUNNING', details: { pid: owner } });
    }
    expect(readFileSync(paths.pidFile, 'utf8')).toBe(`${owner}\n`);
    await Promise.all(winners.map(({ child }) => end(child, 'SIGTERM')));
    expect(existsSync(paths.pidFile)).toBe(false);
  }
});

test('ownership: a late one is told the pid within 2 seconds, process start included', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const first = rival(paths);
  await first.settled();
  const second = await rival(paths).settled();
  expect(second.line).toMatchObject({ code: 'ALREADY_RUNNING', details: { pid: first.pid } });
  expect(second.ms).toBeLessThan(patient(2000));
});

test('[fault 38] ownership: a paused owner does not lose it', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const first = rival(paths);
  await first.settled();
  first.child.kill('SIGSTOP');
  rmSync(paths.stateFile);
  rmSync(paths.pidFile);
  expect(await refusal(paths)).toMatchObject({ code: 'ALREADY_RUNNING', details: { pid: first.pid } });
  first.child.kill('SIGCONT');
});

test('ownership: a deleted run directory is made again with its record, closed to others', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const first = rival(paths);
  await first.settled();
  rmSync(paths.runDir, { recursive: true });
  await eventually(() => readOwner(paths)?.pid === first.pid, { what: 'the record is back' });
  expect(statSync(paths.runDir).mode & 0o777).toBe(0o700);
  expect(first.said()).toContainEqual(expect.objectContaining({ event: 'record.rewritten' }));
});

test('[fault 38] ownership: a deleted pid file is written again', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const first = rival(paths);
  await first.settled();
  rmSync(paths.pidFile);
  await eventually(() => readFileSync(paths.pidFile, 'utf8') === `${first.pid}\n`, { what: 'the pid file is back' });
  expect(first.said()).toContainEqual(expect.objectContaining({ event: 'pid_file.rewritten' }));
});

test('[fault 34] ownership: what a killed owner left is replaced, and its recorded workers are killed', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const first = rival(paths, 'orphan');
  await first.settled();
  const orphan = Number(first.said().find((line) => 'orphan' in line)?.orphan);
  await end(first.child, 'SIGKILL');
  expect(isAlive(orphan)).toBe(true);
  const own = await acquire(paths);
  await eventually(() => !isAlive(orphan), { what: 'the orphan is gone' });
  expect(readFileSync(paths.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  await own.release();
});

test('ownership: a recorded process is spared unless pid, start time and boot id all match', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  started.push(bystander);
  const mark = markProcess(bystander.pid ?? 0);
  const dead = { pid: 0x7ffffffe, startTime: '1' };
  mkdirSync(paths.runDir, { mode: 0o700 });
  for (const record of [
    { ...dead, bootId: 'another boot', workers: [mark] },
    { ...dead, bootId: bootId(), workers: [{ ...mark, startTime: '1' }] },
  ]) {
    writeFileSync(paths.stateFile, JSON.stringify(record));
    await (await acquire(paths)).release();
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  }
});

test('[fault 35] ownership: a recycled pid is nobody, whatever process has it now', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  mkdirSync(paths.runDir, { mode: 0o700 });
  writeFileSync(paths.pidFile, `${process.ppid}\n`);
  const record = { pid: process.ppid, startTime: '1', bootId: bootId(), workers: [] };
  writeFileSync(paths.stateFile, JSON.stringify(record));
  expect(readOwner(paths)).toBeUndefined();
  const own = await acquire(paths);
  expect(readFileSync(paths.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  await own.release();
});

test('ownership: a zombie owner is dead', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  mkdirSync(paths.runDir, { mode: 0o700 });
  // The shell becomes a program that never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(parent);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await eventually(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')), { what: 'a zombie' });
  const startTime = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? '';
  writeFileSync(paths.stateFile, JSON.stringify({ pid, startTime, bootId: bootId(), workers: [] }));
  expect(readOwner(paths)).toBeUndefined();
  await (await acquire(paths)).release();
});

test.each([
  ['nothing', ''],
  ['garbage', 'not a pid\n\0\0'],
  ['a number that is no pid', '-1\n'],
  ['a million digits', '1'.repeat(1_000_000)],
])('[fault 36] ownership: a pid file and a record with %s are replaced', async (_what, text) => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  mkdirSync(paths.runDir, { mode: 0o700 });
  writeFileSync(paths.pidFile, text);
  writeFileSync(paths.stateFile, text);
  const own = await acquire(paths);
  expect(readFileSync(paths.pidFile, 'utf8')).toBe(`${process.pid}\n`);
  await own.release();
});

test('[fault 36] ownership: a link under the name of the pid file is replaced, what it points to is untouched', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const victim = join(dir.path, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, paths.pidFile);
  const own = await acquire(paths);
  expect(lstatSync(paths.pidFile).isSymbolicLink()).toBe(false);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  await own.release();
  expect(readFileSync(victim, 'utf8')).toBe('precious');
});

test('ownership: the release leaves a pid file that is not ours', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  const own = await acquire(paths);
  writeFileSync(paths.pidFile, '12345\n');
  await own.release();
  expect(readFileSync(paths.pidFile, 'utf8')).toBe('12345\n');
});

test.each<[string, (paths: Paths, dir: string) => Partial<Paths> | undefined, RegExp]>([
  [
    'a directory under the name of the pid file',
    (paths) => void mkdirSync(paths.pidFile),
    /d\.pid .*it is a directory/,
  ],
  ['a file where the run directory should be', (paths) => void writeFileSync(paths.runDir, ''), /run cannot be used/],
  [
    'a file on the way to the run directory',
    (paths, dir) => {
      writeFileSync(join(dir, 'file'), '');
      return { ...pathsIn(join(dir, 'file')), pidFile: paths.pidFile };
    },
    /not a directory/,
  ],
  ['a link as run directory', (paths, dir) => void symlinkSync(dir, paths.runDir), /it is not a directory/],
  [
    'a run directory that is open to others',
    (paths) => {
      mkdirSync(paths.runDir);
      chmodSync(paths.runDir, 0o755);
      return undefined;
    },
    /mode 755.*chmod 700/,
  ],
  [
    'a file system where nothing can be made',
    () => ({ pidFile: '/proc/sys/kernel/d.pid' }),
    /\/proc\/sys\/kernel\/d\.pid/,
  ],
  [
    'a plain file as lock',
    (paths) => {
      mkdirSync(paths.runDir, { mode: 0o700 });
      writeFileSync(paths.lockFile, '');
      utimesSync(paths.lockFile, 0, 0);
      return undefined;
    },
    /lock .*daemon\.lock/,
  ],
])(
  '[fault 36] ownership: %s is refused with path and reason, and nothing stays held',
  async (_what, prepare, words) => {
    await using dir = tempDir();
    const paths = pathsIn(dir.path);
    const changed = { ...paths, ...prepare(paths, dir.path) };
    const error = await refusal(changed);
    expect(error.code).toBe('PATH_UNUSABLE');
    expect(error.message).toMatch(words);
    rmSync(paths.pidFile, { recursive: true, force: true });
    rmSync(paths.runDir, { recursive: true, force: true });
    await (await acquire(paths)).release();
  },
);

test('ownership: a lock that a killed start left behind delays the next one, no more', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  mkdirSync(paths.runDir, { mode: 0o700 });
  mkdirSync(paths.lockFile);
  await (await acquire(paths)).release();
});

test('ownership: somebody who answers on the control socket is the owner, even without pid file and record', async () => {
  await using dir = tempDir();
  const paths = pathsIn(dir.path);
  mkdirSync(paths.runDir, { mode: 0o700 });
  const server = createServer((socket) => socket.end('{"type":"result","data":{"pid":4711}}\n'));
  server.listen(paths.controlSocket);
  await once(server, 'listening');
  expect(await refusal(paths)).toMatchObject({ code: 'ALREADY_RUNNING', details: { pid: 4711 } });
  server.close();
});
