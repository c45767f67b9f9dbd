import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leakVerdict, leastSquares, type MemorySample } from '../../../src/cli/leak-slope.ts';

const MB = 1024 * 1024;
const minute = (
  rssAt: (second: number) => number,
  heapAt: (second: number) => number = () => 50 * MB,
): MemorySample[] =>
  Array.from({ length: 60 }, (_, second) => ({
    atMs: second * 1000,
    rssBytes: rssAt(second),
    heapBytes: heapAt(second),
  }));

test('least squares: finds the line that points lie on, whatever it is', () => {
  const number = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(number, number, fc.uniqueArray(number, { minLength: 2, maxLength: 20 }), (slope, start, xs) => {
      const found = leastSquares(xs.map((x) => [x, start + slope * x]));
      expect(found.slope).toBeCloseTo(slope, 6);
      if (slope !== 0) expect(found.fit).toBeCloseTo(1, 6);
    }),
  );
  expect(leastSquares([])).toEqual({ slope: 0, fit: 0 });
  expect(
    leastSquares([
      [1, 1],
      [1, 5],
    ]),
  ).toEqual({ slope: 0, fit: 0 });
});

test('leak: a steady rise is one, and says whether the heap or what is outside of it grows', () => {
  const rising = (second: number) => 100 * MB + second * 0.1 * MB;
  expect(leakVerdict(minute(rising, rising), 20 * MB)).toMatchObject({
    word: 'leaking',
    rss: { bytesPerHour: expect.closeTo(360 * MB, -6), fit: 1 },
    why: expect.stringContaining('heap pile up'),
  });
  expect(leakVerdict(minute(rising), 20 * MB).why).toContain('outside the heap');
});

test.each([
  ['a saw tooth', (second: number) => (100 + (second % 10)) * MB],
  ['what stays the same', () => 100 * MB],
  ['what falls', (second: number) => (100 - second * 0.1) * MB],
  ['a rise that is only noise', (second: number) => 100 * MB + second * 10_000],
])('leak: %s is none', (_, at) => {
  expect(leakVerdict(minute(at), 20 * MB).word).toBe('steady');
});

test('leak: a rise below the threshold is none, and a few samples tell nothing', () => {
  const rising = (second: number) => 100 * MB + second * 0.1 * MB;
  expect(leakVerdict(minute(rising), 400 * MB).word).toBe('steady');
  expect(leakVerdict(minute(rising).slice(0, 4), 20 * MB).word).toBe('too short');
});
