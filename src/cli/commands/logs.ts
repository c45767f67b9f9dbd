/** `logs`: prints and follows the log files, or has the daemon open them again after an outside rotation. */
import { setMaxListeners } from 'node:events';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadLocation } from '../../shared/config/load.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import { recallLaunch } from '../../shared/launch-file.ts';
import { type DaemonPaths, daemonPaths } from '../../shared/paths.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { ask, askStatus } from '../control-client.ts';
import { followLines, lastLines } from '../log-file.ts';
import { createLineFilter, LEVELS, type Level, mergeLogs } from '../log-filter.ts';
import { moment, wholeNumber } from '../values.ts';

interface LogsArgs extends SharedArgs {
  readonly follow: boolean;
  readonly reopen: boolean;
  readonly worker?: number | undefined;
  readonly level?: Level | undefined;
  readonly since?: number | undefined;
  readonly lines?: number | undefined;
}

const REOPEN_DEADLINE_MS = 10_000;
const STANDARD_LINES = 100;
const MAX_LINES = 1_000_000;
/** Lines of one moment reach the files one after the other. */
const MERGE_LAG_MS = 2000;
const LOOK_FOR_FILES_MS = 1000;

export const logsCommand: Command<LogsArgs> = {
  words: 'logs',
  says: 'Prints the last lines of the log; -f follows it',
  options: (yargs) =>
    yargs.options({
      follow: { alias: 'f', type: 'boolean', default: false, describe: 'Print new lines as they come' },
      worker: { describe: 'Only of this worker', requiresArg: true, coerce: wholeNumber('--worker', 0, 255) },
      level: { choices: LEVELS, describe: 'Only lines of this level and above' },
      since: {
        describe: 'Only lines since then, 10m or a date; of rotated files too',
        requiresArg: true,
        coerce: moment('--since', Date.now),
      },
      lines: {
        alias: 'n',
        describe: `Number of lines (${STANDARD_LINES}; all with --since)`,
        requiresArg: true,
        coerce: wholeNumber('--lines', 0, MAX_LINES),
      },
      reopen: { type: 'boolean', default: false, describe: 'Tell the daemon to open its log files again' },
    }),
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    if (args.reopen) return reopen(paths, context);
    const { files, laterFiles } = chooseFiles(await runningLog(paths, context), args.worker);
    const count = args.lines ?? (args.since === undefined ? STANDARD_LINES : MAX_LINES);
    const logs = await Promise.all(files.map((file) => readLog(file, count, args)));
    for (const line of mergeLogs(logs.map(({ lines }) => lines)).slice(-count)) context.terminal.print(line);
    if (!args.follow) return EXIT.ok;
    const end = context.endOfReading();
    // Every file is followed until then, however many there are.
    setMaxListeners(0, end);
    const accepts = createLineFilter({ level: args.level, sinceMs: args.since });
    const known = new Set(files);
    const following = logs.map((log) => follow(log, end, context));
    for await (const file of laterFiles(known, end)) following.push(follow({ file, accepts, end: 0 }, end, context));
    await Promise.all(following);
    return EXIT.ok;
  },
};

interface OpenedLog {
  readonly file: string;
  readonly end: number;
  readonly accepts: (line: string) => boolean;
}

async function readLog(
  file: string,
  count: number,
  { level, since }: LogsArgs,
): Promise<OpenedLog & { readonly lines: readonly string[] }> {
  const accepts = createLineFilter({ level, sinceMs: since });
  return { file, accepts, ...(await lastLines(file, count, accepts, since)) };
}

async function follow({ file, end, accepts }: OpenedLog, until: AbortSignal, { terminal }: Context): Promise<void> {
  for await (const line of followLines(file, end, until)) if (accepts(line)) terminal.print(line);
}

async function reopen(paths: DaemonPaths, { terminal }: Context): Promise<ExitCode> {
  const result = await ask(paths, { command: 'reopen-logs' }, { deadlineMs: REOPEN_DEADLINE_MS });
  terminal.print('text' in result ? result.text : 'Log files reopened');
  return EXIT.ok;
}

/**
 * Where the daemon says it writes: it may have been started with --log-file. Without an answer, where the last one was
 * told to write, and without a last one the configured place.
 */
async function runningLog(paths: DaemonPaths, { env }: Context): Promise<string> {
  try {
    return (await askStatus(paths)).logFile;
  } catch {
    const last = recallLaunch(paths);
    if (last === undefined) return paths.daemonLog;
    return daemonPaths(loadLocation(last, env).config, last.cwd, env).daemonLog;
  }
}

interface Chosen {
  readonly files: readonly string[];
  /** Files that come after these: of workers that were added. Ends with the signal. */
  laterFiles(known: Set<string>, until: AbortSignal): AsyncIterable<string>;
}

/**
 * The file with all lines when they are merged, else those of the daemon and of each worker. A merged file that is older
 * than the daemon's own was left when merging was turned off.
 */
function chooseFiles(daemonLog: string, worker: number | undefined): Chosen {
  const directory = dirname(daemonLog);
  const only = (file: string): Chosen => ({ files: [file], laterFiles: async function* () {} });
  if (worker !== undefined) return only(existing(join(directory, `worker-${worker}.log`)));
  const merged = join(directory, 'application.log');
  const isCurrent = existsSync(merged) && statSync(merged).mtimeMs >= writtenAt(daemonLog) - MERGE_LAG_MS;
  if (isCurrent) return only(existing(merged));
  return {
    files: [existing(daemonLog), ...workerLogs(existing(directory))],
    laterFiles: async function* (known, until) {
      while (!until.aborted) {
        for (const file of workerLogs(directory).filter((name) => !known.has(name))) {
          known.add(file);
          yield file;
        }
        await sleep(LOOK_FOR_FILES_MS, undefined, { signal: until }).catch(() => {});
      }
    },
  };
}

/** None while the directory is away. */
function workerLogs(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => /^worker-(\d+|spare)\.log$/.test(name));
    return names.map((name) => join(directory, name)).filter((file) => existsSync(file));
  } catch {
    return [];
  }
}

function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function existing(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    const reason = isThere ? 'it cannot be read by this user' : 'there is no such file';
    throw new AppError('PATH_UNUSABLE', { what: 'log', path, reason }, { cause: error });
  }
}
