import { expect, test } from 'vitest';
import { createMetricsStore } from '../../../src/primary/metrics-merge.ts';
import { startProcessMetrics } from '../../../src/primary/process-metrics.ts';
import { eventually } from '../../support/eventually.ts';

test('process metrics: the figures of the primary carry its label, and none has the name of another kind', async () => {
  const store = createMetricsStore({ maxSeries: 1000 });
  const metrics = startProcessMetrics(store);
  const text = await eventually(() => store.render().includes('process_resident_memory_bytes{') && store.render());
  metrics.close();
  expect(text).toMatch(/^process_cpu_seconds_total\{worker="primary"\} [\d.]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes\{worker="primary"\} \d+$/m);
  expect(text).toMatch(/^nodejs_version_info\{version="v\d+.*worker="primary"\} 1$/m);
  for (const [, name = '', type] of text.matchAll(/^# TYPE ((?:process|nodejs)_\S+) (\S+)$/gm)) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
  }
});
