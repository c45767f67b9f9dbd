/**
 * Gives memory back while nobody asks: V8 collects when it allocates, so a worker that has become idle would keep for
 * hours what its start or its last busy time has left.
 */
import type { Clock } from '../shared/clock.ts';

/**
 * Idle for so long, it is collected the first time; what the busy time has allocated counts up to here. V8 lets the young
 * heap shrink when little was allocated in the five seconds before, which is true for a second collection after them.
 */
const IDLE_MS = 2500;
const AGAIN_MS = 5500;
/** Somebody who asks now and then does not cost collections each time. */
const AT_MOST_EVERY_MS = 60_000;

export interface IdleHeapOptions {
  readonly clock: Clock;
  /** Requests so far, and those that run. */
  readonly figures: () => { readonly requests: number; readonly inflight: number };
  /** @param isThorough take the time to compact as well */
  readonly shrink: (isThorough: boolean) => void;
}

/** @returns what is to be called each second or so */
export function createIdleHeap({ clock, figures, shrink }: IdleHeapOptions): () => void {
  let seen = figures().requests;
  let busyAt = clock.now();
  /** Collections of this idle time. */
  let shrunk = 0;
  let shrunkAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    const { requests, inflight } = figures();
    if (requests !== seen || inflight > 0) {
      seen = requests;
      busyAt = now;
      shrunk = 0;
    }
    if (shrunk === 2 || now - busyAt < IDLE_MS) return;
    if (now - shrunkAt < (shrunk === 0 ? AT_MOST_EVERY_MS : AGAIN_MS)) return;
    shrink(shrunk === 1);
    shrunk += 1;
    shrunkAt = now;
  };
}
