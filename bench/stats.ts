/** Numbers of a benchmark: percentiles, medians over rounds, tables for people. */
import Table from 'cli-table3';

export interface Sample {
  readonly latenciesMs: readonly number[];
  readonly seconds: number;
  /** Of all processes that serve, in the time of the sample. */
  readonly cpuMs?: number;
}

export interface Summary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly callsPerSecond: number;
  /** Of the serving processes for each call; NaN when they were not watched. */
  readonly cpuMs: number;
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function summarise(sample: Sample): Summary {
  const sorted = [...sample.latenciesMs].sort((a, b) => a - b);
  return {
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    callsPerSecond: sorted.length / sample.seconds,
    cpuMs: (sample.cpuMs ?? Number.NaN) / sorted.length,
  };
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** The median of each figure over the rounds. */
export function medianSummary(rounds: readonly Summary[]): Summary {
  return {
    p50: median(rounds.map((round) => round.p50)),
    p95: median(rounds.map((round) => round.p95)),
    p99: median(rounds.map((round) => round.p99)),
    callsPerSecond: median(rounds.map((round) => round.callsPerSecond)),
    cpuMs: median(rounds.map((round) => round.cpuMs)),
  };
}

/** Half the distance between the smallest and the largest, as a share of the median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  console.log(table.toString());
}

/** e.g. `512.3 ms (508.1 to 530.9)`: the median, the least and the most. */
export function rangeText(values: readonly number[], unit: string, digits = 1): string {
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return `${middle} ${unit} (${least} to ${most})`;
}

export function ratioText(ratio: number): string {
  return `${ratio.toFixed(ratio < 0.1 ? 3 : 2)} x`;
}
