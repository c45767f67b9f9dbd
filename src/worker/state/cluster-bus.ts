/**
 * Events between workers: what one publishes, every worker hears, the publisher included.
 *
 * Best effort: nothing is kept for a worker that starts later, and order holds only between events of one publisher.
 * Events leave in batches, so that a burst neither floods the primary nor makes this worker unfit; what does not fit is
 * dropped and counted. Who needs certainty keeps a record in a store and publishes that it changed.
 */
import { BUS_BODY_MAX, BUS_MAX_EVENTS_PER_MESSAGE, BUS_TOPIC_MAX, type BusEvent } from '../../shared/ipc.ts';
import type { Recorder } from '../../shared/metrics.ts';

export interface ClusterBus {
  /** Never throws. `body` must survive JSON; over BUS_BODY_MAX characters of it, or BUS_TOPIC_MAX of topic, it is dropped. */
  publish(topic: string, body: unknown): void;
  /** Returns the way to stop. A listener that throws does not keep others from hearing. */
  subscribe(topic: string, listener: (body: unknown) => void): () => void;
}

/** A way to other workers: the primary on one host, Redis for several. */
export interface BusCarrier {
  send(events: readonly BusEvent[]): void;
  /** Called once; events of others only. */
  onEvents(listener: (events: readonly BusEvent[]) => void): void;
}

export interface ClusterBusOptions {
  readonly carriers: readonly BusCarrier[];
  readonly recorder: Pick<Recorder, 'count'>;
  /** Calls back once after a while. */
  readonly later?: (ms: number, then: () => void) => void;
}

/** A batch leaves this often: 40 messages a second at most, 2,000 events. */
const BATCH_EVERY_MS = 25;
const WAITING_MAX = 1000;

const laterByTimer = (ms: number, then: () => void): void => {
  setTimeout(then, ms).unref();
};

export function createClusterBus({ carriers, recorder, later = laterByTimer }: ClusterBusOptions): ClusterBus {
  const listeners = new Map<string, Set<(body: unknown) => void>>();
  const waiting: BusEvent[] = [];
  let isArmed = false;

  const deliver = ({ topic, body }: BusEvent) => {
    for (const listener of [...(listeners.get(topic) ?? [])]) {
      try {
        listener(JSON.parse(body));
      } catch {
        recorder.count('mcp_bus_dropped_total', { reason: 'listener' });
      }
    }
  };

  const flush = () => {
    isArmed = false;
    const batch = waiting.splice(0, BUS_MAX_EVENTS_PER_MESSAGE);
    if (batch.length > 0) for (const carrier of carriers) carrier.send(batch);
    if (waiting.length > 0) arm();
  };
  const arm = () => {
    if (isArmed) return;
    isArmed = true;
    later(BATCH_EVERY_MS, flush);
  };

  for (const carrier of carriers) carrier.onEvents((events) => events.forEach(deliver));
  return {
    publish: (topic, content) => {
      const body = JSON.stringify(content ?? null);
      if (body.length > BUS_BODY_MAX || topic.length > BUS_TOPIC_MAX || topic === '') {
        recorder.count('mcp_bus_dropped_total', { reason: 'size' });
        return;
      }
      const event = { topic, body };
      queueMicrotask(() => deliver(event));
      if (carriers.length === 0) return;
      if (waiting.length >= WAITING_MAX) {
        recorder.count('mcp_bus_dropped_total', { reason: 'full' });
        return;
      }
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
