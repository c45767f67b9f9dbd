/** Finds the daemon of a set of paths and ends it; what `start`, `stop`, `restart` and `status` have in common. */
import { rmSync } from 'node:fs';
import type { DaemonStatus } from '../shared/control-api.ts';
import { AppError, type ErrorBody } from '../shared/errors.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { markProcess, type ProcessMark, readOwner, readRecord } from '../shared/pid-record.ts';
import { ask, askStatus, DaemonRefusal } from './control-client.ts';
import { isGoneWithin, signal } from './other-process.ts';

/** `silent`: a process that does not answer, because it hangs, is stopped, is busy, or has just started or ended. */
export type Found =
  | { readonly kind: 'running'; readonly process: ProcessMark; readonly status: DaemonStatus }
  | { readonly kind: 'silent'; readonly process: ProcessMark; readonly reason: ErrorBody }
  | { readonly kind: 'none' };

/**
 * @param deadlineMs how long it may take to answer
 * @throws AppError PATH_UNUSABLE when it belongs to another user
 */
export async function findDaemon(paths: DaemonPaths, deadlineMs?: number): Promise<Found> {
  try {
    const status = await askStatus(paths, deadlineMs);
    const found = markProcess(status.pid);
    return found === undefined ? { kind: 'none' } : { kind: 'running', process: found, status };
  } catch (error) {
    const reason = silenceOf(error);
    const found = markProcess(readOwner(paths)?.pid ?? 0);
    if (found !== undefined) return { kind: 'silent', process: found, reason };
    if (error instanceof DaemonRefusal) throw error;
    return { kind: 'none' };
  }
}

/** Why a process that is there did not tell its status. */
function silenceOf(error: unknown): ErrorBody {
  if (error instanceof DaemonRefusal) return error.body;
  if (!(error instanceof AppError) || error.code === 'PATH_UNUSABLE') throw error;
  if (error.code !== 'NOT_RUNNING') return error.toBody();
  return new AppError('CONTROL_BUSY', { reason: 'it starts or ends just now' }).toBody();
}

/** What is left over the daemon's own deadline before it is killed: the time its last steps take. */
const MARGIN_MS = 2000;
const KILL_WAIT_MS = 5000;
/** Workers end with their daemon; one whose loop is blocked is ended by its watchdog. */
const WORKERS_WAIT_MS = 4000;

/**
 * Stops a daemon: asks it, waits, kills it after the timeout. Returns whether it had to be killed.
 * @throws AppError STOP_TIMEOUT when it survives even that, WORKERS_LEFT when processes of it do
 */
export async function stopDaemon(
  paths: DaemonPaths,
  found: Exclude<Found, { kind: 'none' }>,
  timeoutMs: number,
  onProgress: (text: string) => void,
): Promise<{ killed: boolean }> {
  const target = found.process;
  const workers = readRecord(paths)?.workers ?? [];
  const asked =
    found.kind === 'running'
      ? // The connection ends with the daemon: whether it is gone shows in /proc, not in the answer.
        ask(paths, { command: 'stop', timeoutMs }, { deadlineMs: timeoutMs + MARGIN_MS, onProgress }).catch(
          (error: unknown) => {
            if (error instanceof DaemonRefusal) signal(target, 'SIGTERM');
          },
        )
      : Promise.resolve(signal(target, 'SIGTERM'));
  const isGone = await isGoneWithin(target, timeoutMs + MARGIN_MS);
  if (isGone) {
    await asked;
    await requireGone(workers);
    return { killed: false };
  }
  signal(target, 'SIGKILL');
  if (!(await isGoneWithin(target, KILL_WAIT_MS))) {
    throw new AppError('STOP_TIMEOUT', { pid: target.pid, waitedMs: KILL_WAIT_MS });
  }
  // Those of a daemon that somebody has started meanwhile stay.
  const left = readOwner(paths) === undefined ? [paths.pidFile, paths.controlSocket] : [];
  for (const file of left) rmSync(file, { force: true });
  await requireGone(workers);
  return { killed: true };
}

async function requireGone(workers: readonly ProcessMark[]): Promise<void> {
  const isLeft = await Promise.all(workers.map(async (worker) => !(await isGoneWithin(worker, WORKERS_WAIT_MS))));
  const pids = workers.filter((_, index) => isLeft[index]).map(({ pid }) => pid);
  if (pids.length > 0) throw new AppError('WORKERS_LEFT', { pids });
}
