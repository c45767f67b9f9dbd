import { expect, test } from 'vitest';
import type { Point } from '../../../../src/primary/history.ts';
import { type Chart, chartSvg, linePath, scaleTop, summary } from '../../../../src/primary/page/chart.ts';
import { rateText, secondsText, sizeText } from '../../../../src/primary/page/words.ts';

const same = (value: number) => value;
const chart = (points: readonly Point[], more: Partial<Chart> = {}): Chart => ({
  title: 'Requests & more',
  lines: [{ name: 'requests/s', look: 'first', points }],
  text: rateText,
  unit: 1,
  least: 1,
  ...more,
});

test.each([
  [0.3, 0.4],
  [1, 1],
  [1.01, 2],
  [5, 6],
  [7, 8],
  [8.5, 10],
  [24, 40],
  [99, 100],
  [101, 200],
  [0, 1],
])('scale: the top above %d is %d', (value, top) => {
  expect(scaleTop(value === 0 ? 1 : value, 1)).toBeCloseTo(top);
});

test('scale: sizes have neat numbers of MiB', () => {
  const mib = 1024 ** 2;
  expect(sizeText(scaleTop(526 * mib, mib))).toBe('600 MiB');
});

test('line: values follow each other, a missing one and a long silence are gaps, a lone one is a dot', () => {
  const points: Point[] = [
    [0, 1],
    [5000, 2],
    [10_000, Number.NaN],
    [15_000, 3],
    [100_000, 4],
    [105_000, 5],
  ];
  expect(linePath(points, 105_000, same, same)).toBe('M0 1h0L5000 2M15000 3h0M100000 4h0L105000 5');
});

test('line: what is older than the chart is not drawn', () => {
  expect(linePath([[0, 1]], 15 * 60_000 + 1, same, same)).toBe('');
});

test('chart: axes have units, the picture says in words what it shows, and nothing is styled in place', () => {
  const svg = chartSvg(chart([[0, 0.002]], { text: secondsText, least: 0.01 }), 5000);
  for (const words of ['10 ms', '5 ms', '0 ms', '−15 min', 'now', 'role="img"', 'Requests &amp; more: ']) {
    expect(svg).toContain(words);
  }
  expect(svg).not.toMatch(/style=|NaN|Infinity|undefined/);
});

test('chart: nothing measured is no picture of nonsense', () => {
  for (const points of [[], [[0, Number.NaN]]] as Point[][]) {
    expect(chartSvg(chart(points), 1)).not.toMatch(/NaN|Infinity|undefined|class="line/);
  }
});

test('chart: in words, the value now and the highest', () => {
  const points: Point[] = [
    [0, 9],
    [5000, 4],
  ];
  expect(summary(chart(points))).toBe('requests/s now 4, at most 9');
});
