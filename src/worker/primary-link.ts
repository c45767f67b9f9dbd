/**
 * A worker's side of the IPC channel: it boots on the primary's word, tells each second how it is, pushes metrics, and
 * hears of its fellows. Nothing here throws when the channel is gone.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { ErrorBody } from '../shared/errors.ts';
import {
  type Beat,
  type BusEvent,
  type FleetWorker,
  IPC_MAX_SERIES_PER_MESSAGE,
  type LeaseGrant,
  type PrimaryMessage,
  type WorkerMessage,
} from '../shared/ipc.ts';
import type { InheritedPort } from './http/listeners.ts';
import type { LeaseCarrier } from './http/primary-leases.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { FleetView } from './session/fleet-view.ts';
import type { BusCarrier } from './state/cluster-bus.ts';

type Boot = Extract<PrimaryMessage, { type: 'boot' }>;

/** What a process with an IPC channel offers; `process` itself in production. */
export interface IpcChannel {
  send?(message: WorkerMessage, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: PrimaryMessage, handle?: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  readonly connected: boolean;
}

/** The part of a beat that others know. */
type BeatFigures = Pick<
  Beat,
  'inflight' | 'connections' | 'webSockets' | 'sessions' | 'requests' | 'snowflake' | 'pool'
>;

export interface PrimaryLink {
  /** The first message; never resolves when the primary dies before. */
  booted(): Promise<Boot>;
  /** The service port that came with it. */
  bootPort(): InheritedPort | undefined;
  ready(port: number, socket: string): void;
  /** Tells why this worker cannot start; resolves when it is sent or the channel is gone. */
  failed(body: ErrorBody): Promise<void>;
  /** Starts beats and metrics, each second. */
  startReporting(metrics: Pick<WorkerMetrics, 'changes'>, figures: () => BeatFigures, beforePush: () => void): void;
  /** Sends the last metrics and `drained`, then waits at most `ms` for the primary to have them. */
  drained(ms: number): Promise<void>;
  /** Maintenance for the whole service; the next news of the fleet tells that it is so. */
  askMaintenance(isOn: boolean): void;
  /** The answer to `listen`. */
  listening(): void;
  /**
   * The primary wants the service port open, as the worker of this slot, or closed. The port comes along when the service
   * manager opened it.
   */
  onDoor(listen: (slot: number, port: InheritedPort | undefined) => void, unlisten: () => void): void;
  /** Hears of it even when it was said before. */
  onDrain(listener: (deadlineMs: number, lameDuckMs: number) => void): void;
  onPrimaryLost(listener: () => void): void;
  /** Carries events to the other workers of the host. */
  readonly bus: BusCarrier;
  readonly leases: LeaseCarrier;
  /** Lag and loop utilisation of the last beat. */
  lastLoop(): { lagMs: number; elu: number };
  /** Worst lag of the last beats, so that a scrape now and then sees a short block too. */
  recentLagMs(): number;
  fleet(boot: Boot, isDraining: () => boolean): FleetView;
}

const BEAT_EVERY_MS = 1000;
/** Prometheus usually asks each 15 s. */
const RECENT_BEATS = 15;
/** The measurement wakes an idle worker as often; a loop that is on time shows about this much. */
const LAG_RESOLUTION_MS = 20;

class FleetNews {
  workers: readonly FleetWorker[] = [];
  maintenanceSinceMs: number | undefined;
  newest = 0;
  readonly listeners = new Set<() => void>();

  take({ workers, maintenanceSinceMs }: Extract<PrimaryMessage, { type: 'fleet' }>): void {
    this.workers = workers;
    this.maintenanceSinceMs = maintenanceSinceMs;
    for (const worker of workers) this.newest = Math.max(this.newest, worker.incarnation);
    for (const listener of [...this.listeners]) listener();
  }

  changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.listeners.add(done);
    });
  }
}

function createBeats() {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  let lastElu = performance.eventLoopUtilization();
  let seq = 0;
  let loop = { lagMs: 0, elu: 0 };
  let recent: readonly number[] = [];
  return {
    loop: () => loop,
    recentLagMs: () => Math.max(0, ...recent),
    next: (figures: BeatFigures): Beat => {
      const now = performance.eventLoopUtilization();
      const elu = performance.eventLoopUtilization(now, lastElu).utilization;
      lastElu = now;
      loop = { lagMs: Math.max(0, delay.max / 1e6 - LAG_RESOLUTION_MS), elu: Math.min(1, Math.max(0, elu)) };
      recent = [...recent, loop.lagMs].slice(-RECENT_BEATS);
      delay.reset();
      const memory = process.memoryUsage();
      return { type: 'beat', seq: seq++, ...loop, rssBytes: memory.rss, heapBytes: memory.heapUsed, ...figures };
    },
  };
}

