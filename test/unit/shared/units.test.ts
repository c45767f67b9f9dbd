import { expect, test } from 'vitest';
import { nextBackoff } from '../../../src/shared/backoff.ts';
import { addToWindow, countInWindow, emptyWindow } from '../../../src/shared/rate-window.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../src/shared/units.ts';

test.each([
  ['10s', 10_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['4000', 4000],
  [4000, 4000],
  ['2 min', 120_000],
  ['1d', 86_400_000],
  ['soon', undefined],
  ['-1s', undefined],
  ['', undefined],
  [Number.NaN, undefined],
  ['10 s s', undefined],
])('parseDuration: %s is %s ms', (value, ms) => {
  expect(parseDuration(value)).toBe(ms);
});

test.each([
  ['500M', 524_288_000],
  ['1G', 1_073_741_824],
  ['4096', 4096],
  ['1.5k', 1536],
  ['2MiB', 2_097_152],
  ['lots', undefined],
  [-1, undefined],
])('parseSize: %s is %s bytes', (value, bytes) => {
  expect(parseSize(value)).toBe(bytes);
});

test('formatDuration and formatSize: two units at most, no needless fraction', () => {
  expect([12, 61_000, 90_061_000].map(formatDuration)).toEqual(['12ms', '1m 1s', '1d 1h']);
  expect([900, 1536, 524_288_000].map(formatSize)).toEqual(['900B', '1.5K', '500M']);
});

test('nextBackoff: the base first, then 1.5 times the last, up to the cap, as PM2 measures', () => {
  const limits = { baseMs: 100, capMs: 15_000, fixedMs: 4000, jitter: 0 };
  const delays: number[] = [];
  for (let last = 0; delays.length < 15; ) {
    last = nextBackoff(last, limits, 0.5).nextMs;
    delays.push(last);
  }
  expect(delays.slice(0, 6)).toEqual([100, 150, 225, 337, 505, 757]);
  expect(delays.at(-1)).toBe(15_000);
});

test('nextBackoff: without a base the fixed delay; jitter stays within its share', () => {
  const limits = { baseMs: 0, capMs: 15_000, fixedMs: 4000, jitter: 0.2 };
  expect(nextBackoff(0, limits, 0).delayMs).toBe(3200);
  expect(nextBackoff(4000, limits, 1).delayMs).toBe(4800);
});

test('rate window: old events leave, memory is bounded', () => {
  let window = emptyWindow;
  for (let now = 0; now < 1000; now += 1) window = addToWindow(window, now, 100, 10);
  expect(window.times.length).toBeLessThanOrEqual(11);
  expect(countInWindow(window, 1000, 5)).toBe(4);
  expect(countInWindow(window, 5000, 100)).toBe(0);
});
