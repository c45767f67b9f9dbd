import { expect, test } from 'vitest';
import { createProcessMetrics } from '../../../src/primary/process-metrics.ts';
import { METRICS } from '../../../src/shared/metrics.ts';
import { eventually } from '../../support/eventually.ts';

test('process metrics: the figures of the primary carry its label, and none has the name of another kind', async () => {
  const metrics = createProcessMetrics();
  const text = await eventually(() => metrics.text() || false, { what: 'the first collection' });
  metrics.close();
  expect(text).toMatch(/^process_cpu_seconds_total\{worker="primary"\} [\d.]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes\{worker="primary"\} \d+$/m);
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(METRICS).not.toHaveProperty(name);
  }
  expect(text.endsWith('\n')).toBe(true);
});
