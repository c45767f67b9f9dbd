/**
 * When a worker that is well is replaced because of its age: after so many requests or so long a time.
 *
 * Each has drawn its luck at its start, so that workers that started together are not replaced together.
 */
export interface LifetimeLimits {
  /** 0: no limit. */
  readonly maxRequests: number;
  /** 0: no limit. */
  readonly maxMs: number;
  /** Share of the limit by which luck shortens it, 0..1. */
  readonly jitter: number;
}

/** @param age of the worker: time since it was ready, requests since its start */
export function isOld(age: { ms: number; requests: number }, luck: number, limits: LifetimeLimits): boolean {
  const share = 1 - limits.jitter * luck;
  const hasServed = limits.maxRequests > 0 && age.requests >= limits.maxRequests * share;
  return hasServed || (limits.maxMs > 0 && age.ms >= limits.maxMs * share);
}
