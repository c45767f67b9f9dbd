/**
 * How many workers may end in a while over all slots. The slots' own limits see one slot each; many slots that crash for
 * one reason (a full disk, a poisoned request) would still start processes without a pause.
 *
 * Over the limit starts are spaced: each waits longer than the one before, whatever its slot. Nothing is given up.
 */
import { type BackoffLimits, nextBackoff } from '../../shared/backoff.ts';
import { addToWindow, countInWindow, emptyWindow, type RateWindow } from '../../shared/rate-window.ts';

export interface IntensityLimits {
  /** Ends within the window that are still fine; 0: no limit. */
  readonly max: number;
  readonly windowMs: number;
  readonly spacing: BackoffLimits;
}

export interface Intensity {
  readonly ends: RateWindow;
  /** Last pause between two starts without jitter; 0 while the limit is kept. */
  readonly backoffMs: number;
  /** No start before this while the limit is passed. */
  readonly notBefore: number;
}

export const calm: Intensity = { ends: emptyWindow, backoffMs: 0, notBefore: 0 };

/** @returns the time before which the slot must not start again, undefined while the limit is kept */
export function noteEnd(
  it: Intensity,
  moment: { readonly now: number; readonly random: number },
  limits: IntensityLimits,
): { next: Intensity; notBefore: number | undefined } {
  if (limits.max === 0) return { next: it, notBefore: undefined };
  const { now, random } = moment;
  const ends = addToWindow(it.ends, now, limits.windowMs, limits.max);
  if (countInWindow(ends, now, limits.windowMs) <= limits.max) {
    return { next: { ends, backoffMs: 0, notBefore: 0 }, notBefore: undefined };
  }
  const { nextMs, delayMs } = nextBackoff(it.backoffMs, limits.spacing, random);
  const notBefore = Math.max(now, it.notBefore) + delayMs;
  return { next: { ends, backoffMs: nextMs, notBefore }, notBefore };
}
