/**
 * When the next login may be tried after one has failed. Pure.
 *
 *   closed --login failed--> open (until) --time passed--> one try at a time --login worked--> closed
 *                              ^-----------------failed again, waits longer----'
 *
 * While it is open, calls that need a new connection get the last reason at once. Refused logins wait longer than
 * unreachable ones: Snowflake locks a user for 15 minutes after five of them.
 */
import { type BackoffLimits, nextBackoff } from '../../shared/backoff.ts';
import type { AppError } from '../../shared/errors.ts';

export type Breaker =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number; readonly waitMs: number; readonly reason: AppError };

export const CLOSED: Breaker = { kind: 'closed' };

const UNREACHABLE: BackoffLimits = { baseMs: 500, capMs: 30_000, fixedMs: 0, jitter: 0 };
const REFUSED: BackoffLimits = { baseMs: 5000, capMs: 300_000, fixedMs: 0, jitter: 0 };

/** Only calls to Snowflake that could not log in come here; statements that fail are no reason to wait. */
export function afterFailedLogin(breaker: Breaker, reason: AppError, now: number, random: number): Breaker {
  // A login that began before the last failure is the same trouble, not a further one.
  if (breaker.kind === 'open' && now < breaker.until) return { ...breaker, reason };
  const limits = reason.code === 'SNOWFLAKE_UNREACHABLE' ? UNREACHABLE : REFUSED;
  const previousMs = breaker.kind === 'open' && breaker.reason.code === reason.code ? breaker.waitMs : 0;
  const { nextMs } = nextBackoff(previousMs, limits, random);
  // Jitter only shortens, so that the longest wait is what it says; workers do not try in step.
  const delayMs = Math.round(nextMs * (1 - 0.3 * random));
  return { kind: 'open', until: now + delayMs, waitMs: nextMs, reason };
}

/** How many logins may be under way now, beside those that already are. */
export function loginsAllowed(breaker: Breaker, underWay: number, wanted: number, now: number): number {
  if (breaker.kind === 'closed') return wanted;
  return now >= breaker.until && underWay === 0 ? Math.min(1, wanted) : 0;
}

/** As the metric has it: 0 closed, 1 half open (the next call may try), 2 open. */
export function breakerState(breaker: Breaker, now: number): 0 | 1 | 2 {
  if (breaker.kind === 'closed') return 0;
  return now >= breaker.until ? 1 : 2;
}
