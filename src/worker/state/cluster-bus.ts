/**
 * Events between workers: what one publishes, every worker hears, the publisher included.
 *
 * Best effort: nothing is kept for a worker that starts later, and order holds only between events of one publisher.
 * Events leave in batches, so that a burst neither floods the primary nor makes this worker unfit; what does not fit is
 * dropped and counted. Who needs certainty keeps a record in a store and publishes that it changed.
 */
import { BUS_BODY_MAX, BUS_MAX_EVENTS_PER_MESSAGE, type BusEvent } from '../../shared/ipc.ts';
import type { Recorder } from '../../shared/metrics.ts';

export interface ClusterBus {
  /** Never throws. `body` must survive JSON, with at most BUS_BODY_MAX characters. */
  publish(topic: string, body: unknown): void;
  /** Returns the way to stop. A listener that throws does not keep others from hearing. */
  subscribe(topic: string, listener: (body: unknown) => void): () => void;
}

/** A way to other workers: the primary on one host, Redis for several. */
export interface BusCarrier {
  /** Rejects when nobody took them. */
  send(events: readonly BusEvent[]): Promise<void> | void;
  /** Called once; events of others only, undefined for what came and is none. */
  onEvents(listener: (events: readonly BusEvent[] | undefined) => void): void;
}

export interface ClusterBusOptions {
  readonly carriers: readonly BusCarrier[];
  /** Events that may wait for the next batch. */
  readonly maxWaiting: number;
  readonly recorder: Pick<Recorder, 'count'>;
  /** Calls back once after a while. */
  readonly later?: (ms: number, then: () => void) => void;
}

/** A batch leaves this often: 40 messages a second at most, 2,000 events. */
const BATCH_EVERY_MS = 25;

const laterByTimer = (ms: number, then: () => void): void => {
  setTimeout(then, ms).unref();
};

export function createClusterBus(options: ClusterBusOptions): ClusterBus {
  const { carriers, maxWaiting, recorder, later = laterByTimer } = options;
  const dropped = (reason: 'full' | 'unreachable' | 'invalid', events = 1) =>
    recorder.count('mcp_bus_dropped_total', { reason }, events);
  const listeners = new Map<string, Set<(body: unknown) => void>>();
  const waiting: BusEvent[] = [];
  let isArmed = false;

  const deliver = ({ topic, body }: BusEvent) => {
    for (const listener of [...(listeners.get(topic) ?? [])]) {
      try {
        listener(JSON.parse(body));
      } catch {
        dropped('invalid');
      }
    }
  };

  const flush = () => {
    isArmed = false;
    const batch = waiting.splice(0, BUS_MAX_EVENTS_PER_MESSAGE);
    const lost = () => dropped('unreachable', batch.length);
    if (batch.length > 0) for (const carrier of carriers) Promise.resolve(carrier.send(batch)).catch(lost);
    if (waiting.length > 0) arm();
  };
  const arm = () => {
    if (isArmed) return;
    isArmed = true;
    later(BATCH_EVERY_MS, flush);
  };

  for (const carrier of carriers) {
    carrier.onEvents((events) => (events === undefined ? dropped('invalid') : events.forEach(deliver)));
  }
  return {
    publish: (topic, content) => {
      const body = JSON.stringify(content ?? null);
      const event = { topic, body };
      queueMicrotask(() => deliver(event));
      if (carriers.length === 0) return;
      if (waiting.length >= maxWaiting || body.length > BUS_BODY_MAX) return dropped('full');
      waiting.push(event);
      arm();
    },
    subscribe: (topic, listener) => {
      const known = listeners.get(topic) ?? new Set();
      listeners.set(topic, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0 && listeners.get(topic) === known) listeners.delete(topic);
      };
    },
  };
}
