/**
 * Whether and when a slot starts again after its worker ended without being asked to.
 *
 * Counting is PM2's with its holes closed: an end before min_uptime is unstable, max_restarts unstable ends in a row
 * make the slot errored; beside that max_restarts failures in a sliding window do too, so that neither a backoff nor a
 * worker that dies just after min_uptime hides a crash loop. An errored slot is tried once more after a while: if that
 * trial fails early it is errored again at once.
 */
import { type BackoffLimits, nextBackoff } from '../../shared/backoff.ts';
import { addToWindow, countInWindow, emptyWindow, type RateWindow } from '../../shared/rate-window.ts';
import type { End } from './order.ts';

export interface RestartLimits {
  readonly autorestart: boolean;
  readonly stopExitCodes: readonly number[];
  readonly minUptimeMs: number;
  readonly maxRestarts: number;
  /** Failures this far apart are still one crash loop. */
  readonly windowMs: number;
  /** 0: an errored slot stays so. */
  readonly erroredRetryMs: number;
  /** A worker that lived longer than this starts the backoff anew. */
  readonly backoffResetMs: number;
  readonly backoff: BackoffLimits;
}

export interface RestartRecord {
  readonly restarts: number;
  /** Unstable ends in a row. */
  readonly unstable: number;
  readonly failures: RateWindow;
  /** Last backoff without jitter. */
  readonly backoffMs: number;
  /** The running worker is the trial of an errored slot. */
  readonly trial: boolean;
  readonly lastEnd: End | undefined;
}

export const freshRecord: RestartRecord = {
  restarts: 0,
  unstable: 0,
  failures: emptyWindow,
  backoffMs: 0,
  trial: false,
  lastEnd: undefined,
};

export type Verdict =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'errored'; readonly retryMs: number | undefined }
  | { readonly kind: 'stopped' };

/** @param random 0..1, for the jitter */
export function judgeEnd(
  record: RestartRecord,
  ended: { readonly end: End; readonly uptimeMs: number },
  moment: { readonly now: number; readonly random: number },
  limits: RestartLimits,
): { next: RestartRecord; verdict: Verdict } {
  const { end, uptimeMs } = ended;
  const stopCode = end.code !== undefined && limits.stopExitCodes.includes(end.code);
  if (!limits.autorestart || stopCode) {
    return { next: { ...record, lastEnd: end }, verdict: { kind: 'stopped' } };
  }
  const isUnstable = uptimeMs < limits.minUptimeMs;
  const most = Math.max(1, limits.maxRestarts);
  const unstable = isUnstable ? record.unstable + 1 : 0;
  const failures = addToWindow(record.failures, moment.now, limits.windowMs, most);
  const isLoop = unstable >= most || countInWindow(failures, moment.now, limits.windowMs) >= most;
  if (isLoop || (record.trial && isUnstable)) {
    const retryMs = limits.erroredRetryMs > 0 ? limits.erroredRetryMs : undefined;
    const next = { ...freshRecord, restarts: record.restarts, lastEnd: end };
    return { next, verdict: { kind: 'errored', retryMs } };
  }
  const previousMs = uptimeMs > limits.backoffResetMs ? 0 : record.backoffMs;
  const { nextMs, delayMs } = nextBackoff(previousMs, limits.backoff, moment.random);
  return {
    next: {
      restarts: record.restarts + 1,
      unstable,
      failures,
      backoffMs: nextMs,
      trial: record.trial && isUnstable,
      lastEnd: end,
    },
    verdict: { kind: 'restart', delayMs },
  };
}