export function createPrimaryLink(channel: IpcChannel): PrimaryLink {
  const news = new FleetNews();
  const beats = createBeats();
  let hearDrain: ((deadlineMs: number, lameDuckMs: number) => void) | undefined;
  /** Said before anybody listened: a stop during the boot. */
  let earlyDrain: readonly [number, number] | undefined;
  let hearListen: (slot: number, port: InheritedPort | undefined) => void = () => {};
  let hearUnlisten: () => void = () => {};
  let hearGrants: (grants: readonly LeaseGrant[]) => void = () => {};
  let hearEvents: (events: readonly BusEvent[]) => void = () => {};
  const lostListeners: (() => void)[] = [];
  let push: () => Promise<void> = async () => {};
  let hearBoot: (boot: Boot) => void = () => {};
  let bootPort: InheritedPort | undefined;
  let hearFlushed: () => void = () => {};
  const boot = new Promise<Boot>((resolve) => {
    hearBoot = resolve;
  });
  const flushed = new Promise<void>((resolve) => {
    hearFlushed = resolve;
  });

  const send = (message: WorkerMessage): Promise<void> =>
    new Promise((resolve) => {
      if (!channel.connected || channel.send === undefined) return resolve();
      try {
        channel.send(message, () => resolve());
      } catch {
        resolve();
      }
    });

  channel.on('message', (message, handle) => {
    const port = handle as InheritedPort | undefined;
    if (message.type === 'boot') {
      bootPort = port;
      hearBoot(message);
    } else if (message.type === 'leased') hearGrants(message.grants);
    else if (message.type === 'published') hearEvents(message.events);
    else if (message.type === 'fleet') news.take(message);
    else if (message.type === 'flushed') hearFlushed();
    else if (message.type === 'listen') hearListen(message.slot, port);
    else if (message.type === 'unlisten') hearUnlisten();
    else if (message.type === 'drain') {
      if (hearDrain === undefined) earlyDrain = [message.deadlineMs, message.lameDuckMs];
      else hearDrain(message.deadlineMs, message.lameDuckMs);
    }
  });
  channel.on('disconnect', () => {
    for (const hear of lostListeners) hear();
  });
  void send({ type: 'hello' });

  return {
    booted: () => boot,
    bootPort: () => bootPort,
    ready: (port, socket) => void send({ type: 'ready', port, socket }),
    failed: (body) => send({ type: 'failed', body }),
    startReporting: (metrics, figures, beforePush) => {
      const pushNow = async () => {
        beforePush();
        const series = await metrics.changes();
        // Also when nothing has changed: the primary tells how old the figures are.
        for (let at = 0; at === 0 || at < series.length; at += IPC_MAX_SERIES_PER_MESSAGE) {
          await send({ type: 'metrics', series: series.slice(at, at + IPC_MAX_SERIES_PER_MESSAGE) });
        }
      };
      let last = Promise.resolve();
      let unfinished = 0;
      // One after the other, so that no figure follows a newer one.
      push = () => {
        unfinished += 1;
        last = last.then(pushNow).finally(() => {
          unfinished -= 1;
        });
        return last;
      };
      const tick = () => {
        void send(beats.next(figures()));
        // A channel that is full gets the newest figures when it takes more again.
        if (unfinished === 0) void push();
      };
      tick();
      setInterval(tick, BEAT_EVERY_MS).unref();
    },
    drained: async (ms) => {
      await push();
      await send({ type: 'drained' });
      if (!channel.connected) return;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([flushed, deadline]);
      clearTimeout(timer);
    },
    listening: () => void send({ type: 'listening' }),
    askMaintenance: (isOn) => void send({ type: 'maintenance', isOn }),
    onDoor: (listen, unlisten) => {
      hearListen = listen;
      hearUnlisten = unlisten;
    },
    onDrain: (listener) => {
      hearDrain = listener;
      if (earlyDrain !== undefined) listener(...earlyDrain);
    },
    onPrimaryLost: (listener) => void lostListeners.push(listener),
    bus: {
      send: (events) => void send({ type: 'publish', events: [...events] }),
      onEvents: (listener) => {
        hearEvents = listener;
      },
    },
    leases: {
      send: (asks) => void send({ type: 'lease', asks: [...asks] }),
      onGrants: (listener) => {
        hearGrants = listener;
      },
    },
    lastLoop: () => beats.loop(),
    recentLagMs: () => beats.recentLagMs(),
    fleet: (facts, isDraining) => ({
      daemon: facts.daemonId,
      incarnation: facts.incarnation,
      workers: () => news.workers,
      newest: () => Math.max(news.newest, facts.incarnation),
      maintenanceSinceMs: () => news.maintenanceSinceMs,
      isInMaintenance: () => news.maintenanceSinceMs !== undefined,
      isDraining,
      changed: (ms) => news.changed(ms),
      onChange: (listener) => {
        news.listeners.add(listener);
        return () => news.listeners.delete(listener);
      },
    }),
  };
}
