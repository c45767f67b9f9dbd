/**
 * The metrics a worker measures, in a prom-client registry of its own, and what of them changed since the last push.
 *
 * Values are absolute since the worker started; the primary adds workers up. Series without labels exist as 0 before
 * their first event. A name or label that is not in the table is a mistake of the caller and throws in development.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Series } from '../shared/ipc.ts';
import { METRICS, type MetricName, type MetricSpec, type Recorder } from '../shared/metrics.ts';
import { type ProcessFigures, type PromValue, toSeries } from '../shared/prom-series.ts';

export interface WorkerMetrics extends Recorder {
  /** The series that changed since the last call, with their absolute values; all of them now and then. */
  changes(): Promise<Series[]>;
}

/** The figures of the process itself are told with each of so many pushes. */
const PROCESS_EVERY = 5;
/** All series are told again with each of so many pushes, so that a push that was lost is not missed for ever. */
const ALL_EVERY = 30;

/** @param figures of this process, told now and then */
export function createWorkerMetrics(figures?: Pick<ProcessFigures, 'series'>): WorkerMetrics {
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
  const changed = new Set<string>();
  const sent = new Map<string, string>();
  let pushes = 0;

  const known = <Metric>(metrics: Map<string, Metric>, name: MetricName): Metric => {
    const metric = metrics.get(name);
    if (metric === undefined) throw new Error(`${name} is not a metric of this kind that a worker sets`);
    changed.add(name);
    return metric;
  };

  const seriesOf = async (name: string): Promise<Series[]> => {
    const spec: MetricSpec = METRICS[name as MetricName];
    const metric = histograms.get(name) ?? counters.get(name) ?? gauges.get(name);
    return toSeries(name, spec, ((await metric?.get())?.values ?? []) as readonly PromValue[]);
  };

  return {
    count: (name, labels = {}, by = 1) => known(counters, name).inc(labels, by),
    set: (name, value, labels = {}) => known(gauges, name).set(labels, value),
    observe: (name, value, labels = {}) => known(histograms, name).observe(labels, value),
    changes: async () => {
      const isAll = pushes % ALL_EVERY === 0;
      if (isAll) sent.clear();
      const names = isAll ? own.map(([name]) => name) : [...changed];
      changed.clear();
      const isDue = pushes++ % PROCESS_EVERY === 0;
      const ofProcess = isDue ? ((await figures?.series()) ?? []) : [];
      const series = [...(await Promise.all(names.map(seriesOf))).flat(), ...ofProcess];
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
