/** The six charts: which figures each shows, in what unit. */
import type { Figure, History } from '../history.ts';
import { type Chart, chartSvg, type Line } from './chart.ts';
import { escapeHtml, rateText, secondsText, sizeText, wholeText } from './words.ts';

interface Spec extends Omit<Chart, 'lines'> {
  readonly id: string;
  readonly lines: readonly (readonly [Figure, string, Line['look']])[];
}

const MIB = 1024 ** 2;

const SPECS: readonly Spec[] = [
  {
    id: 'requests',
    title: 'Requests per second',
    lines: [['requestsPerSecond', 'requests/s', 'first']],
    text: rateText,
    unit: 1,
    least: 1,
  },
  {
    id: 'latency',
    title: 'Latency of requests',
    lines: [
      ['p50Seconds', 'p50', 'first'],
      ['p95Seconds', 'p95', 'second'],
    ],
    text: secondsText,
    unit: 1,
    least: 0.01,
  },
  {
    id: 'memory',
    title: 'Memory',
    lines: [['memoryBytes', 'all processes', 'first']],
    text: sizeText,
    unit: MIB,
    least: 100 * MIB,
  },
  {
    id: 'pool',
    title: 'Snowflake connections',
    lines: [
      ['poolLent', 'in use', 'first'],
      ['poolOpen', 'open', 'second'],
      ['poolMax', 'limit', 'limit'],
    ],
    text: rateText,
    unit: 1,
    least: 2,
  },
  {
    id: 'sessions',
    title: 'Sessions',
    lines: [['sessions', 'sessions', 'first']],
    text: wholeText,
    unit: 1,
    least: 2,
  },
  {
    id: 'lag',
    title: 'Event loop lag',
    lines: [['lagSeconds', 'worst worker', 'first']],
    text: secondsText,
    unit: 1,
    least: 0.01,
  },
];

export const CHART_PLACES = SPECS.map(({ id, title }) => ({ id: `chart-${id}`, title }));

/** Picture and key of each chart, by element id. */
export function chartParts(history: History, now: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SPECS.map(({ id, ...spec }) => {
      const lines = spec.lines.map(([figure, name, look]) => ({ name, look, points: history.points(figure) }));
      const key = lines.map(({ name, look, points }) => {
        const value = spec.text(points.at(-1)?.[1] ?? Number.NaN);
        return `<li class="${look}">${escapeHtml(name)} <b>${escapeHtml(value)}</b></li>`;
      });
      return [`chart-${id}`, `${chartSvg({ ...spec, lines }, now)}<ul class="key">${key.join('')}</ul>`];
    }),
  );
}
