/** Figures that must stay right, and be there at once, whatever happens to the workers. */
import { expect, test } from 'vitest';
import { METRICS } from '../../../src/shared/metrics.ts';
import { samples, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { patient } from '../../support/patience.ts';
import { isAlive } from '../../support/process.ts';

const BUCKETS = METRICS.mcp_request_duration_seconds.buckets?.length ?? 0;

test('[fault 47] scrape: with one worker stopped and one blocked it takes less than 250 ms and says how old figures are', async () => {
  await using daemon = await FakeDaemon.start({
    workers: { hang_suspect: '5s', hang_kill: '10s' },
    plan: { buckets: BUCKETS },
  });
  await eventually(async () => sum(samples(await daemon.metrics(), 'mcp_requests_total')) > 0);
  const [stopped = 0, blocked = 0] = await daemon.pids();
  const mostMs = patient(250);
  process.kill(stopped, 'SIGSTOP');
  await daemon.order(blocked, 'block', { ms: 4000 });
  await eventually(async () => {
    const ages = samples(await daemon.metrics(), 'supervisor_worker_snapshot_age_seconds');
    return [...ages.values()].length === 2 && [...ages.values()].every((age) => age > 1);
  });
  for (let round = 0; round < 10; round += 1) {
    const askedAt = performance.now();
    const text = await daemon.metrics();
    expect(performance.now() - askedAt).toBeLessThan(mostMs);
    expect(sum(samples(text, 'mcp_requests_total'))).toBeGreaterThan(0);
  }
  process.kill(stopped, 'SIGCONT');
  await daemon.allReady();
});

/** Counters, and the buckets, sums and counts of histograms. */
function cumulative(text: string): Map<string, number> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const found = new Map<string, number>();
  for (const [, name = '', labels = '', value] of text.matchAll(/^([a-z_:]+)(\{.*\})? (\S+)$/gm)) {
    const base = name.replace(/_(bucket|sum|count)$/, '');
    if (types.get(name) === 'counter' || types.get(base) === 'histogram') found.set(name + labels, Number(value));
  }
  return found;
}

/** The series that counts what the last bucket counts. */
const countOf = (series: string) =>
  series
    .replace('_bucket{', '_count{')
    .replace('le="+Inf"', '')
    .replace(/^([^{]*\{),|,(\})$|,(?=,)/g, '$1$2')
    .replace('{}', '');

test('[fault 48] metrics: through 100 kills no counter falls and histograms stay whole', async () => {
  const storm = { restart_delay: '0s', max_restarts: 10_000, max_restarts_total: 0 };
  await using daemon = await FakeDaemon.start({ count: 4, workers: storm, plan: { buckets: BUCKETS } });
  const killed = new Set<number>();
  const endsAt = performance.now() + 150_000;
  let before = cumulative(await daemon.metrics());
  while (killed.size < 100 && performance.now() < endsAt) {
    for (const { pid, state } of (await daemon.status()).workers) {
      if (state !== 'ready' || killed.has(pid) || !isAlive(pid)) continue;
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    }
    const now = cumulative(await daemon.metrics());
    expect([...before].filter(([series, value]) => (now.get(series) ?? -1) < value)).toEqual([]);
    const torn = [...now].filter(
      ([series, value]) => series.includes('le="+Inf"') && now.get(countOf(series)) !== value,
    );
    expect(torn).toEqual([]);
    before = now;
  }
  expect(killed.size).toBeGreaterThanOrEqual(100);
  await daemon.allReady();
  const ends = samples(await daemon.metrics(), 'supervisor_worker_restarts_total');
  const byKill = [...ends].filter(([labels]) => labels.includes('reason="killed"'));
  expect(sum(new Map(byKill))).toBeGreaterThanOrEqual(100);
}, 200_000);

test('[fault 49] metrics: series of another version are dropped and counted, the worker and the scrape live on', async () => {
  await using daemon = await FakeDaemon.start({ count: 1 });
  const sender = await daemon.pidOf(0);
  await daemon.order(sender, 'mismatch');
  const dropped = async () =>
    samples(await daemon.metrics(), 'supervisor_ipc_dropped_total').get('{reason="metric"}') ?? 0;
  await eventually(async () => (await dropped()) === 6, { what: 'all six are dropped' });
  expect(await daemon.metrics()).not.toContain('a_metric_of_tomorrow');
  expect(await daemon.allReady()).toEqual([sender]);
});

test('[fault 50] metrics: 50,000 series of one worker are capped and reported', async () => {
  await using daemon = await FakeDaemon.start({ count: 1 });
  const sender = await daemon.pidOf(0);
  await daemon.order(sender, 'series', { count: 50_000 });
  const counted = (text: string) => samples(text, 'mcp_requests_total').size;
  const text = await eventually(async () => {
    const now = await daemon.metrics();
    return sum(samples(now, 'supervisor_series_overflow_total')) >= 6000 && now;
  });
  expect(counted(text)).toBeGreaterThan(1900);
  expect(counted(text)).toBeLessThanOrEqual(2001);
  await eventually(
    async () => samples(await daemon.metrics(), 'supervisor_ipc_dropped_total').get('{reason="series"}') === 42_000,
    { what: 'the rest is dropped' },
  );
  expect(await daemon.allReady()).toEqual([sender]);
});
