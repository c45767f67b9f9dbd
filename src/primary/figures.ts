/**
 * What the charts show, from two looks at the merged metrics and one at the workers: rates and quantiles of the time
 * between both looks, sums over the workers of now.
 */
import type { DaemonStatus } from '../shared/control-api.ts';
import { METRICS } from '../shared/metrics.ts';
import type { Figures } from './history.ts';
import type { HistogramValue, Sample } from './metrics-render.ts';

/** One look: monotonic time, all requests and their durations since the start. */
export interface Look {
  readonly at: number;
  readonly requests: number;
  readonly durations: HistogramValue;
}

export function takeLook(at: number, read: (name: 'mcp_requests_total' | 'mcp_request_duration_seconds') => Sample[]) {
  let requests = 0;
  for (const { value } of read('mcp_requests_total')) if (typeof value === 'number') requests += value;
  const buckets = METRICS.mcp_request_duration_seconds.buckets?.map(() => 0) ?? [];
  let [sum, count] = [0, 0];
  for (const { value } of read('mcp_request_duration_seconds')) {
    if (typeof value === 'number') continue;
    for (const [place, each] of value.buckets.entries()) buckets[place] = (buckets[place] ?? 0) + each;
    sum += value.sum;
    count += value.count;
  }
  return { at, requests, durations: { buckets, sum, count } } satisfies Look;
}

export function figuresOf(
  before: Look,
  now: Look,
  { workers, spare }: Pick<DaemonStatus, 'workers' | 'spare'>,
  ownRssBytes: number,
): Figures {
  const all = spare === undefined ? workers : [...workers, spare];
  const total = (of: (worker: (typeof all)[number]) => number) => all.reduce((sum, worker) => sum + of(worker), 0);
  const told = all.flatMap(({ pool }) => (pool === undefined ? [] : [pool]));
  const pooled = (of: (pool: (typeof told)[number]) => number) =>
    told.length === 0 ? Number.NaN : told.reduce((sum, pool) => sum + of(pool), 0);
  const seconds = (now.at - before.at) / 1000;
  const quantile = (share: number) => quantileBetween(before.durations, now.durations, share);
  return {
    requestsPerSecond: seconds > 0 ? (now.requests - before.requests) / seconds : 0,
    p50Seconds: quantile(0.5),
    p95Seconds: quantile(0.95),
    memoryBytes: total(({ rssBytes }) => rssBytes) + ownRssBytes,
    poolLent: pooled((pool) => pool.active),
    poolOpen: pooled((pool) => pool.total),
    poolMax: pooled((pool) => pool.max),
    sessions: total(({ sessions }) => sessions),
    lagSeconds: Math.max(0, ...all.map(({ lagMs }) => lagMs)) / 1000,
  };
}

/**
 * The value below which this share of the observations between two looks lies, taken as even within a bucket; the last
 * bound when it is above all, NaN without observations.
 */
export function quantileBetween(before: HistogramValue, now: HistogramValue, share: number): number {
  const bounds: readonly number[] = METRICS.mcp_request_duration_seconds.buckets ?? [];
  const wanted = (now.count - before.count) * share;
  if (!(wanted > 0)) return Number.NaN;
  let below = 0;
  for (const [place, bound] of bounds.entries()) {
    const inside = (now.buckets[place] ?? 0) - (before.buckets[place] ?? 0);
    if (inside > 0 && below + inside >= wanted) {
      const from = bounds[place - 1] ?? 0;
      return from + ((bound - from) * (wanted - below)) / inside;
    }
    below += inside;
  }
  return bounds.at(-1) ?? Number.NaN;
}
