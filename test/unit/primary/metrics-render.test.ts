/** Prometheus text: form of a family, names kept for old dashboards, escaping, and order. */
import { expect, test } from 'vitest';
import { createMetricsStore } from '../../../src/primary/metrics-merge.ts';
import { labelText, renderFamily } from '../../../src/primary/metrics-render.ts';
import { METRICS, type MetricSpec } from '../../../src/shared/metrics.ts';

const counter: MetricSpec = {
  kind: 'counter',
  help: 'A help\\ of\ntwo.',
  labels: ['a', 'b'],
  source: 'worker',
  combine: 'sum',
};

test('render: HELP, TYPE and samples, with escaped help and label values', () => {
  const labels = labelText(['a', 'b'], ['x"y\\z\n', 'plain']);
  expect(renderFamily('some_total', counter, [{ labels, value: 1.5 }])).toBe(
    '# HELP some_total A help\\\\ of\\ntwo.\n# TYPE some_total counter\nsome_total{a="x\\"y\\\\z\\n",b="plain"} 1.5\n',
  );
});

test('render: a family without samples has no header', () => {
  expect(renderFamily('some_total', counter, [])).toBe('');
});

test('render: buckets are cumulative and +Inf is the count', () => {
  const spec: MetricSpec = { ...counter, kind: 'histogram', labels: ['a'], buckets: [0.5, 1, 10] };
  const text = renderFamily('x_seconds', spec, [{ labels: 'a="1"', value: { buckets: [1, 2], sum: 9.5, count: 7 } }]);
  expect(text.split('\n').slice(2, -1)).toEqual([
    'x_seconds_bucket{a="1",le="0.5"} 1',
    'x_seconds_bucket{a="1",le="1"} 3',
    'x_seconds_bucket{a="1",le="10"} 3',
    'x_seconds_bucket{a="1",le="+Inf"} 7',
    'x_seconds_sum{a="1"} 9.5',
    'x_seconds_count{a="1"} 7',
  ]);
});

test('render: numbers that are no decimals have their words', () => {
  const spec: MetricSpec = { ...counter, kind: 'gauge', labels: [] };
  const words = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e21].map(
    (value) => renderFamily('x', spec, [{ labels: '', value }]).split('\n')[2],
  );
  expect(words).toEqual(['x +Inf', 'x -Inf', 'x NaN', 'x 1e+21']);
});

test('render: old names have the same values, and gauges that end in _total are untyped', () => {
  const metrics = createMetricsStore({ maxSeries: 10 });
  metrics.ingest(0, 1, [
    { name: 'mcp_db_connections_total', labels: [], value: 4 },
    { name: 'mcp_active_sessions', labels: [], value: 2 },
  ]);
  const text = metrics.render();
  for (const [name, value] of [
    ['mcp_db_connections_total', 4],
    ['pool_connections_total', 4],
    ['mcp_active_sessions_total', 2],
  ] as const) {
    expect(text).toContain(`# TYPE ${name} untyped\n${name} ${value}\n`);
  }
  expect(text).toContain('# TYPE mcp_active_sessions gauge\nmcp_active_sessions 2\n');
});

test('render: each name appears once, in a stable order, and nothing a checker would object to', () => {
  const metrics = createMetricsStore({ maxSeries: 10 });
  for (const [name, spec] of Object.entries(METRICS as Record<string, MetricSpec>)) {
    if (spec.kind !== 'gauge' || spec.source !== 'worker') continue;
    metrics.ingest(0, 1, [{ name, labels: spec.labels.map(() => 'x'), value: 1 }]);
  }
  const text = metrics.render();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map((match) => ({ name: match[1] ?? '', type: match[2] }));
  const names = types.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect([...text.matchAll(/^# HELP (\S+) \S/gm)].map((match) => match[1])).toEqual(names);
  for (const { name, type } of types) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter' || type === 'untyped']);
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name).not.toMatch(/gauge|counter|histogram|summary|_ms$|milliseconds|minutes|_(bucket|count|sum)$/);
  }
  expect(metrics.render()).toBe(text);
});
