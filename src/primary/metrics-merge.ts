/**
 * All figures of the cluster in one place: the workers' pushed series and the primary's own, merged.
 *
 * Counters and histograms are kept as running totals to which each push adds what came new, so that they never fall
 * when a worker dies or starts to count anew; gauges are the sum, the worst or each of the living workers' values. What
 * a worker sends is believed only as far as the table of metrics goes; the rest is dropped and counted. Nothing here
 * waits, reads or writes: rendering is joining texts, and only families that changed are made anew.
 */
import type { Series } from '../shared/ipc.ts';
import { type GaugeRecorder, METRICS, type MetricName, type MetricSpec, type Recorder } from '../shared/metrics.ts';
import { Family, type Source } from './metrics-family.ts';
import type { Sample } from './metrics-render.ts';
import { slotName } from './rules/slot.ts';

export interface MetricsStore extends GaugeRecorder {
  /** Takes the absolute values of one process. */
  ingest(slot: number, incarnation: number, series: readonly Series[]): void;
  /** Takes the figures of the primary's own process. */
  ingestOwn(series: readonly Series[]): void;
  /** The process serves another slot from now on: its gauges go there. */
  move(incarnation: number, slot: number): void;
  /** The process has ended: its gauges vanish, its counts stay. What it sends later is not heard. */
  retire(incarnation: number): void;
  /** All series of one metric, in no order. */
  read(name: MetricName): Sample[];
  /** Prometheus text. */
  render(): string;
}

interface Sender {
  /** Value of the label `worker` where values are kept apart. */
  worker: string;
  /** What it sent last, by labels. */
  readonly sources: Map<Family, Map<string, Source>>;
}

/** Ended processes whose late messages are known as such. */
const RETIRED_MAX = 1000;
/** Series of one metric and process that are remembered, in multiples of `maxSeries`; further ones are dropped. */
const SOURCES_PER_SERIES = 4;
const NO_LABELS: Readonly<Record<string, string>> = {};

/** @param options.maxSeries series one metric may have; further label values are merged under `other` */
export function createMetricsStore(options: { maxSeries: number }): MetricsStore {
  const table = Object.entries(METRICS as Readonly<Record<string, MetricSpec>>).sort(([a], [b]) => (a < b ? -1 : 1));
  const families = new Map(table.map(([name, spec]) => [name, new Family(name, spec, options.maxSeries)]));
  const senders = new Map<number, Sender>();
  const own: Sender = { worker: 'primary', sources: new Map() };
  const retired = new Set<number>();

  const count: Recorder['count'] = (name, labels = NO_LABELS, by = 1) => {
    if (!(by >= 0) || !Number.isFinite(by)) return;
    const source = ownSource(name, 'counter', labels);
    if (source !== undefined) source.family.add(source, by);
  };
  const ownSource = (name: MetricName, kind: MetricSpec['kind'], labels: Readonly<Record<string, string>>) => {
    const family = families.get(name);
    if (family?.spec.kind !== kind) return undefined;
    return sourceOf(
      family,
      own,
      family.spec.labels.map((label) => labels[label] ?? ''),
    );
  };
  const sourceOf = (family: Family, sender: Sender, labels: readonly string[]): Source | undefined => {
    const sources = sender.sources.get(family) ?? new Map<string, Source>();
    sender.sources.set(family, sources);
    const key = JSON.stringify(labels);
    const known = sources.get(key);
    if (known !== undefined) return known;
    if (sources.size >= options.maxSeries * SOURCES_PER_SERIES) return undefined;
    const source = family.newSource(sender.worker, labels);
    sources.set(key, source);
    if (source.isOther) count('supervisor_series_overflow_total');
    return source;
  };
  const takeIn = (sender: Sender, series: Series): 'metric' | 'series' | undefined => {
    const family = families.get(series.name);
    if (family === undefined || family.spec.source === 'primary' || !family.fits(series)) return 'metric';
    const source = sourceOf(family, sender, series.labels);
    if (source === undefined) return 'series';
    family.update(source, series);
    return undefined;
  };

  for (const [name, { kind, labels, values = [] }] of table) {
    if (kind !== 'counter') continue;
    const [label] = labels;
    if (label === undefined) count(name as MetricName, NO_LABELS, 0);
    else for (const value of values) count(name as MetricName, { [label]: value }, 0);
  }
  return {
    count,
    set: (name, value, labels = NO_LABELS) => {
      const source = ownSource(name, 'gauge', labels);
      if (source !== undefined) source.family.put(source, value);
    },
    clear: (name, labels = NO_LABELS) => {
      const family = families.get(name);
      if (family === undefined) return;
      const sources = own.sources.get(family);
      const key = JSON.stringify(family.spec.labels.map((label) => labels[label] ?? ''));
      const source = sources?.get(key);
      if (source === undefined) return;
      family.forget(source);
      sources?.delete(key);
    },
    observe: (name, value, labels = NO_LABELS) => {
      const source = ownSource(name, 'histogram', labels);
      if (source !== undefined && Number.isFinite(value)) source.family.observe(source, value);
    },
    ingestOwn: (series) => {
      for (const one of series) takeIn(own, one);
    },
    ingest: (slot, incarnation, series) => {
      if (retired.has(incarnation)) return;
      const sender = senders.get(incarnation) ?? { worker: String(slotName(slot)), sources: new Map() };
      senders.set(incarnation, sender);
      for (const one of series) {
        const reason = takeIn(sender, one);
        if (reason !== undefined) count('supervisor_ipc_dropped_total', { reason });
      }
    },
    move: (incarnation, slot) => {
      const sender = senders.get(incarnation);
      if (sender === undefined) return;
      sender.worker = String(slotName(slot));
      for (const [family, sources] of sender.sources) {
        if (family.spec.combine !== 'worker') continue;
        for (const [key, source] of sources) {
          sources.set(key, family.moved(source, sender.worker, JSON.parse(key) as string[]));
        }
      }
    },
    retire: (incarnation) => {
      for (const sources of senders.get(incarnation)?.sources.values() ?? []) {
        for (const source of sources.values()) source.family.forget(source);
      }
      senders.delete(incarnation);
      retired.add(incarnation);
      const [oldest] = retired;
      if (retired.size > RETIRED_MAX && oldest !== undefined) retired.delete(oldest);
    },
    read: (name) => families.get(name)?.samples() ?? [],
    render: () => {
      let text = '';
      for (const family of families.values()) text += family.text();
      return text;
    },
  };
}
