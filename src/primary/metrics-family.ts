/**
 * One metric of the table with its series: running totals for counters and histograms, the senders' values for gauges.
 *
 * A source is what one process says about one series; several sources may feed the same series (two processes, or label
 * values that found no place and share the series `other`). A count that is smaller than before means that its process
 * began anew, so all of it is new.
 */
import type { Series } from '../shared/ipc.ts';
import type { MetricSpec } from '../shared/metrics.ts';
import { type HistogramValue, labelText, renderFamily, type Sample } from './metrics-render.ts';

export interface Source {
  readonly family: Family;
  /** It found its metric full. */
  readonly isOther: boolean;
  readonly cell: Cell;
  /** Last value said; histograms per bucket. */
  last: number | HistogramValue;
}

/** One series. Gauges are what their sources say, the others keep a total. */
interface Cell {
  readonly labels: string;
  readonly sources: Set<Source>;
  total: number;
  readonly buckets: number[];
  sum: number;
}

const OTHER = 'other';
const EMPTY: HistogramValue = { buckets: [], sum: 0, count: 0 };

export class Family {
  readonly name: string;
  readonly spec: MetricSpec;
  readonly #maxSeries: number;
  readonly #labelNames: readonly string[];
  readonly #cells = new Map<string, Cell>();
  #order: Cell[] | undefined;
  #text: string | undefined;

  constructor(name: string, spec: MetricSpec, maxSeries: number) {
    this.name = name;
    this.spec = spec;
    this.#maxSeries = maxSeries;
    this.#labelNames = spec.combine === 'worker' ? [...spec.labels, 'worker'] : spec.labels;
    // A rate needs the 0 before the first event.
    if (spec.kind !== 'gauge' && this.#labelNames.length === 0) this.#cellOf('');
  }

  /** @param sender value of the label `worker` where the workers' values are kept apart */
  newSource(sender: string, labels: readonly string[]): Source {
    const worker = this.spec.combine === 'worker' ? [sender] : [];
    const wanted = labelText(this.#labelNames, [...labels, ...worker]);
    const isOther = labels.length > 0 && this.#cells.size >= this.#maxSeries && !this.#cells.has(wanted);
    const key = isOther ? labelText(this.#labelNames, [...labels.map(() => OTHER), ...worker]) : wanted;
    const last = this.spec.kind === 'histogram' ? EMPTY : 0;
    const source: Source = { family: this, isOther, cell: this.#cellOf(key), last };
    if (this.spec.kind === 'gauge') {
      source.cell.sources.add(source);
      this.#text = undefined;
    }
    return source;
  }

  /** The same source under another sender; what it counted so far stays where it was counted. */
  moved(source: Source, sender: string, labels: readonly string[]): Source {
    this.forget(source);
    const next = this.newSource(sender, labels);
    next.last = source.last;
    return next;
  }

  /** True for a series that the table allows: its kind, number of labels and buckets, and possible values. */
  fits(series: Series): boolean {
    const { kind, labels, buckets = [] } = this.spec;
    if (series.labels.length !== labels.length) return false;
    if ('value' in series) {
      if (kind === 'counter') return series.value >= 0 && series.value <= Number.MAX_SAFE_INTEGER;
      return kind === 'gauge' && Number.isFinite(series.value);
    }
    const rising = [...series.buckets, series.count];
    const isRising = rising.every((count, at) => Number.isFinite(count) && count >= (rising[at - 1] ?? 0));
    return kind === 'histogram' && series.buckets.length === buckets.length && isRising && Number.isFinite(series.sum);
  }

  /** Takes the absolute values of a source; the series must fit. */
  update(source: Source, series: Series): void {
    if (!('value' in series)) this.#updateHistogram(source, series);
    else if (this.spec.kind === 'gauge') this.put(source, series.value);
    else if (typeof source.last === 'number') {
      this.add(source, series.value < source.last ? series.value : series.value - source.last);
      source.last = series.value;
    }
  }

  /** Adds to a counter. */
  add(source: Source, by: number): void {
    if (by === 0) return;
    source.cell.total += by;
    this.#text = undefined;
  }

  /** Sets a gauge. */
  put(source: Source, value: number): void {
    if (source.last === value && this.#text !== undefined) return;
    source.last = value;
    this.#text = undefined;
  }

  /** Adds one observation to a histogram. */
  observe(source: Source, value: number): void {
    const { cell } = source;
    const at = (this.spec.buckets ?? []).findIndex((bound) => value <= bound);
    if (at !== -1) cell.buckets[at] = (cell.buckets[at] ?? 0) + 1;
    cell.total += 1;
    cell.sum += value;
    this.#text = undefined;
  }

  /** The source is gone: a gauge without sources vanishes. */
  forget(source: Source): void {
    if (this.spec.kind !== 'gauge' || !source.cell.sources.delete(source)) return;
    this.#text = undefined;
    if (source.cell.sources.size > 0) return;
    this.#cells.delete(source.cell.labels);
    this.#order = undefined;
  }

  samples(): Sample[] {
    return [...this.#cells.values()].map((cell) => this.#sampleOf(cell));
  }

  text(): string {
    this.#order ??= [...this.#cells.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1));
    this.#text ??= renderFamily(
      this.name,
      this.spec,
      this.#order.map((cell) => this.#sampleOf(cell)),
    );
    return this.#text;
  }

  #updateHistogram(source: Source, series: Extract<Series, { buckets: number[] }>): void {
    if (typeof source.last === 'number') return;
    const { last, cell } = source;
    const own = series.buckets.map((count, at) => count - (series.buckets[at - 1] ?? 0));
    const above = (value: HistogramValue) => value.count - value.buckets.reduce((all, count) => all + count, 0);
    const said: HistogramValue = { buckets: own, sum: series.sum, count: series.count };
    const isAnew = own.some((count, at) => count < (last.buckets[at] ?? 0)) || above(said) < above(last);
    const from = isAnew ? EMPTY : last;
    if (said.count === from.count && said.sum === from.sum) return;
    for (const [at, count] of own.entries())
      cell.buckets[at] = (cell.buckets[at] ?? 0) + count - (from.buckets[at] ?? 0);
    cell.total += said.count - from.count;
    cell.sum += said.sum - from.sum;
    source.last = said;
    this.#text = undefined;
  }

  #cellOf(labels: string): Cell {
    const known = this.#cells.get(labels);
    if (known !== undefined) return known;
    const cell: Cell = { labels, sources: new Set(), total: 0, buckets: [], sum: 0 };
    this.#cells.set(labels, cell);
    this.#order = undefined;
    this.#text = undefined;
    return cell;
  }

  #sampleOf(cell: Cell): Sample {
    if (this.spec.kind === 'counter') return { labels: cell.labels, value: cell.total };
    if (this.spec.kind === 'histogram') {
      return { labels: cell.labels, value: { buckets: cell.buckets, sum: cell.sum, count: cell.total } };
    }
    const values = [...cell.sources].map((source) => (typeof source.last === 'number' ? source.last : 0));
    return { labels: cell.labels, value: combined(this.spec.combine, values) };
  }
}

function combined(how: MetricSpec['combine'], values: readonly number[]): number {
  if (how === 'sum') return values.reduce((all, one) => all + one, 0);
  return how === 'min' ? Math.min(...values) : Math.max(...values);
}
