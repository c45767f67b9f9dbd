/**
 * Counts events in a sliding window. Immutable, bounded by `max + 1` remembered times.
 */
export interface RateWindow {
  readonly times: readonly number[];
}

export const emptyWindow: RateWindow = { times: [] };

/** Adds an event at `now` and forgets those older than `windowMs`, keeping at most `max + 1`. */
export function addToWindow(window: RateWindow, now: number, windowMs: number, max: number): RateWindow {
  const kept = window.times.filter((time) => now - time < windowMs);
  return { times: [...kept, now].slice(-(max + 1)) };
}

export function countInWindow(window: RateWindow, now: number, windowMs: number): number {
  return window.times.reduce((count, time) => (now - time < windowMs ? count + 1 : count), 0);
}
