/**
 * What the primary and a worker say to each other over the IPC channel.
 *
 * The primary trusts nothing: every message of a worker is checked against `workerMessageSchema` (bounded texts and
 * arrays), and a worker that sends anything else is limited and recycled. Messages of the primary are trusted: a worker
 * has no other parent.
 */
import { z } from 'zod';
import type { Config } from './config/schema.ts';

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const amount = z.number().nonnegative();

const poolFigures = z.strictObject({
  active: count,
  idle: count,
  total: count,
  max: count,
  waiting: count,
  peak: count,
  oldestWaitMs: amount,
});

/** What a worker tells about itself each second. */
export const beatSchema = z.strictObject({
  type: z.literal('beat'),
  seq: count,
  /** Worst event loop lag since the last beat. */
  lagMs: amount,
  /** Event loop utilisation since the last beat, 0..1. */
  elu: z.number().min(0).max(1),
  rssBytes: count,
  heapBytes: count,
  inflight: count,
  connections: count,
  webSockets: count.optional(),
  sessions: count,
  requests: count,
  /** `unknown` until the first statement or check; then what the last login or statement showed. */
  snowflake: z.enum(['healthy', 'unhealthy', 'unknown']),
  pool: poolFigures,
});

/** One changed series; values are absolute since the worker started. Histogram `buckets` are cumulative without +Inf. */
const seriesSchema = z.union([
  z.strictObject({ name: z.string().max(100), labels: z.array(z.string().max(200)).max(6), value: z.number() }),
  z.strictObject({
    name: z.string().max(100),
    labels: z.array(z.string().max(200)).max(6),
    buckets: z.array(count).max(40),
    sum: z.number(),
    count: count,
  }),
]);

export const IPC_MAX_SERIES_PER_MESSAGE = 500;

/** Of one event between workers: characters of its topic and of its body as JSON. */
export const BUS_TOPIC_MAX = 100;
export const BUS_BODY_MAX = 16_384;
export const BUS_MAX_EVENTS_PER_MESSAGE = 50;

export const busEventSchema = z.strictObject({
  topic: z.string().min(1).max(BUS_TOPIC_MAX),
  /** JSON; the primary passes it on without reading it. */
  body: z.string().max(BUS_BODY_MAX),
});

export const LEASE_MAX_ASKS = 100;
const leaseAmount = z.number().int().min(1).max(10_000_000);

/** How much of a limit per minute a worker wants to give out by itself. */
const leaseAskSchema = z.strictObject({
  id: count,
  key: z.string().min(1).max(64),
  amount: leaseAmount,
  perMinute: leaseAmount,
  reserve: z.number().int().min(0).max(100_000_000),
});

export const workerMessageSchema = z.discriminatedUnion('type', [
  /** The worker listens to this channel. What is sent before is lost: a module program starts after the channel is read. */
  z.strictObject({ type: z.literal('hello') }),
  /** The worker can serve and has passed its self check. `socket` reaches this incarnation alone; `port` is 0 while it is told to stay off the service port. */
  z.strictObject({ type: z.literal('ready'), port: z.number().int().min(0).max(65_535), socket: z.string().max(107) }),
  /** The answer to `listen`: the service port is open in this worker. */
  z.strictObject({ type: z.literal('listening') }),
  /** The worker cannot start; it exits right after. `body` is an ErrorBody. */
  z.strictObject({
    type: z.literal('failed'),
    body: z.strictObject({
      code: z.string().max(60),
      message: z.string().max(4000),
      next: z.string().max(1000),
      retry: z.boolean(),
    }),
  }),
  beatSchema,
  z.strictObject({ type: z.literal('metrics'), series: z.array(seriesSchema).max(IPC_MAX_SERIES_PER_MESSAGE) }),
  /** For every other worker; answered by nothing. */
  z.strictObject({ type: z.literal('publish'), events: z.array(busEventSchema).max(BUS_MAX_EVENTS_PER_MESSAGE) }),
  /** Answered by `leased`. */
  z.strictObject({ type: z.literal('lease'), asks: z.array(leaseAskSchema).max(LEASE_MAX_ASKS) }),
  /** A person asked this worker to turn maintenance on or off for the whole service; the answer is the next `fleet`. */
  z.strictObject({ type: z.literal('maintenance'), isOn: z.boolean() }),
  /** All connections are closed and the last metrics are sent; the worker exits when `flushed` comes back (or after 500 ms). */
  z.strictObject({ type: z.literal('drained') }),
]);

export type WorkerMessage = z.output<typeof workerMessageSchema>;
export type Beat = z.output<typeof beatSchema>;
export type LeaseAsk = z.output<typeof leaseAskSchema>;
export type BusEvent = z.output<typeof busEventSchema>;
export type Series = z.output<typeof seriesSchema>;
export type PoolFigures = z.output<typeof poolFigures>;

/** One worker as the fleet sees it; `incarnation` never repeats while the primary lives. */
export interface FleetWorker {
  /** -1 for the spare. */
  readonly slot: number;
  readonly incarnation: number;
  readonly pid: number;
  /** `ready` takes calls; `standby` and `spare` could, but do not listen on the service port. */
  readonly state: string;
  /** Unix socket of the incarnation; empty until it is ready. */
  readonly socket: string;
  readonly startedAtMs: number;
  readonly restarts: number;
  readonly beat?: Beat;
}

export interface LeaseGrant {
  readonly id: number;
  readonly granted: number;
  readonly expiresInMs: number;
}

export type PrimaryMessage =
  /** The answer to `hello`, the first message to a worker; nothing is opened before it. */
  | {
      type: 'boot';
      config: Config;
      version: string;
      /** -1 for the spare, which is told its place by `listen`. */
      slot: number;
      /** `own`: only on the worker's own socket, until `listen`. */
      listen: 'shared' | 'own';
      incarnation: number;
      generation: number;
      primaryPid: number;
      /** Directory for the worker's own socket, 0700. */
      runDir: string;
      stateDir: string;
      /** Address of the primary's HTTP port, e.g. `http://127.0.0.1:8001`. */
      opsUrl: string;
      /** Names this start of the daemon among all daemons that share a store. */
      daemonId: string;
      /** Wall clock of the daemon's start. */
      daemonStartedAtMs: number;
      demo: boolean;
    }
  /** Open the service port as the worker of this slot; answered by `listening`. */
  | { type: 'listen'; slot: number }
  /** Close the service port and serve on: connections that are open stay. `listen` may follow. */
  | { type: 'unlisten' }
  /** Finish calls, take no new connections, exit within `deadlineMs`. */
  | { type: 'drain'; deadlineMs: number; lameDuckMs: number }
  /** All incarnations that live now; sent at each change and each second. Sessions of others may be adopted. */
  | {
      type: 'fleet';
      generation: number;
      workers: readonly FleetWorker[];
      /** Wall clock; left out unless the service is in maintenance: then nothing new begins. */
      maintenanceSinceMs?: number;
    }
  /** What a worker may give out, by the ids of its questions. */
  | { type: 'leased'; grants: readonly LeaseGrant[] }
  /** What another worker has published. */
  | { type: 'published'; events: readonly BusEvent[] }
  | { type: 'flushed' };
