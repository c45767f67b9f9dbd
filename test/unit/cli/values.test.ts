import { expect, test } from 'vitest';
import { moment, seconds, UsageError, wholeNumber, workerTarget } from '../../../src/cli/values.ts';

test('scale: max, N, +N and -N become a number of workers', () => {
  expect(['max', '3', '+2', '-1'].map((words) => workerTarget(words, 4, 8))).toEqual([8, 3, 6, 3]);
});

test.each(['0', '-4', '257', '+300', 'many', '1.5', '', '1e2', '--1'])('scale: %j is refused', (words) => {
  expect(() => workerTarget(words, 4, 8)).toThrow(UsageError);
});

test('numbers: what is no number in range names the argument', () => {
  expect(seconds('--timeout')('1.5')).toBe(1.5);
  for (const value of ['', 'x', '-1', '99999', 'Infinity'])
    expect(() => seconds('--timeout')(value)).toThrow('--timeout');
  expect(wholeNumber('--lines', 0, 9)('9')).toBe(9);
  for (const value of ['10', '-1', '1.5', '', 'x'])
    expect(() => wholeNumber('--lines', 0, 9)(value)).toThrow('--lines');
});

test('moment: a duration back from now or a date', () => {
  const read = moment('--since', () => 1_000_000);
  expect([read('10s'), read(undefined)]).toEqual([990_000, undefined]);
  expect(read('2026-01-31T12:00:00Z')).toBe(Date.UTC(2026, 0, 31, 12));
  expect(() => read('yesterday')).toThrow('--since');
});
