import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { End } from '../../../../src/primary/rules/order.ts';
import {
  freshRecord,
  judgeEnd,
  type RestartLimits,
  type RestartRecord,
} from '../../../../src/primary/rules/restart.ts';

const LIMITS: RestartLimits = {
  autorestart: true,
  stopExitCodes: [],
  minUptimeMs: 1000,
  maxRestarts: 16,
  windowMs: 120_000,
  erroredRetryMs: 60_000,
  backoffResetMs: 30_000,
  backoff: { baseMs: 0, capMs: 15_000, fixedMs: 0, jitter: 0 },
};
const crash: End = { class: 'crash', detail: 'code 1', code: 1 };

/** Ends of a worker that lives `uptimeMs` each time, until it is errored. */
function loop(uptimeMs: number, limits: RestartLimits, rounds: number): { delays: number[]; isErrored: boolean } {
  let record: RestartRecord = freshRecord;
  let now = 0;
  const delays: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    now += uptimeMs;
    const { next, verdict } = judgeEnd(record, { end: crash, uptimeMs }, { now, random: 0.5 }, limits);
    record = next;
    if (verdict.kind !== 'restart') return { delays, isErrored: verdict.kind === 'errored' };
    delays.push(verdict.delayMs);
    now += verdict.delayMs;
  }
  return { delays, isErrored: false };
}

test('restart: max_restarts unstable ends in a row make the slot errored', () => {
  expect(loop(100, LIMITS, 100)).toEqual({ delays: Array.from({ length: 15 }, () => 0), isErrored: true });
});

test('restart: a worker that always dies just after min_uptime does not restart for ever', () => {
  expect(loop(1100, LIMITS, 100).isErrored).toBe(true);
});

test('restart: a backoff does not hide a crash loop', () => {
  const limits = { ...LIMITS, windowMs: 600_000, backoff: { ...LIMITS.backoff, baseMs: 100 } };
  const { delays, isErrored } = loop(100, limits, 100);
  expect(isErrored).toBe(true);
  expect(delays.slice(0, 5)).toEqual([100, 150, 225, 337, 505]);
});

test('restart: a worker that dies once an hour restarts for ever', () => {
  expect(loop(3_600_000, LIMITS, 500)).toMatchObject({ isErrored: false });
});

test('restart: a long life starts the backoff anew', () => {
  const limits = { ...LIMITS, backoff: { ...LIMITS.backoff, baseMs: 100 } };
  const record = { ...freshRecord, backoffMs: 10_000 };
  const judge = (uptimeMs: number) =>
    judgeEnd(record, { end: crash, uptimeMs }, { now: 0, random: 0.5 }, limits).verdict;
  expect(judge(31_000)).toEqual({ kind: 'restart', delayMs: 100 });
  expect(judge(29_000)).toEqual({ kind: 'restart', delayMs: 15_000 });
});

test('restart: autorestart false and stop_exit_codes stop the slot', () => {
  const judge = (limits: RestartLimits) =>
    judgeEnd(freshRecord, { end: crash, uptimeMs: 5 }, { now: 0, random: 0.5 }, limits).verdict.kind;
  expect(judge({ ...LIMITS, autorestart: false })).toBe('stopped');
  expect(judge({ ...LIMITS, stopExitCodes: [1] })).toBe('stopped');
  expect(judge({ ...LIMITS, stopExitCodes: [2] })).toBe('restart');
});

test('restart: errored_retry 0 leaves an errored slot alone', () => {
  const limits = { ...LIMITS, maxRestarts: 0, erroredRetryMs: 0 };
  const { verdict } = judgeEnd(freshRecord, { end: crash, uptimeMs: 5 }, { now: 0, random: 0.5 }, limits);
  expect(verdict).toEqual({ kind: 'errored', retryMs: undefined });
});

test('restart: the jitter stays within its share and the delay within cap and share', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 20_000 }), (random, backoffMs) => {
      const limits = { ...LIMITS, backoff: { baseMs: 100, capMs: 15_000, fixedMs: 0, jitter: 0.2 } };
      const step = judgeEnd({ ...freshRecord, backoffMs }, { end: crash, uptimeMs: 5 }, { now: 0, random }, limits);
      if (step.verdict.kind !== 'restart') throw new Error('expected a restart');
      expect(step.verdict.delayMs).toBeGreaterThanOrEqual(Math.floor(step.next.backoffMs * 0.8));
      expect(step.verdict.delayMs).toBeLessThanOrEqual(Math.ceil(15_000 * 1.2));
    }),
  );
});
