/**
 * Gives memory back while nobody asks: V8 collects when it allocates, so a worker that has become idle would keep for
 * hours what its start or its last busy time has left.
 */
import type { Clock } from '../shared/clock.ts';

/** Longer than V8 looks back when it decides whether the young heap may shrink. */
const IDLE_MS = 8000;
/** Somebody who asks now and then does not cost a collection each time. */
const AT_MOST_EVERY_MS = 60_000;

export interface IdleHeapOptions {
  readonly clock: Clock;
  /** Requests so far, and those that run. */
  readonly figures: () => { readonly requests: number; readonly inflight: number };
  readonly shrink: () => void;
}

/** @returns what is to be called each second or so */
export function createIdleHeap({ clock, figures, shrink }: IdleHeapOptions): () => void {
  let seen = figures().requests;
  let busyAt = clock.now();
  let isDue = true;
  let shrunkAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    const { requests, inflight } = figures();
    if (requests !== seen || inflight > 0) {
      seen = requests;
      busyAt = now;
      isDue = true;
    }
    if (!isDue || now - busyAt < IDLE_MS || now - shrunkAt < AT_MOST_EVERY_MS) return;
    shrink();
    isDue = false;
    shrunkAt = now;
  };
}
