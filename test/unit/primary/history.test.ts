import { expect, test } from 'vitest';
import { createHistory, FIGURES, type Figures, HISTORY_SPAN_MS, SAMPLE_MS } from '../../../src/primary/history.ts';

const all = (value: number) =>
  Object.fromEntries(FIGURES.map((name) => [name, value])) as Record<keyof Figures, number>;

test('history: an empty one has no points and no last values', () => {
  const history = createHistory();
  expect([history.points('sessions'), history.last()]).toEqual([[], undefined]);
});

test('history: it keeps a quarter of an hour, oldest first, and forgets the rest', () => {
  const history = createHistory();
  const kept = HISTORY_SPAN_MS / SAMPLE_MS + 1;
  for (let at = 0; at < kept * 2 + 7; at += 1) history.add(at * SAMPLE_MS, all(at));
  const points = history.points('memoryBytes');
  expect(points.length).toBe(kept);
  expect(points[0]).toEqual([(kept + 7) * SAMPLE_MS, kept + 7]);
  expect(points.at(-1)).toEqual([(kept * 2 + 6) * SAMPLE_MS, kept * 2 + 6]);
  expect(history.last()?.sessions).toBe(kept * 2 + 6);
});

test('history: what could not be told stays unknown', () => {
  const history = createHistory();
  history.add(1, { ...all(3), p95Seconds: Number.NaN });
  expect(history.points('p95Seconds')).toEqual([[1, Number.NaN]]);
  expect(history.points('p50Seconds')).toEqual([[1, 3]]);
});
