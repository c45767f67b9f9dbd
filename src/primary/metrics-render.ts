/**
 * Metric families as Prometheus text (exposition format 0.0.4): HELP, TYPE, samples in a stable order.
 *
 * A gauge that keeps an old name ending in _total is untyped, since checkers expect a counter under such a name. The
 * +Inf bucket and _count of a histogram are the same number by construction.
 */
import type { MetricSpec } from '../shared/metrics.ts';

/** Per-bucket counts (not cumulative); what lies above the last bound is in `count` alone. */
export interface HistogramValue {
  readonly buckets: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** Label text of a series (`a="x",b="y"`, may be empty) and its value now. */
export interface Sample {
  readonly labels: string;
  readonly value: number | HistogramValue;
}

export function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, at) => `${name}="${escapeLabel(values[at] ?? '')}"`).join(',');
}

/** @returns the family under its name and under each of its old names; empty without samples */
export function renderFamily(name: string, spec: MetricSpec, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  return [name, ...(spec.oldNames ?? [])].map((alias) => renderAs(alias, spec, samples)).join('');
}

function renderAs(name: string, spec: MetricSpec, samples: readonly Sample[]): string {
  const type = spec.kind === 'gauge' && name.endsWith('_total') ? 'untyped' : spec.kind;
  let text = `# HELP ${name} ${escapeHelp(spec.help)}\n# TYPE ${name} ${type}\n`;
  for (const { labels, value } of samples) {
    if (typeof value === 'number') text += `${name}${labels === '' ? '' : `{${labels}}`} ${numberText(value)}\n`;
    else text += renderHistogram(name, spec.buckets ?? [], labels, value);
  }
  return text;
}

function renderHistogram(name: string, bounds: readonly number[], labels: string, value: HistogramValue): string {
  const before = labels === '' ? '' : `${labels},`;
  const after = labels === '' ? '' : `{${labels}}`;
  let text = '';
  let cumulative = 0;
  for (const [at, bound] of bounds.entries()) {
    cumulative += value.buckets[at] ?? 0;
    text += `${name}_bucket{${before}le="${bound}"} ${cumulative}\n`;
  }
  text += `${name}_bucket{${before}le="+Inf"} ${value.count}\n`;
  return `${text}${name}_sum${after} ${numberText(value.sum)}\n${name}_count${after} ${value.count}\n`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
