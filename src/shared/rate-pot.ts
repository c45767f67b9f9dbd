/**
 * What may still be given out in the running minute, per key: a rate per minute, and a reserve that a peak may draw on once
 * in ten minutes. Counted by rate-limiter-flexible, in memory or in a shared store.
 *
 * A minute begins with its first request. Never more than what is asked and left is given.
 */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface RateRule {
  readonly perMinute: number;
  /** Requests beyond it, once in ten minutes; 0 for none. */
  readonly reserve: number;
}

export interface Grant {
  readonly granted: number;
  /** Until the minute ends: what was not used is lost then, and more is given. */
  readonly expiresInMs: number;
}

export interface RatePot {
  take(key: string, amount: number): Promise<Grant>;
}

export const MINUTE_SECONDS = 60;
export const RESERVE_SECONDS = 600;

/** Counts `amount` in one step and tells how much of it fitted. */
async function takeFrom(limiter: RateLimiterAbstract, key: string, amount: number): Promise<Grant> {
  try {
    const { msBeforeNext } = await limiter.consume(key, amount);
    return { granted: amount, expiresInMs: msBeforeNext };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const over = refusal.consumedPoints - limiter.points;
    return { granted: Math.max(0, amount - over), expiresInMs: Math.max(1, refusal.msBeforeNext) };
  }
}

/** @param make a limiter of so many points in so many seconds, `name` apart from others in the same store */
export function createRatePot(
  rule: RateRule,
  make: (name: string, points: number, seconds: number) => RateLimiterAbstract,
): RatePot {
  const minute = make('minute', rule.perMinute, MINUTE_SECONDS);
  const reserve = rule.reserve > 0 ? make('reserve', rule.reserve, RESERVE_SECONDS) : undefined;
  return {
    take: async (key, amount) => {
      const usual = await takeFrom(minute, key, amount);
      if (usual.granted > 0 || reserve === undefined) return usual;
      const { granted } = await takeFrom(reserve, key, amount);
      return { granted, expiresInMs: usual.expiresInMs };
    },
  };
}

export function createMemoryPot(rule: RateRule): RatePot {
  return createRatePot(rule, (_name, points, duration) => new RateLimiterMemory({ points, duration }));
}
