/** The form of a command, the options all of them share, and how these become the sources of the configuration. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { FLAG_KEYS } from '../shared/config/flags.ts';
import { loadLocation } from '../shared/config/load.ts';
import type { ExitCode } from '../shared/exit-codes.ts';
import type { LaunchSpec } from '../shared/launch.ts';
import { type DaemonPaths, daemonPaths } from '../shared/paths.ts';
import type { PrimaryProcess } from './primary-process.ts';
import { type Terminal, tellWarnings } from './terminal.ts';
import { UsageError } from './values.ts';

export interface Context {
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * From now on the first Ctrl-C (or TERM) aborts this signal instead of ending the command; the second one ends it.
   * @param also further signals that do
   */
  readonly interruption: (also?: NodeJS.Signals) => AbortSignal;
  /** The same for a command that goes on for as long as somebody reads: the end of its reader (`| head`) aborts it too. */
  readonly endOfReading: () => AbortSignal;
  /** A process that boots already to become the primary. */
  readonly primary?: PrimaryProcess;
}

/** Options of every command. */
export interface SharedArgs {
  readonly config?: string | undefined;
  readonly env?: string | undefined;
  readonly 'pid-file'?: string | undefined;
}

export interface Command<Args> {
  /** As yargs writes it: `scale <count>`. */
  readonly words: string;
  readonly says: string;
  readonly options: (yargs: Argv<SharedArgs>) => Argv<Args>;
  /** Undefined when this process has become the daemon and ends by its own rules. */
  readonly run: (args: Args, context: Context) => Promise<ExitCode | undefined>;
}

export const CONFIG_OPTIONS = {
  host: { type: 'string', describe: 'Address to listen on (localhost)' },
  port: { type: 'string', describe: 'Port to listen on, 0 for a free one (8000)' },
  workers: { type: 'string', describe: 'Worker processes: max or a number (max)' },
  'metrics-port': { type: 'string', describe: 'Port of the metrics and status pages (8001)' },
  'log-file': { type: 'string', describe: 'File of the daemon log; the others stand beside it' },
  'working-dir': { type: 'string', describe: 'Directory where relative paths of the configuration start' },
} as const;

/** The sources of the configuration as the arguments name them. */
export function specOf(args: Readonly<Record<string, unknown>>, context: Context, detached = true): LaunchSpec {
  const flags: Record<string, string> = {};
  for (const [flag, key] of Object.entries(FLAG_KEYS)) {
    const value = args[flag];
    if (value !== undefined) flags[key] = absolutePath(flag, String(value), context.cwd);
  }
  return {
    cwd: context.cwd,
    ...(typeof args.config === 'string' ? { configFile: resolve(context.cwd, args.config) } : {}),
    ...(typeof args.env === 'string' ? { environment: args.env } : {}),
    flags,
    demo: args.demo === true,
    detached,
  };
}

const PATH_FLAGS: readonly string[] = ['pid-file', 'log-file', 'working-dir'];

/** Paths of flags start where the command is run, also when `restart` uses them again from elsewhere. */
function absolutePath(flag: string, value: string, cwd: string): string {
  // A variable of a script that is not set would name a daemon of its own.
  if (PATH_FLAGS.includes(flag) && value.trim() === '') throw new UsageError(`--${flag} is empty: it takes a path`);
  return PATH_FLAGS.includes(flag) && !value.startsWith('~') ? resolve(cwd, value) : value;
}

/** Where the daemon of these arguments keeps its files, also when the configuration is wrong elsewhere. */
export function pathsOf(args: SharedArgs, context: Context): DaemonPaths {
  const { config, warnings } = loadLocation(specOf({ ...args }, context), context.env);
  tellWarnings(context.terminal, warnings);
  return daemonPaths(config, context.cwd, context.env);
}
