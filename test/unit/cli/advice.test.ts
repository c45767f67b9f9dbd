import { expect, test } from 'vitest';
import { advise, type LoadSample, type ServiceFacts } from '../../../src/cli/advice.ts';

const MB = 1024 * 1024;
const quiet: LoadSample = { sessions: 0, active: 0, waiting: 0, cpuPercent: 30, ownBytes: 150 * MB, lagMs: 5 };
const facts: ServiceFacts = {
  workers: 2,
  poolMin: 1,
  poolMax: 8,
  poolPeak: 0,
  memoryLimitBytes: 500 * MB,
  processors: 4,
  memoryBytes: 8192 * MB,
};

const advised = (key: string, samples: readonly LoadSample[], more: Partial<ServiceFacts> = {}) =>
  advise(samples, { ...facts, ...more }).find((it) => it.key === key);

test('advice: max is the peak x 1.5, divided among the workers; waiting calls count', () => {
  expect(advised('pool.max_size', [quiet], { poolPeak: 12 })).toMatchObject({ advised: '9', change: true });
  expect(advised('pool.max_size', [{ ...quiet, active: 16, waiting: 4 }])?.advised).toBe('15');
  expect(advised('pool.max_size', [quiet], { poolPeak: 12 })?.because).toContain('12 connections at once x 1.5');
});

test('advice: without a peak or users nothing is advised', () => {
  expect(advised('pool.max_size', [quiet])).toMatchObject({ advised: '8', change: false });
  expect(advised('pool.min_size', [quiet])).toMatchObject({ advised: '1', change: false });
});

test('advice: min is half the users, divided among the workers, never above max', () => {
  expect(advised('pool.min_size', [{ ...quiet, sessions: 10 }])?.advised).toBe('3');
  expect(advised('pool.min_size', [{ ...quiet, sessions: 1000 }])?.advised).toBe('8');
});

test.each<[string, Partial<LoadSample>, Partial<ServiceFacts>, string]>([
  ['busy workers and free processors', { cpuPercent: 95 }, {}, '3'],
  ['busy workers and none free', { cpuPercent: 95 }, { processors: 2 }, '2'],
  ['idle workers', { cpuPercent: 1 }, { workers: 4 }, '2'],
  ['more workers than processors', {}, { workers: 6 }, '4'],
  ['a load that fits', {}, {}, '2'],
])('advice: %s', (_, sample, more, count) => {
  expect(advised('workers.count', [{ ...quiet, ...sample }], more)?.advised).toBe(count);
});

test.each<[string, Partial<LoadSample>, Partial<ServiceFacts>, string]>([
  ['a worker near its limit gets room', { ownBytes: 450 * MB }, {}, '700M'],
  ['limits beyond the machine come down', {}, { memoryBytes: 1024 * MB }, '400M'],
  ['a limit that fits stays', {}, {}, '500M'],
])('advice: %s', (_, sample, more, limit) => {
  expect(advised('workers.max_memory_restart', [{ ...quiet, ...sample }], more)?.advised).toBe(limit);
});
