/** The merged figures of the cluster: what falls, what stays, what is refused, and how fast a scrape is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMetricsStore, type MetricsStore } from '../../../src/primary/metrics-merge.ts';
import type { Series } from '../../../src/shared/ipc.ts';
import { METRICS } from '../../../src/shared/metrics.ts';

const store = (maxSeries = 100) => createMetricsStore({ maxSeries });

function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    if (found.has(line.slice(0, at))) throw new Error(`twice: ${line}`);
    found.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return found;
}

const sampleOf = (metrics: MetricsStore, key: string) => samples(metrics.render()).get(key);
const requests = (value: number, tool = 'execute_query'): Series => ({
  name: 'mcp_requests_total',
  labels: ['tools/call', tool, '200'],
  value,
});
const REQUESTS = 'mcp_requests_total{method="tools/call",tool="execute_query",status="200"}';
const waits = (buckets: readonly number[], count: number, sum = count): Series => ({
  name: 'mcp_connection_acquisition_seconds',
  labels: [],
  buckets: [...buckets],
  count,
  sum,
});
const WAIT_BOUNDS = METRICS.mcp_connection_acquisition_seconds.buckets?.length ?? 0;
const flat = (count: number) => Array.from({ length: WAIT_BOUNDS }, () => count);

test('metrics: counters without labels and with closed label sets exist before their first event', () => {
  const found = samples(store().render());
  for (const key of [
    'mcp_sessions_expired_total',
    'mcp_failed_connections_total{reason="SNOWFLAKE_AUTH"}',
    'mcp_queries_cancelled_total{reason="timeout"}',
    'mcp_results_truncated_total{limit="cell_bytes"}',
    'supervisor_reloads_total{result="aborted"}',
    'supervisor_ipc_dropped_total{reason="rate"}',
  ]) {
    expect([key, found.get(key)]).toEqual([key, 0]);
  }
});

test('metrics: counters of workers add up, and stay when a worker ends', () => {
  const metrics = store();
  metrics.ingest(0, 1, [requests(300)]);
  metrics.ingest(1, 2, [requests(300)]);
  metrics.ingest(1, 2, [requests(310)]);
  expect(sampleOf(metrics, REQUESTS)).toBe(610);
  metrics.retire(1);
  expect(sampleOf(metrics, REQUESTS)).toBe(610);
  metrics.ingest(0, 3, [requests(5)]);
  expect(sampleOf(metrics, REQUESTS)).toBe(615);
});

test('metrics: a worker whose counter starts anew adds to the total', () => {
  const metrics = store();
  metrics.ingest(0, 1, [requests(300)]);
  metrics.ingest(0, 1, [requests(10)]);
  expect(sampleOf(metrics, REQUESTS)).toBe(310);
});

test('metrics: what an ended worker sends late changes nothing', () => {
  const metrics = store();
  metrics.ingest(0, 1, [requests(7)]);
  metrics.retire(1);
  metrics.ingest(0, 1, [requests(8)]);
  expect(sampleOf(metrics, REQUESTS)).toBe(7);
});

test('metrics: gauges are summed over living workers and vanish with them', () => {
  const metrics = store();
  const active = (value: number): Series => ({ name: 'mcp_db_connections_active', labels: [], value });
  metrics.ingest(0, 1, [active(2)]);
  metrics.ingest(1, 2, [active(3)]);
  expect(sampleOf(metrics, 'mcp_db_connections_active')).toBe(5);
  expect(sampleOf(metrics, 'pool_connections_active')).toBe(5);
  metrics.retire(2);
  expect(sampleOf(metrics, 'mcp_db_connections_active')).toBe(2);
  metrics.retire(1);
  expect(metrics.render()).not.toContain('mcp_db_connections_active');
});

test('metrics: figures kept apart carry the slot, the worse of two processes in one slot shows, the primary names itself', () => {
  const metrics = store();
  const memory = (value: number): Series => ({ name: 'mcp_memory_usage_bytes', labels: [], value });
  metrics.ingest(0, 1, [memory(100)]);
  metrics.ingest(0, 2, [memory(70)]);
  metrics.ingest(1, 3, [memory(50)]);
  metrics.set('mcp_memory_usage_bytes', 30);
  const found = samples(metrics.render());
  expect(found.get('mcp_memory_usage_bytes{worker="0"}')).toBe(100);
  expect(found.get('mcp_memory_usage_bytes{worker="1"}')).toBe(50);
  expect(found.get('mcp_memory_usage_bytes{worker="primary"}')).toBe(30);
  metrics.retire(1);
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="0"}')).toBe(70);
});

test('metrics: counters and histograms without labels exist before their first event', () => {
  const found = samples(store().render());
  expect(found.get('mcp_sessions_adopted_total')).toBe(0);
  expect(found.get('supervisor_series_overflow_total')).toBe(0);
  expect(found.get('mcp_connection_acquisition_seconds_count')).toBe(0);
  expect(found.get('mcp_connection_acquisition_seconds_bucket{le="+Inf"}')).toBe(0);
  expect(found.get('supervisor_ipc_dropped_total{reason="metric"}')).toBe(0);
});

test('metrics: what the table does not have is dropped and counted', () => {
  const wrong: Series[] = [
    { name: 'no_such_metric', labels: [], value: 1 },
    { name: '__proto__', labels: [], value: 1 },
    { name: 'constructor', labels: [], value: 1 },
    { name: 'supervisor_generation', labels: [], value: 99 },
    { name: 'mcp_requests_total', labels: ['tools/call'], value: 1 },
    { name: 'mcp_requests_total', labels: ['a', 'b', 'c'], value: -1 },
    { name: 'mcp_requests_total', labels: ['a', 'b', 'c'], value: Number.POSITIVE_INFINITY },
    { name: 'mcp_requests_total', labels: ['a', 'b', 'c'], buckets: [1], sum: 1, count: 1 },
    { name: 'mcp_connection_acquisition_seconds', labels: [], value: 1 },
    waits([1, 2], 2),
    waits([...flat(3).slice(1), 1], 3),
    waits(flat(5), 4),
  ];
  const metrics = store();
  const before = metrics.render();
  metrics.ingest(0, 1, wrong);
  const found = samples(metrics.render());
  expect(found.get('supervisor_ipc_dropped_total{reason="metric"}')).toBe(wrong.length);
  expect(metrics.render().replace(/reason="metric"} \d+/, 'reason="metric"} 0')).toBe(before);
});

test('metrics: a full metric counts further label values under other, says so, and loses nothing', () => {
  const metrics = store(30);
  metrics.ingest(
    0,
    1,
    Array.from({ length: 50 }, (_, at) => requests(2, `tool${at}`)),
  );
  metrics.ingest(
    0,
    1,
    Array.from({ length: 50 }, (_, at) => requests(3, `tool${at}`)),
  );
  const found = samples(metrics.render());
  const own = [...found].filter(([key]) => key.startsWith('mcp_requests_total'));
  expect(own).toHaveLength(31);
  expect(found.get('mcp_requests_total{method="other",tool="other",status="other"}')).toBe(60);
  expect(own.reduce((all, [, value]) => all + value, 0)).toBe(150);
  expect(found.get('supervisor_series_overflow_total')).toBe(20);
});

test('metrics: 50,000 series of one worker stay bounded and are reported', () => {
  const metrics = store(100);
  for (let part = 0; part < 100; part += 1) {
    metrics.ingest(
      0,
      1,
      Array.from({ length: 500 }, (_, at) => requests(1, `tool${part}-${at}`)),
    );
  }
  const found = samples(metrics.render());
  expect([...found.keys()].filter((key) => key.startsWith('mcp_requests_total'))).toHaveLength(101);
  expect(found.get('supervisor_series_overflow_total')).toBe(300);
  expect(found.get('supervisor_ipc_dropped_total{reason="series"}')).toBe(49_600);
});

test('metrics: the recorder of the primary ignores steps back and kinds that do not match', () => {
  const metrics = store();
  metrics.count('supervisor_reloads_total', { result: 'ok' }, 2);
  metrics.count('supervisor_reloads_total', { result: 'ok' }, -1);
  metrics.count('supervisor_reloads_total', { result: 'ok' }, Number.NaN);
  metrics.set('supervisor_reloads_total', 0, { result: 'ok' });
  metrics.observe('supervisor_reload_duration_seconds', 3);
  metrics.observe('supervisor_reload_duration_seconds', 1e9);
  const found = samples(metrics.render());
  expect(found.get('supervisor_reloads_total{result="ok"}')).toBe(2);
  expect(found.get('supervisor_reload_duration_seconds_bucket{le="5"}')).toBe(1);
  expect(found.get('supervisor_reload_duration_seconds_bucket{le="+Inf"}')).toBe(2);
});

type Step =
  | { kind: 'push'; who: number; adds: readonly number[] }
  | { kind: 'die'; who: number }
  | { kind: 'anew'; who: number };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      who: fc.integer({ min: 0, max: 3 }),
      adds: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: WAIT_BOUNDS + 1, maxLength: WAIT_BOUNDS + 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), who: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('anew' as const), who: fc.integer({ min: 0, max: 3 }) }) },
);

test('metrics: no sequence of pushes, ends and new starts lets a counter or bucket fall', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 100 }), (steps) => {
      const metrics = store();
      const workers = [0, 1, 2, 3].map((slot) => ({ slot, incarnation: slot + 1, own: flat(0).concat(0) }));
      let next = 5;
      let before = samples(metrics.render());
      let total = 0;
      for (const step of steps) {
        const worker = workers[step.who];
        if (worker === undefined) continue;
        if (step.kind === 'die') {
          metrics.retire(worker.incarnation);
          Object.assign(worker, { incarnation: next, own: flat(0).concat(0) });
          next += 1;
        } else if (step.kind === 'anew') worker.own = flat(0).concat(0);
        else {
          worker.own = worker.own.map((value, at) => value + (step.adds[at] ?? 0));
          let running = 0;
          const cumulative = worker.own.map((value) => {
            running += value;
            return running;
          });
          metrics.ingest(worker.slot, worker.incarnation, [
            requests(running),
            waits(cumulative.slice(0, -1), running, running / 10),
          ]);
          total += step.adds.reduce((all, value) => all + value, 0);
        }
        const now = samples(metrics.render());
        for (const [key, value] of before) {
          if (!/^(mcp_requests_total|mcp_connection_acq)/.test(key) || key.includes('_sum')) continue;
          if ((now.get(key) ?? -1) < value) throw new Error(`${key} fell from ${value} to ${now.get(key)}`);
        }
        const count = now.get('mcp_connection_acquisition_seconds_count');
        expect(now.get('mcp_connection_acquisition_seconds_bucket{le="+Inf"}')).toBe(count);
        expect(now.get('mcp_connection_acquisition_seconds_bucket{le="30"}')).toBeLessThanOrEqual(count ?? 0);
        before = now;
      }
      // A start anew that is over the old value before its first push cannot be told from going on.
      if (!steps.some((step) => step.kind === 'anew')) expect(before.get(REQUESTS) ?? 0).toBe(total);
    }),
    { numRuns: 200 },
  );
});

test('metrics: 100 ends between scrapes leave every total where it was or higher', () => {
  const metrics = store();
  let before = 0;
  for (let incarnation = 1; incarnation <= 100; incarnation += 1) {
    metrics.ingest(incarnation % 4, incarnation, [requests(10), waits(flat(10), 12)]);
    if (incarnation > 4) metrics.retire(incarnation - 4);
    const now = sampleOf(metrics, REQUESTS) ?? -1;
    expect(now).toBe(before + 10);
    before = now;
  }
  expect(sampleOf(metrics, 'mcp_connection_acquisition_seconds_count')).toBe(1200);
});

test('metrics: when the spare takes a slot its gauges move there, its counts are not counted twice', () => {
  const metrics = store();
  const rss = (value: number): Series => ({ name: 'mcp_memory_usage_bytes', labels: [], value });
  metrics.ingest(-1, 3, [requests(5), rss(70)]);
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="spare"}')).toBe(70);
  metrics.move(3, 1);
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="spare"}')).toBeUndefined();
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="1"}')).toBe(70);
  metrics.ingest(1, 3, [requests(6), rss(80)]);
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="1"}')).toBe(80);
  expect(sampleOf(metrics, REQUESTS)).toBe(6);
  metrics.retire(3);
  expect(sampleOf(metrics, 'mcp_memory_usage_bytes{worker="1"}')).toBeUndefined();
});

test('metrics: a gauge of the primary that is cleared is gone, and comes back with its next value', () => {
  const metrics = store();
  const up = 'supervisor_worker_up{worker="1"}';
  metrics.set('supervisor_worker_up', 1, { worker: '0' });
  metrics.set('supervisor_worker_up', 1, { worker: '1' });
  expect(sampleOf(metrics, up)).toBe(1);
  metrics.clear('supervisor_worker_up', { worker: '1' });
  metrics.clear('supervisor_worker_up', { worker: '1' });
  expect(sampleOf(metrics, up)).toBeUndefined();
  expect(sampleOf(metrics, 'supervisor_worker_up{worker="0"}')).toBe(1);
  metrics.set('supervisor_worker_up', 0, { worker: '1' });
  expect(sampleOf(metrics, up)).toBe(0);
});

test('metrics: of two workers the certificate and the key that end first are told', () => {
  const metrics = store();
  for (const name of ['mcp_certificate_expiry_seconds', 'mcp_key_expiry_seconds'] as const) {
    metrics.ingest(0, 1, [{ name, labels: [], value: 900 }]);
    metrics.ingest(1, 2, [{ name, labels: [], value: 30 }]);
    expect(sampleOf(metrics, name)).toBe(30);
  }
});
