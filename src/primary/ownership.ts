/**
 * Makes this process the only primary of its run directory, for as long as it lives.
 *
 * Three things together: the life socket (life-socket.ts), which decides a race and cannot be lost; the record of pid,
 * start time and boot id, which tells a living owner from a recycled pid; and a file lock around the short sections that
 * read, decide and write. Who loses knows the owner's pid within 2 s. Workers that a dead primary left behind are
 * killed, but only when pid, start time and boot id are those recorded.
 */
import { symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { AppError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import {
  bootId,
  isSameProcess,
  markProcess,
  type OwnerRecord,
  readBounded,
  readOwner,
  readRecord,
} from '../shared/pid-record.ts';
import { findListener } from './control-probe.ts';
import { findLifeSocketHolder, takeLifeSocket } from './life-socket.ts';
import { pathFault } from './path-fault.ts';
import { prepareRunDir, replaceFile, rmQuietly } from './run-dir.ts';

/** How long a loser waits for the winner to write down its pid. */
const NAME_WAIT_MS = 1500;
const LOCK_STALE_MS = 2000;
const LOCK_RETRY = { retries: 60, factor: 1, minTimeout: 50, maxTimeout: 50 } as const;
const ORPHAN_WAIT_MS = 1000;
const POLL_MS = 20;
const GUARD_MS = 5000;
/** Where older scripts look for the pid of a daemon that root has started. */
const OLD_PLACE = { link: '/run/snowflake-mcp.pid', pidFile: '/run/snowflake-mcp/snowflake-mcp.pid' } as const;

export interface OwnershipDeps {
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** How often pid file and record are looked at. */
  readonly guardMs?: number;
}

export interface Ownership {
  /** Writes down the processes that must not outlive this one; never throws. */
  recordWorkers(pids: readonly number[]): void;
  /** Removes what is ours: pid file, record, life socket. May be called twice. */
  release(): Promise<void>;
}

type OwnerPaths = Pick<DaemonPaths, 'pidFile' | 'runDir' | 'lockFile' | 'stateFile' | 'controlSocket'>;

/** @throws AppError ALREADY_RUNNING with the owner's pid (0 when it cannot be told), PATH_UNUSABLE */
export async function acquireOwnership(paths: OwnerPaths, deps: OwnershipDeps): Promise<Ownership> {
  prepareRunDir(paths.runDir);
  const life = await takeLifeSocket(paths.runDir);
  if (life === undefined) throw await nameHolder(paths);
  try {
    const own = await locked(paths, async () => {
      await refuseLivingOwner(paths);
      await killOrphans(readRecord(paths), deps.log);
      return new Owner(paths, deps, life.release);
    });
    return own;
  } catch (error) {
    await life.release();
    throw error;
  }
}

class Owner implements Ownership {
  readonly #paths: OwnerPaths;
  readonly #log: OwnershipDeps['log'];
  readonly #releaseLife: () => Promise<void>;
  #record: OwnerRecord;
  readonly #guard: NodeJS.Timeout;
  readonly #isLinked: boolean;
  #released: Promise<void> | undefined;

  constructor(paths: OwnerPaths, { log, guardMs = GUARD_MS }: OwnershipDeps, releaseLife: () => Promise<void>) {
    this.#paths = paths;
    this.#log = log;
    this.#releaseLife = releaseLife;
    this.#record = {
      ...(markProcess(process.pid) ?? { pid: process.pid, startTime: '' }),
      bootId: bootId(),
      workers: [],
    };
    this.#writeRecord();
    try {
      this.#writePid();
    } catch (error) {
      rmQuietly(paths.stateFile);
      throw error;
    }
    this.#isLinked = paths.pidFile === OLD_PLACE.pidFile && linkQuietly(OLD_PLACE.pidFile, OLD_PLACE.link);
    this.#guard = setInterval(() => this.#keep(), guardMs).unref();
  }

  recordWorkers(pids: readonly number[]): void {
    this.#record = { ...this.#record, workers: pids.flatMap((pid) => markProcess(pid) ?? []) };
    this.#keep(true);
  }

  /** Writes the record when it has changed, and record and pid file when somebody has deleted or changed them. */
  #keep(isNew = false): void {
    if (this.#released !== undefined) return;
    const { pidFile, stateFile, runDir } = this.#paths;
    try {
      const isRecorded = readRecord(this.#paths)?.pid === process.pid;
      if (!isRecorded) prepareRunDir(runDir);
      if (isNew || !isRecorded) this.#writeRecord();
      if (!isRecorded)
        this.#log.warn(
          'record.rewritten',
          'the state file was gone or changed; if its directory was, a reload makes the sockets of the workers again',
          { path: stateFile },
        );
      if (pidIn(pidFile) === process.pid) return;
      this.#writePid();
      this.#log.warn('pid_file.rewritten', 'the pid file was gone or changed', { path: pidFile });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn('ownership.unwritable', 'the list of workers could not be written', { reason });
    }
  }

  release(): Promise<void> {
    this.#released ??= this.#releaseAll();
    return this.#released;
  }

  async #releaseAll(): Promise<void> {
    clearInterval(this.#guard);
    const { pidFile, stateFile } = this.#paths;
    const remove = async () => {
      if (pidIn(pidFile) === process.pid) rmQuietly(pidFile);
      if (readRecord(this.#paths)?.pid === process.pid) rmQuietly(stateFile);
      if (this.#isLinked) rmQuietly(OLD_PLACE.link);
    };
    // Without the lock (its directory may be gone) the life socket still keeps others out.
    await locked(this.#paths, remove).catch(remove);
    await this.#releaseLife();
  }

  #writeRecord(): void {
    replaceFile('state file', this.#paths.stateFile, `${JSON.stringify(this.#record)}\n`, 0o600);
  }

  #writePid(): void {
    replaceFile('pid file', this.#paths.pidFile, `${process.pid}\n`, 0o644);
  }
}

/** False when something has that name, or it may not be made. */
function linkQuietly(target: string, link: string): boolean {
  try {
    symlinkSync(target, link);
    return true;
  } catch {
    return false;
  }
}

function pidIn(pidFile: string): number | undefined {
  try {
    return Number(readBounded(pidFile, 32));
  } catch {
    return undefined;
  }
}

/** Somebody holds the life socket: who it is. */
async function nameHolder(paths: OwnerPaths): Promise<AppError> {
  const end = performance.now() + NAME_WAIT_MS;
  do {
    const pid = readOwner(paths)?.pid ?? findLifeSocketHolder(paths.runDir);
    if (pid !== undefined) return new AppError('ALREADY_RUNNING', { pid });
    await sleep(POLL_MS);
  } while (performance.now() < end);
  return new AppError('PATH_UNUSABLE', {
    what: 'run directory',
    path: paths.runDir,
    reason: 'a process of another user holds its name (an abstract unix socket), so it may be in use',
  });
}

/** Where there is no life socket, or the owner lives in another network namespace, the record and the socket tell. */
async function refuseLivingOwner(paths: OwnerPaths): Promise<void> {
  const owner = readOwner(paths) ?? (await findListener(paths.controlSocket));
  if (owner !== undefined) throw new AppError('ALREADY_RUNNING', { pid: owner.pid });
}

async function killOrphans(record: OwnerRecord | undefined, log: OwnershipDeps['log']): Promise<void> {
  if (record === undefined) return;
  log.warn('owner.stale', 'the last daemon ended without cleaning up', { owner_pid: record.pid });
  if (record.bootId !== bootId()) return;
  const orphans = record.workers.filter(isSameProcess);
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL');
      log.warn('orphan.killed', 'a worker of the last daemon was still there and is killed', { worker_pid: pid });
    } catch {
      // It ended by itself just now.
    }
  }
  const end = performance.now() + ORPHAN_WAIT_MS;
  while (orphans.some(isSameProcess) && performance.now() < end) await sleep(POLL_MS);
}

/** Runs a short section while no other start or stop is in its own. */
async function locked<T>(paths: OwnerPaths, section: () => Promise<T>): Promise<T> {
  const release = await takeLock(paths);
  try {
    return await section();
  } finally {
    await release().catch(() => {});
  }
}

async function takeLock(paths: OwnerPaths): Promise<() => Promise<void>> {
  try {
    return await lock(paths.runDir, {
      lockfilePath: paths.lockFile,
      realpath: false,
      stale: LOCK_STALE_MS,
      retries: LOCK_RETRY,
      // Losing it means that this section took too long; the life socket still keeps others out.
      onCompromised: () => {},
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw pathFault('lock', paths.lockFile, error);
    const reason = `another start or stop holds it for ${LOCK_RETRY.retries * LOCK_RETRY.minTimeout} ms; remove it if there is none`;
    throw new AppError('PATH_UNUSABLE', { what: 'lock', path: paths.lockFile, reason }, { cause: error });
  }
}
