/**
 * Starts the primary in the background and waits until it is ready or tells why not.
 *
 * The daemon inherits no stream of ours but the report pipe, so `start | tee` ends. What it writes to stderr before its
 * log is open goes to a file and is shown when it dies without a report.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeDirectories } from '../shared/directories.ts';
import { AppError, type ErrorBody } from '../shared/errors.ts';
import type { ExitCode } from '../shared/exit-codes.ts';
import type { LaunchOrder, LaunchReport } from '../shared/launch.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { markProcess } from '../shared/pid-record.ts';
import type { Context } from './command.ts';
import { isGoneWithin, signal } from './other-process.ts';
import { spawnPrimary } from './primary-process.ts';

const INTERRUPT_WAIT_MS = 15_000;
const TAIL_LINES = 20;

export type Ready = Extract<LaunchReport, { type: 'ready' }>;

/** The daemon's own reason why it did not start, with the exit code it asks for. */
export class LaunchFailure extends Error {
  override readonly name = 'LaunchFailure';
  readonly body: ErrorBody;
  readonly exit: ExitCode;

  constructor(body: ErrorBody, exit: ExitCode) {
    super(body.message);
    this.body = body;
    this.exit = exit;
  }
}

export interface LaunchOptions {
  readonly paths: DaemonPaths;
  /** The daemon is stopped when it has not reported by then, or when `interruption` is aborted. */
  readonly deadlineMs: number;
  readonly interruption: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** File of the primary; the built one unless a test has its own. */
  readonly program?: string;
}

/** @throws LaunchFailure, AppError START_FAILED when it died, hung or was interrupted without a report */
export async function launchDaemon(
  order: Pick<LaunchOrder, 'spec' | 'prepared'>,
  context: Pick<Context, 'env' | 'primary'>,
  options: LaunchOptions,
): Promise<Ready> {
  const { paths, interruption } = options;
  const early = makeEarlyOutput(paths);
  const primary = context.primary ?? spawnPrimary(context.env, options.program);
  const { child, pipe } = primary;
  primary.order({ ...order, stderrFile: early.file, command: process.argv[1] });
  const failed = (reason: string) => new AppError('START_FAILED', { reason, log: paths.daemonLog });
  const timeout = AbortSignal.timeout(options.deadlineMs);
  const ended = AbortSignal.any([timeout, interruption]);
  const onEnded = () => pipe.destroy();
  ended.addEventListener('abort', onEnded, { once: true });
  try {
    const report = await readReport(pipe, options.onProgress);
    if (report?.type === 'ready') return report;
    if (report?.type === 'failed') throw new LaunchFailure(report.error, report.exit);
    await stopHalfStarted(child);
    if (interruption.aborted) throw failed('it was interrupted and has been stopped');
    if (timeout.aborted) throw failed(`it said nothing for ${options.deadlineMs} ms and has been stopped`);
    throw failed(`it ended without a word${tailOf(primary.earlyWords(), early.file)}`);
  } finally {
    ended.removeEventListener('abort', onEnded);
    primary.release();
    if (early.isTemporary) rmSync(early.file, { force: true });
  }
}

/** The last report, or undefined when the pipe ended (or was closed by us) before one came. */
async function readReport(
  pipe: Readable,
  onProgress: (text: string) => void,
): Promise<Exclude<LaunchReport, { type: 'progress' }> | undefined> {
  let rest = '';
  try {
    for await (const chunk of pipe.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((text) => text !== '')) {
        const report = JSON.parse(line) as LaunchReport;
        if (report.type !== 'progress') return report;
        onProgress(report.text);
      }
    }
  } catch {
    // Closed by us, or broken by the death of the daemon.
  }
  return undefined;
}

async function stopHalfStarted(child: ChildProcess): Promise<void> {
  const target = markProcess(child.pid ?? 0);
  if (target === undefined) return;
  signal(target, 'SIGTERM');
  if (!(await isGoneWithin(target, INTERRUPT_WAIT_MS))) signal(target, 'SIGKILL');
}

/** A new file each time, so that a daemon which is still there keeps its own. */
function makeEarlyOutput(paths: DaemonPaths): { file: string; isTemporary: boolean } {
  try {
    makeDirectories(paths.runDir, 0o700);
    const file = join(paths.runDir, 'daemon.stderr');
    rmSync(file, { force: true });
    closeSync(openSync(file, 'wx', 0o600));
    return { file, isTemporary: false };
  } catch {
    const file = join(tmpdir(), `snowflake-mcp-${process.pid}.stderr`);
    rmSync(file, { force: true });
    closeSync(openSync(file, 'wx', 0o600));
    return { file, isTemporary: true };
  }
}

function tailOf(earlyWords: string, file: string): string {
  try {
    const lines = (earlyWords + readFileSync(file, 'utf8')).trimEnd().split('\n').slice(-TAIL_LINES);
    return lines.join('') === '' ? '' : `; its last words:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  } catch {
    return '';
  }
}
