import { expect, test } from 'vitest';
import { figuresOf, quantileBetween, takeLook } from '../../../src/primary/figures.ts';
import { METRICS } from '../../../src/shared/metrics.ts';
import { workerRow } from '../../support/worker-row.ts';

const bounds: readonly number[] = METRICS.mcp_request_duration_seconds.buckets ?? [];
/** Observations by the bound of their bucket; those above the last one are only in the count. */
const durations = (of: Readonly<Record<number, number>>, above = 0) => {
  const buckets = bounds.map((bound) => of[bound] ?? 0);
  return { buckets, sum: 1, count: buckets.reduce((sum, each) => sum + each, above) };
};

test('quantile: it lies inside the bucket of the observation in question, between two looks only', () => {
  const before = durations({ 0.005: 1000 });
  const now = durations({ 0.005: 1000, 0.1: 50, 0.25: 50 });
  expect(quantileBetween(before, now, 0.5)).toBeCloseTo(0.1);
  expect(quantileBetween(before, now, 0.95)).toBeCloseTo(0.1 + 0.15 * 0.9);
});

test('quantile: it is unknown without a request, and the last bound above all', () => {
  const none = durations({ 1: 5 });
  expect(quantileBetween(none, none, 0.5)).toBeNaN();
  expect(quantileBetween(durations({}), durations({}, 4), 0.5)).toBe(bounds.at(-1));
});

test('figures: rates are per second between two looks, gauges the sum of all workers, lag the worst', () => {
  const read = (requests: number) =>
    takeLook(requests * 100, (name) =>
      name === 'mcp_requests_total'
        ? [
            { labels: 'a', value: requests },
            { labels: 'b', value: requests },
          ]
        : [
            { labels: 'a', value: durations({ 0.1: requests }) },
            { labels: 'b', value: durations({ 0.1: requests }) },
          ],
    );
  const pool = { active: 2, idle: 1, total: 3, max: 8, waiting: 0, peak: 3, oldestWaitMs: 0 };
  const workers = [
    workerRow({ slot: 0, rssBytes: 100, sessions: 3, lagMs: 5, pool }),
    workerRow({ slot: 1, rssBytes: 50, sessions: 4, lagMs: 20, pool }),
    workerRow({ slot: 2, rssBytes: 0 }),
  ];
  const figures = figuresOf(read(10), read(60), { workers, spare: workerRow({ slot: -1, rssBytes: 7 }) }, 1000);
  expect(figures).toMatchObject({
    requestsPerSecond: 20,
    memoryBytes: 1157,
    poolLent: 4,
    poolOpen: 6,
    poolMax: 16,
    sessions: 7,
    lagSeconds: 0.02,
  });
  expect(figures.p50Seconds).toBeCloseTo(0.075);
});

test('figures: connections are unknown, not none, while no worker has told', () => {
  const look = takeLook(0, () => []);
  const { poolMax, requestsPerSecond } = figuresOf(look, look, { workers: [workerRow({ slot: 0 })] }, 1);
  expect([poolMax, requestsPerSecond]).toEqual([Number.NaN, 0]);
});
