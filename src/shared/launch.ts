/**
 * What the command line hands to the daemon it starts, and what the daemon says back over the inherited pipe (fd 3).
 *
 * The daemon loads the configuration itself from the same sources, so that a later reload reads them again.
 */
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

/** Environment variable that carries the LaunchSpec as JSON to src/primary/main; it holds no secret. */
export const LAUNCH_VARIABLE = 'SNOWFLAKE_MCP_LAUNCH';

/** File descriptor of the pipe on which a detached daemon tells how its start goes. */
export const LAUNCH_PIPE_FD = 3;

export type LaunchReport =
  | { type: 'progress'; text: string }
  | { type: 'ready'; pid: number; url: string; metricsUrl: string; logFile: string; workers: number; demo: boolean }
  | { type: 'failed'; error: ErrorBody; exit: ExitCode };
