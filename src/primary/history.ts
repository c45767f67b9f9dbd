/**
 * The figures of the last quarter of an hour, for the charts of the status page: a ring of plain numbers whose memory is
 * taken once and never grows. A figure that could not be told (no request, so no latency) is NaN.
 */
export const FIGURES = [
  'requestsPerSecond',
  'p50Seconds',
  'p95Seconds',
  'memoryBytes',
  'poolLent',
  'poolOpen',
  'poolMax',
  'sessions',
  'lagSeconds',
] as const;

export type Figure = (typeof FIGURES)[number];
export type Figures = Readonly<Record<Figure, number>>;

/** Monotonic time in ms, and the value then. */
export type Point = readonly [at: number, value: number];

export interface History {
  add(at: number, figures: Figures): void;
  /** Oldest first. */
  points(figure: Figure): readonly Point[];
  /** The newest values, undefined before the first. */
  last(): Figures | undefined;
}

export const HISTORY_SPAN_MS = 15 * 60_000;
export const SAMPLE_MS = 5000;
/** Both ends of the span. */
const KEPT = HISTORY_SPAN_MS / SAMPLE_MS + 1;

export function createHistory(): History {
  const times = new Float64Array(KEPT);
  const values = Object.fromEntries(FIGURES.map((name) => [name, new Float32Array(KEPT)])) as unknown as Readonly<
    Record<Figure, Float32Array>
  >;
  let added = 0;
  const places = () => {
    const kept = Math.min(added, KEPT);
    return Array.from({ length: kept }, (_, at) => (added - kept + at) % KEPT);
  };
  return {
    add(at, figures) {
      const place = added % KEPT;
      times[place] = at;
      for (const name of FIGURES) values[name][place] = figures[name];
      added += 1;
    },
    points: (figure) => places().map((place): Point => [times[place] ?? 0, values[figure][place] ?? Number.NaN]),
    last() {
      if (added === 0) return undefined;
      const place = (added - 1) % KEPT;
      return Object.fromEntries(FIGURES.map((name) => [name, values[name][place] ?? Number.NaN])) as Record<
        Figure,
        number
      >;
    },
  };
}
