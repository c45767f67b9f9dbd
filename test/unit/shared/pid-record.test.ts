import { expect, test } from 'vitest';
import { isSameProcess, markProcess } from '../../../src/shared/pid-record.ts';

test('pid record: process 1 is told apart by its start time like any other, as a primary in a container is', () => {
  const mark = markProcess(1);
  expect(mark?.pid).toBe(1);
  expect(mark?.startTime).not.toBe('');
  expect(mark !== undefined && isSameProcess(mark)).toBe(true);
  expect(isSameProcess({ pid: 1, startTime: 'another' })).toBe(false);
});

test('pid record: 0 and negative numbers, which signal whole groups, name no process', () => {
  expect(markProcess(0)).toBeUndefined();
  expect(markProcess(-1)).toBeUndefined();
});
