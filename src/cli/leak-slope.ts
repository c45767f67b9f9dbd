/**
 * Whether memory grows without end, from samples of it: the slope by least squares, and how well a line fits at all.
 * Pure.
 *
 * A heap goes up and down with each collection, so a slope counts only when the line explains most of what was seen and
 * when the rise over the sample is more than noise.
 */

export interface MemorySample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

export interface Slope {
  readonly bytesPerHour: number;
  /** Share of the changes that the line explains, 0 to 1. */
  readonly fit: number;
}

export type LeakWord = 'leaking' | 'steady' | 'too short';

export interface LeakVerdict {
  readonly word: LeakWord;
  readonly rss: Slope;
  readonly heap: Slope;
  /** Between the first and the last sample. */
  readonly riseBytes: number;
  readonly why: string;
}

const HOUR_MS = 3_600_000;
const MIN_SAMPLES = 5;
const MIN_FIT = 0.7;
/** A rise below this is noise, however steep it looks in a short time. */
const MIN_RISE_BYTES = 4 * 1024 * 1024;

/** All x alike, or fewer than two points, have no slope. */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): { slope: number; fit: number } {
  const count = points.length;
  const mean = (pick: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / count;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (const [x, y] of points) {
    sxx += (x - meanX) ** 2;
    sxy += (x - meanX) * (y - meanY);
    syy += (y - meanY) ** 2;
  }
  if (count < 2 || sxx === 0) return { slope: 0, fit: 0 };
  return { slope: sxy / sxx, fit: syy === 0 ? 0 : sxy ** 2 / (sxx * syy) };
}

/** @param thresholdPerHour bytes; a slope up to this is no leak */
export function leakVerdict(samples: readonly MemorySample[], thresholdPerHour: number): LeakVerdict {
  const slopeOf = (pick: (sample: MemorySample) => number): Slope => {
    const { slope, fit } = leastSquares(samples.map((sample) => [sample.atMs, pick(sample)]));
    return { bytesPerHour: Math.round(slope * HOUR_MS), fit: Number(fit.toFixed(3)) };
  };
  const [rss, heap] = [slopeOf(({ rssBytes }) => rssBytes), slopeOf(({ heapBytes }) => heapBytes)];
  const riseBytes = (samples.at(-1)?.rssBytes ?? 0) - (samples[0]?.rssBytes ?? 0);
  const told = (word: LeakWord, why: string): LeakVerdict => ({ word, rss, heap, riseBytes, why });
  if (samples.length < MIN_SAMPLES) return told('too short', `${samples.length} samples; it takes ${MIN_SAMPLES}`);
  if (rss.bytesPerHour <= thresholdPerHour) return told('steady', 'the slope is below the threshold');
  if (rss.fit < MIN_FIT) return told('steady', 'it goes up and down: no line fits');
  if (riseBytes < MIN_RISE_BYTES) return told('steady', 'the rise is too small to mean anything');
  const isHeap = heap.bytesPerHour > rss.bytesPerHour / 2;
  return told(
    'leaking',
    isHeap ? 'objects on the heap pile up' : 'memory outside the heap grows: buffers or native code',
  );
}
