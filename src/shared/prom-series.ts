/** What prom-client tells of a metric, in the form that workers send to the primary. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Series } from './ipc.ts';
import type { MetricSpec } from './metrics.ts';
import { PROCESS_METRICS } from './process-metrics.ts';

/** A value of prom-client; its types hide the name that histograms give each. */
export interface PromValue {
  readonly value: number;
  readonly labels: Partial<Record<string, string | number>>;
  readonly metricName?: string;
}

/** Without values that are no number, as the mean of nothing: JSON cannot tell them, and the push would be refused. */
export function toSeries(name: string, spec: MetricSpec, values: readonly PromValue[]): Series[] {
  if (spec.kind === 'histogram') return histogramSeries(name, spec, values);
  const told = values.filter(({ value }) => Number.isFinite(value));
  return told.map((value) => ({ name, labels: labelsOf(spec, value), value: value.value }));
}

const labelsOf = (spec: MetricSpec, value: PromValue) => spec.labels.map((label) => String(value.labels[label] ?? ''));

interface HistogramSeries {
  name: string;
  labels: string[];
  buckets: number[];
  sum: number;
  count: number;
}

/** prom-client tells buckets, sum and count as separate values; here they are one series. */
function histogramSeries(name: string, spec: MetricSpec, values: readonly PromValue[]): Series[] {
  const byLabels = new Map<string, HistogramSeries>();
  for (const value of values) {
    const labels = labelsOf(spec, value);
    const key = JSON.stringify(labels);
    const series = byLabels.get(key) ?? { name, labels, buckets: [], sum: 0, count: 0 };
    byLabels.set(key, series);
    if (value.metricName?.endsWith('_sum')) series.sum = value.value;
    else if (value.metricName?.endsWith('_count')) series.count = value.value;
    else if (value.labels.le !== '+Inf') series.buckets.push(value.value);
  }
  return [...byLabels.values()];
}

/** What the library tells of the delays since it was last asked: 0, or years, when there were none. */
const LAG_FIGURE = /^nodejs_eventloop_lag_\w+_seconds$/;
const LAG_MEAN = 'nodejs_eventloop_lag_mean_seconds';

/** The library's 10 ms wake an idle process a hundred times a second; mcp_event_loop_lag_seconds is finer. */
const LAG_PRECISION_MS = 100;

export interface ProcessFigures {
  /** All process_* and nodejs_* series of this process as they are now. */
  series(): Promise<Series[]>;
  close(): void;
}

export function createProcessFigures(): ProcessFigures {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  const table: Readonly<Record<string, MetricSpec>> = PROCESS_METRICS;
  return {
    series: async () => {
      const metrics = await registry.getMetricsAsJSON();
      const hasMeasured = metrics.some(
        ({ name, values }) => name === LAG_MEAN && values.every(({ value }) => Number.isFinite(value)),
      );
      return metrics.flatMap(({ name, values }) => {
        const spec = table[name];
        const isTold = spec !== undefined && (hasMeasured || !LAG_FIGURE.test(name));
        return isTold ? toSeries(name, spec, values as readonly PromValue[]) : [];
      });
    },
    close: () => registry.clear(),
  };
}
