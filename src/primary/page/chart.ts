/**
 * One chart over the last quarter of an hour as an SVG picture: lines with a scale from zero, gaps where nothing was
 * measured. Colours and dashes come from the style sheet by class, so that there is no style in the markup.
 */
import { HISTORY_SPAN_MS, type Point, SAMPLE_MS } from '../history.ts';
import { escapeHtml } from './words.ts';

export interface Line {
  readonly name: string;
  readonly look: 'first' | 'second' | 'limit';
  readonly points: readonly Point[];
}

export interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Values with their unit, for the axis and for the caption. */
  readonly text: (value: number) => string;
  /** Whole numbers of this are good ticks: 1, or the bytes of a MiB. */
  readonly unit: number;
  /** The scale reaches at least this far. */
  readonly least: number;
}

const WIDTH = 400;
const HEIGHT = 170;
const BOX = { left: 58, right: WIDTH - 10, top: 10, bottom: HEIGHT - 24 } as const;
const MINUTES = [15, 10, 5, 0];
/** Half of these is a tick as well, and a whole number from 2 on. */
const NEAT = [1, 2, 4, 6, 8, 10];

/** @param now monotonic time of the right edge */
export function chartSvg(chart: Chart, now: number): string {
  const top = scaleTop(Math.max(chart.least, ...chart.lines.flatMap(({ points }) => points.map(known))), chart.unit);
  const x = (at: number) => BOX.right - ((now - at) / HISTORY_SPAN_MS) * (BOX.right - BOX.left);
  const y = (value: number) => BOX.bottom - (value / top) * (BOX.bottom - BOX.top);
  const rows = [0, top / 2, top].map((value) => {
    const at = round(y(value));
    const line = `<path class="grid" d="M${BOX.left} ${at}H${BOX.right}"/>`;
    return `${line}<text class="tick" x="${BOX.left - 6}" y="${at + 4}" text-anchor="end">${escapeHtml(chart.text(value))}</text>`;
  });
  const columns = MINUTES.map((minutes) => {
    const at = round(x(now - minutes * 60_000));
    const anchor = minutes === 0 ? 'end' : minutes === 15 ? 'start' : 'middle';
    const words = minutes === 0 ? 'now' : `−${minutes} min`;
    return `<text class="tick" x="${at}" y="${HEIGHT - 6}" text-anchor="${anchor}">${words}</text>`;
  });
  const lines = chart.lines.map(({ look, points }) => {
    const path = linePath(points, now, x, y);
    return path === '' ? '' : `<path class="line ${look}" d="${path}"/>`;
  });
  const label = escapeHtml(`${chart.title}: ${summary(chart)}`);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${rows.join('')}${columns.join('')}${lines.join('')}</svg>`;
}

/** What a chart shows, in words. */
export function summary({ lines, text }: Chart): string {
  return lines
    .map(({ name, look, points }) => {
      const last = points.at(-1)?.[1] ?? Number.NaN;
      if (look === 'limit') return `${name} ${text(last)}`;
      return `${name} now ${text(last)}, at most ${text(highest(points))}`;
    })
    .join('; ');
}

/** The least neat number that is not below this one; half of it is neat as well. */
export function scaleTop(highestValue: number, unit: number): number {
  const wanted = Math.max(highestValue / unit, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const neat = NEAT.find((each) => each * power >= wanted * (1 - 1e-9)) ?? 10;
  return neat * power * unit;
}

/** Moves and lines; a gap where a value is missing or came much later than the one before. A lone value is a dot. */
export function linePath(
  points: readonly Point[],
  now: number,
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let before: number | undefined;
  for (const [at, value] of points) {
    if (Number.isNaN(value) || now - at > HISTORY_SPAN_MS) {
      before = undefined;
      continue;
    }
    const place = `${round(x(at))} ${round(y(value))}`;
    path += before !== undefined && at - before < SAMPLE_MS * 3 ? `L${place}` : `M${place}h0`;
    before = at;
  }
  return path;
}

const known = ([, value]: Point): number => (Number.isNaN(value) ? 0 : value);
const highest = (points: readonly Point[]): number => Math.max(0, ...points.map(known));
const round = (value: number): number => Math.round(value * 10) / 10;
