/**
 * What the command line hands to the daemon it starts, and what the daemon says back, both over an inherited pipe (fd 3).
 *
 * A reload reads the configuration again from the sources that are named here.
 */
import type { Config } from './config/schema.ts';
import type { ErrorBody } from './errors.ts';
import type { ExitCode } from './exit-codes.ts';

/** Sources of the configuration and the flags of `start`; kept for `restart` and `reload`. */
export interface LaunchSpec {
  /** Directory relative paths and `.env` are looked up in. */
  readonly cwd: string;
  readonly configFile?: string;
  /** Name of --env: config/<name>.yaml. */
  readonly environment?: string;
  /** Flags as dotted keys of the configuration, e.g. `{ 'server.port': 8100 }`. */
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  readonly demo: boolean;
  /** False: the daemon stays in front of the terminal. */
  readonly detached: boolean;
}

/** What a daemon starts from. */
export interface LaunchOrder {
  readonly spec: LaunchSpec;
  /** What the command loaded and checked; without it the daemon loads and checks itself. */
  readonly prepared?: PreparedConfig;
  /** Where it writes what it prints to its standard error from now on. */
  readonly stderrFile?: string;
  /** The file that was run as the command, by the name it was called: a link to it is followed again at each start of a worker. */
  readonly command?: string | undefined;
}

export interface PreparedConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** Environment variables that set a key of the configuration. */
  readonly variables: readonly string[];
}

/** Environment variable of src/primary/main: the LaunchSpec as JSON (no secret in it), or `pipe`. */
export const LAUNCH_VARIABLE = 'SNOWFLAKE_MCP_LAUNCH';

/** The LaunchOrder comes as one line of JSON over the pipe; none, and the end of it, means that nothing is to be started. */
export const LAUNCH_BY_PIPE = 'pipe';

/** File descriptor of the pipe on which a detached daemon tells how its start goes. */
export const LAUNCH_PIPE_FD = 3;

export type LaunchReport =
  | { type: 'progress'; text: string }
  | { type: 'ready'; pid: number; url: string; metricsUrl: string; logFile: string; workers: number; demo: boolean }
  | { type: 'failed'; error: ErrorBody; exit: ExitCode };
