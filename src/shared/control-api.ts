/**
 * What the command line asks of a running primary, over its control socket: one JSON line in, JSON lines out.
 *
 * The answer is any number of `progress` lines, then one `result` or `error` line, then the end of the stream.
 */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import type { Beat, PoolFigures } from './ipc.ts';

/** Longest request line; longer ones are refused before they are parsed. */
export const CONTROL_MAX_REQUEST_BYTES = 64 * 1024;

export const controlRequestSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('status') }),
  z.strictObject({ command: z.literal('stop'), timeoutMs: z.number().int().min(0).max(3_600_000) }),
  /** Answers when the reload has ended; progress lines tell each step. */
  z.strictObject({ command: z.literal('reload') }),
  z.strictObject({ command: z.literal('scale'), count: z.number().int().min(1).max(256) }),
  z.strictObject({ command: z.literal('reopen-logs') }),
  /** Turns maintenance on or off when `set` is given; answered with the status in any case. */
  z.strictObject({ command: z.literal('maintenance'), set: z.boolean().optional() }),
]);

export type ControlRequest = z.output<typeof controlRequestSchema>;

export interface WorkerStatus {
  /** -1 for the spare. */
  readonly slot: number;
  /** Number of the process, which never repeats while the daemon lives; 0 while none runs. */
  readonly incarnation: number;
  /** Unix socket that reaches this process alone; empty until it is ready. */
  readonly socket: string;
  /** 0 while no process runs. */
  readonly pid: number;
  readonly state: string;
  readonly uptimeSeconds: number;
  readonly restarts: number;
  /** Class and code of the last end, e.g. `killed (SIGKILL)`; empty when there was none. */
  readonly lastExit: string;
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly lagMs: number;
  readonly sessions: number;
  readonly inflight: number;
  /** What it said last about its connections to Snowflake; left out until it has. */
  readonly pool?: PoolFigures;
  /** What its last login, statement or check showed; left out until it has told. */
  readonly snowflake?: Beat['snowflake'];
}

export interface DaemonStatus {
  /** ISO time; left out unless the service is in maintenance: then no session and no query begins. */
  readonly maintenanceSince?: string;
  /** The worker that waits for a slot, when workers.spare is on. */
  readonly spare?: WorkerStatus;
  /** True while no worker takes calls, by order (SIGWINCH). */
  readonly isPaused?: boolean;
  readonly pid: number;
  readonly version: string;
  readonly demo: boolean;
  readonly generation: number;
  readonly uptimeSeconds: number;
  readonly state: 'starting' | 'running' | 'reloading' | 'stopping';
  /** e.g. `http://127.0.0.1:8000` */
  readonly url: string;
  readonly metricsUrl: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly workers: readonly WorkerStatus[];
  readonly reload?: { readonly step: string; readonly startedSecondsAgo: number };
  readonly lastReload?: { readonly ok: boolean; readonly reason: string };
}

export type ControlReply =
  | { type: 'progress'; text: string }
  | { type: 'result'; data: DaemonStatus | { readonly text: string } }
  | { type: 'error'; error: ErrorBody };
