/**
 * The delay before the next attempt, as PM2 documents it: the base first, then 1.5 times the last, up to a cap.
 *
 * Unlike PM2 the cap is configurable and a jitter spreads restarts that happen together.
 */
export interface BackoffLimits {
  /** First delay; 0 means no backoff, `fixedMs` is used. */
  readonly baseMs: number;
  readonly capMs: number;
  readonly fixedMs: number;
  /** Share of the delay that jitter may add or take, 0..1. */
  readonly jitter: number;
}

/**
 * @param previousMs the last delay without jitter, 0 at the first failure
 * @param random 0..1, from the caller
 * @returns `nextMs` to remember, `delayMs` to wait
 */
export function nextBackoff(
  previousMs: number,
  limits: BackoffLimits,
  random: number,
): { nextMs: number; delayMs: number } {
  const exponential = previousMs === 0 ? limits.baseMs : Math.floor(previousMs * 1.5);
  const nextMs = limits.baseMs > 0 ? Math.min(limits.capMs, exponential) : limits.fixedMs;
  const delayMs = Math.max(0, Math.round(nextMs * (1 + limits.jitter * (2 * random - 1))));
  return { nextMs, delayMs };
}
