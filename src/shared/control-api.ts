/**
 * What the command line asks of a running primary, over its control socket: one JSON line in, JSON lines out.
 *
 * The answer is any number of `progress` lines, then one `result` or `error` line, then the end of the stream.
 */
import { z } from 'zod';
import type { ErrorBody } from './errors.ts';
import { beatSchema } from './ipc.ts';

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

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

export const workerStatusSchema = z.strictObject({
  slot: z.number().int().min(-1).meta({ description: '-1 for the spare.' }),
  incarnation: count.meta({
    description: 'Number of the process, which never repeats while the daemon lives; 0 while none runs.',
  }),
  socket: z.string().meta({ description: 'Unix socket that reaches this process alone; empty until it is ready.' }),
  pid: count.meta({ description: '0 while no process runs.' }),
  state: z.string(),
  uptimeSeconds: amount,
  restarts: count,
  lastExit: z.string().meta({
    description: 'Class and code of the last end, e.g. `killed (SIGKILL)`; empty when there was none.',
  }),
  cpuPercent: amount,
  rssBytes: count,
  lagMs: amount,
  sessions: count,
  inflight: count,
  pool: beatSchema.shape.pool.exactOptional().meta({
    description: 'What it said last about its connections to Snowflake; left out until it has.',
  }),
  snowflake: beatSchema.shape.snowflake.exactOptional().meta({
    description: 'What its last login, statement or check showed; left out until it has told.',
  }),
});

export type WorkerStatus = Readonly<z.output<typeof workerStatusSchema>>;

/** What `status --json`, the control socket and /status of the primary answer. */
export const daemonStatusSchema = z.strictObject({
  maintenanceSince: z.iso.datetime().exactOptional().meta({
    description: 'Left out unless the service is in maintenance: then no session and no query begins.',
  }),
  spare: workerStatusSchema
    .exactOptional()
    .meta({ description: 'The worker that waits for a slot, when workers.spare is on.' }),
  isPaused: z.boolean().exactOptional().meta({ description: 'True while no worker takes calls, by order (SIGWINCH).' }),
  pid: count,
  version: z.string(),
  demo: z.boolean(),
  generation: count,
  uptimeSeconds: amount,
  state: z.enum(['starting', 'running', 'reloading', 'stopping']),
  url: z.string().meta({ description: 'Of the service, e.g. `http://127.0.0.1:8000`.' }),
  metricsUrl: z.string(),
  logFile: z.string(),
  pidFile: z.string(),
  workers: z.array(workerStatusSchema).readonly(),
  reload: z.strictObject({ step: z.string(), startedSecondsAgo: amount }).exactOptional(),
  lastReload: z.strictObject({ ok: z.boolean(), reason: z.string() }).exactOptional(),
});

export type DaemonStatus = Readonly<z.output<typeof daemonStatusSchema>>;

export type ControlReply =
  | { type: 'progress'; text: string }
  | { type: 'result'; data: DaemonStatus | { readonly text: string } }
  | { type: 'error'; error: ErrorBody };
