import { expect, test } from 'vitest';
import { startCronTimer } from '../../../src/primary/cron-timer.ts';
import { cronFault, nextCronTime } from '../../../src/shared/cron.ts';

/** A wall clock and one timer, moved by hand. */
function world(start: Date) {
  let now = start.getTime();
  let timer: { at: number; then: () => void } | undefined;
  return {
    wall: () => new Date(now),
    later: (ms: number, then: () => void) => {
      const mine = { at: now + ms, then };
      timer = mine;
      return () => {
        if (timer === mine) timer = undefined;
      };
    },
    pass(ms: number) {
      const end = now + ms;
      while (timer !== undefined && timer.at <= end) {
        now = timer.at;
        const { then } = timer;
        timer = undefined;
        then();
      }
      now = end;
    },
    /** No timer fires meanwhile. */
    sleep(ms: number) {
      now += ms;
      if (timer !== undefined) timer.at = Math.max(timer.at, now);
    },
    /** Timers go on as if nothing had happened. */
    setBack(ms: number) {
      now -= ms;
      if (timer !== undefined) timer.at -= ms;
    },
  };
}

const HOUR = 3_600_000;
const midnight = () => new Date(2026, 0, 15, 0, 0, 0);

test('cron: is told once at each time of the pattern', () => {
  const clock = world(midnight());
  const told: string[] = [];
  startCronTimer({
    ...clock,
    pattern: () => '0 3 * * *',
    onTime: () => told.push(clock.wall().toString().slice(8, 21)),
  });
  clock.pass(50 * HOUR);
  expect(told).toEqual(['15 2026 03:00', '16 2026 03:00']);
  clock.pass(2 * HOUR);
  expect(told).toHaveLength(3);
});

test('cron: times missed while the machine slept count once', () => {
  const clock = world(midnight());
  let told = 0;
  startCronTimer({ ...clock, pattern: () => '*/10 * * * *', onTime: () => (told += 1) });
  clock.sleep(5 * HOUR + 1000);
  clock.pass(1);
  expect(told).toBe(1);
});

test('cron: a clock that is set back does not make it wait for the old time', () => {
  const clock = world(midnight());
  let told = 0;
  startCronTimer({ ...clock, pattern: () => '0 * * * *', onTime: () => (told += 1) });
  clock.setBack(2 * HOUR);
  clock.pass(HOUR + 120_000);
  expect(told).toBe(1);
});

test('cron: a pattern that comes, changes or goes is noticed within a minute; ended, it tells nothing', () => {
  const clock = world(midnight());
  let told = 0;
  let pattern: string | undefined;
  const end = startCronTimer({ ...clock, pattern: () => pattern, onTime: () => (told += 1) });
  clock.pass(2 * HOUR);
  pattern = '* * * * *';
  clock.pass(130_000);
  expect(told).toBeGreaterThanOrEqual(1);
  pattern = undefined;
  clock.pass(60_000);
  const before = told;
  clock.pass(HOUR);
  expect(told).toBe(before);
  pattern = '* * * * *';
  end();
  clock.pass(HOUR);
  expect(told).toBe(before);
});

test('cron: patterns are checked in words', () => {
  for (const pattern of ['0 3 * * *', '*/5 * * * * *', '@daily', '0 0 1 JAN *'])
    expect(cronFault(pattern)).toBeUndefined();
  expect(cronFault('61 * * * *')).toMatch(/minute/i);
  expect(cronFault('daily')).toContain('format');
  expect(cronFault('0 0 30 2 *')).toBe('it never comes');
  expect(cronFault('')).toBeDefined();
  expect(nextCronTime('0 3 * * *', midnight())).toEqual(new Date(2026, 0, 15, 3, 0, 0));
});
