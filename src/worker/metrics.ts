/**
 * The metrics a worker measures, in a prom-client registry of its own, and what of them changed since the last push.
 *
 * Values are absolute since the worker started; the primary adds workers up. Series without labels exist as 0 before
 * their first event. A name or label that is not in the table is a mistake of the caller and throws in development.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Series } from '../shared/ipc.ts';
import { METRICS, type MetricName, type MetricSpec, type Recorder } from '../shared/metrics.ts';

export interface WorkerMetrics extends Recorder {
  /** The series that changed since the last call, with their absolute values; all of them the first time. */
  changes(): Promise<Series[]>;
}

interface Value {
  readonly value: number;
  readonly labels: Partial<Record<string, string | number>>;
  readonly metricName?: string;
}

interface HistogramSeries {
  name: string;
  labels: string[];
  buckets: number[];
  sum: number;
  count: number;
}

const labelsOf = (spec: MetricSpec, value: Value) => spec.labels.map((label) => String(value.labels[label] ?? ''));

/** prom-client tells buckets, sum and count as separate values; here they are one series. */
function histogramSeries(name: MetricName, spec: MetricSpec, values: readonly Value[]): Series[] {
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

export function createWorkerMetrics(): WorkerMetrics {
  const registers = [new Registry()];
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const own = Object.entries(METRICS as Record<string, MetricSpec>).filter(([, spec]) => spec.source === 'worker');
  for (const [name, spec] of own) {
    const base = { name, help: spec.help, labelNames: [...spec.labels], registers };
    if (spec.kind === 'counter') counters.set(name, new Counter(base));
    else if (spec.kind === 'gauge') gauges.set(name, new Gauge(base));
    else histograms.set(name, new Histogram({ ...base, buckets: [...(spec.buckets ?? [])] }));
  }
  const changed = new Set<string>(own.map(([name]) => name));
  const sent = new Map<string, string>();

  const known = <Metric>(metrics: Map<string, Metric>, name: MetricName): Metric => {
    const metric = metrics.get(name);
    if (metric === undefined) throw new Error(`${name} is not a metric of this kind that a worker sets`);
    changed.add(name);
    return metric;
  };

  const seriesOf = async (name: string): Promise<Series[]> => {
    const spec: MetricSpec = METRICS[name as MetricName];
    const histogram = histograms.get(name);
    if (histogram !== undefined) {
      return histogramSeries(name as MetricName, spec, (await histogram.get()).values as readonly Value[]);
    }
    const values = (await (counters.get(name) ?? gauges.get(name))?.get())?.values ?? [];
    return values.map((value) => ({ name, labels: labelsOf(spec, value as Value), value: value.value }));
  };

  return {
    count: (name, labels = {}, by = 1) => known(counters, name).inc(labels, by),
    set: (name, value, labels = {}) => known(gauges, name).set(labels, value),
    observe: (name, value, labels = {}) => known(histograms, name).observe(labels, value),
    changes: async () => {
      const names = [...changed];
      changed.clear();
      const series = (await Promise.all(names.map(seriesOf))).flat();
      return series.filter((one) => {
        const key = `${one.name} ${JSON.stringify(one.labels)}`;
        const state = 'value' in one ? String(one.value) : `${one.count} ${one.sum}`;
        if (sent.get(key) === state) return false;
        sent.set(key, state);
        return true;
      });
    },
  };
}
