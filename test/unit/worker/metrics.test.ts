import { expect, test } from 'vitest';
import { workerMessageSchema } from '../../../src/shared/ipc.ts';
import { createProcessFigures } from '../../../src/shared/prom-series.ts';
import { createWorkerMetrics } from '../../../src/worker/metrics.ts';

test('metrics: the first push has every series without labels, as 0; then only what changed', async () => {
  const metrics = createWorkerMetrics();
  const first = await metrics.changes();
  expect(first).toContainEqual({ name: 'mcp_sessions_adopted_total', labels: [], value: 0 });
  expect(first).toContainEqual(expect.objectContaining({ name: 'mcp_query_rows_returned', sum: 0, count: 0 }));
  expect(await metrics.changes()).toEqual([]);
  metrics.count('mcp_requests_total', { method: 'tools/call', tool: 'x', status: '200' }, 2);
  metrics.count('mcp_requests_total', { method: 'tools/call', tool: 'x', status: '200' });
  metrics.set('mcp_concurrent_requests', 4);
  expect(await metrics.changes()).toEqual([
    { name: 'mcp_requests_total', labels: ['tools/call', 'x', '200'], value: 3 },
    { name: 'mcp_concurrent_requests', labels: [], value: 4 },
  ]);
  metrics.set('mcp_concurrent_requests', 4);
  expect(await metrics.changes()).toEqual([]);
});

test('metrics: histograms are cumulative buckets without +Inf, sum and count, and fit the message', async () => {
  const metrics = createWorkerMetrics();
  await metrics.changes();
  metrics.observe('mcp_connection_acquisition_seconds', 0.004);
  metrics.observe('mcp_connection_acquisition_seconds', 100);
  const series = await metrics.changes();
  expect(series).toEqual([
    {
      name: 'mcp_connection_acquisition_seconds',
      labels: [],
      buckets: [0, 1, 1, 1, 1, 1, 1, 1, 1],
      sum: 100.004,
      count: 2,
    },
  ]);
  expect(workerMessageSchema.safeParse({ type: 'metrics', series }).success).toBe(true);
});

test('metrics: a push with the figures of a process that has just started fits the message as JSON', async () => {
  const figures = createProcessFigures();
  try {
    // Taken before the library has measured anything: its mean is no number then.
    const series = await createWorkerMetrics(figures).changes();
    const told = JSON.parse(JSON.stringify({ type: 'metrics', series }));
    expect(workerMessageSchema.safeParse(told).error).toBeUndefined();
    const names = series.map(({ name }) => name);
    expect(names).toContain('process_resident_memory_bytes');
    // Neither are its least and its greatest delay anything that was.
    const ofLag = names.filter((name) => /_lag_(min|max|mean|stddev|p\d+)_seconds$/.test(name));
    expect([0, 7]).toContain(ofLag.length);
  } finally {
    figures.close();
  }
});

test('metrics: what a lost push had is told again within 30 pushes, though it has not changed', async () => {
  const metrics = createWorkerMetrics();
  metrics.set('mcp_concurrent_requests', 4);
  const lost = await metrics.changes();
  for (let push = 2; push <= 30; push += 1) expect(await metrics.changes()).toEqual([]);
  expect(await metrics.changes()).toEqual(lost);
});

test('metrics: two in one process do not share anything', async () => {
  const [one, two] = [createWorkerMetrics(), createWorkerMetrics()];
  one.count('mcp_sessions_adopted_total');
  await one.changes();
  expect(await two.changes()).toContainEqual({ name: 'mcp_sessions_adopted_total', labels: [], value: 0 });
});
