import { expect, test } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { afterFailedLogin, type Breaker, CLOSED, loginsAllowed } from '../../../../src/worker/pool/breaker.ts';
import { chooseIdle, idleDuty, lookEveryMs, retirementOf, waitCause } from '../../../../src/worker/pool/rules.ts';

const LIMITS = { min: 1, max: 4, maxWaiting: 0, maxInactiveMs: 1000, healthCheckMs: 300, maxAgeMs: 10_000 };
const view = (place: string, more = {}) => ({ place, retireAt: 1e9, idleSince: 0, checkedAt: 0, ...more });

test('choice: the same place first, then home, then any; the latest of equals', () => {
  const idle = [view('A'), view(''), view('B'), view('A'), view('')];
  expect(chooseIdle(idle, { place: 'A', exact: false })).toBe(3);
  expect(chooseIdle(idle, { place: 'C', exact: false })).toBe(4);
  expect(chooseIdle([view('B'), view('A')], { place: 'C', exact: false })).toBe(1);
  expect(chooseIdle([view('B')], { place: 'C', exact: true })).toBe(-1);
  expect(chooseIdle([], { place: '', exact: false })).toBe(-1);
});

test('retirement: within a tenth of the maximum age', () => {
  expect([0, 0.5, 1].map((random) => retirementOf(100, 1000, random))).toEqual([1000, 1100, 1200]);
});

test('duty: age closes even the minimum, idleness only what is above it, checks come in time', () => {
  expect(idleDuty(view('', { retireAt: 50 }), 1, 50, LIMITS)).toBe('close');
  expect(idleDuty(view(''), 2, 1000, LIMITS)).toBe('close');
  expect(idleDuty(view(''), 1, 1000, LIMITS)).toBe('check');
  expect(idleDuty(view('', { checkedAt: 900 }), 1, 1000, LIMITS)).toBe('keep');
  expect(idleDuty(view(''), 1, 299, LIMITS)).toBe('keep');
});

test('looks: often enough for the shortest limit, never more than four a second', () => {
  expect(lookEveryMs(LIMITS)).toBe(250);
  expect(lookEveryMs({ ...LIMITS, maxInactiveMs: 1e7, healthCheckMs: 1e7 })).toBe(5000);
});

test('cause: the last failed login, busy connections, logins under way', () => {
  const facts = { leased: 4, opening: 0, max: 4, longestLeaseMs: 12_000, lastLoginError: undefined };
  expect(waitCause(facts)).toBe('all 4 are running statements, the longest for 12s');
  expect(waitCause({ ...facts, lastLoginError: 'no route' })).toContain('no route');
  expect(waitCause({ ...facts, leased: 1, opening: 2 })).toContain('2 logins');
});

const away = new AppError('SNOWFLAKE_UNREACHABLE', { reason: 'x' });
const refusal = new AppError('SNOWFLAKE_AUTH', { reason: 'x' });

/** The waits of `count` failures, each right when the next try is due. */
function waits(reason: AppError, count: number, random: number): number[] {
  let breaker: Breaker = CLOSED;
  let now = 0;
  return Array.from({ length: count }, () => {
    breaker = afterFailedLogin(breaker, reason, now, random);
    const wait = breaker.kind === 'open' ? breaker.until - now : 0;
    now += wait;
    return wait;
  });
}

test('breaker: waits grow to 30 s while Snowflake is away, to 5 min while it refuses', () => {
  expect(waits(away, 4, 0)).toEqual([500, 750, 1125, 1687]);
  expect(Math.max(...waits(away, 40, 0))).toBe(30_000);
  expect(waits(refusal, 2, 0)).toEqual([5000, 7500]);
  expect(Math.max(...waits(refusal, 40, 0))).toBe(300_000);
  expect(waits(away, 1, 1)).toEqual([350]);
});

test('breaker: logins that fail together count once', () => {
  const first = afterFailedLogin(CLOSED, away, 0, 0);
  expect(afterFailedLogin(first, away, 10, 0)).toEqual(first);
});

test('breaker: closed lets all in, open none, then one at a time', () => {
  const open = afterFailedLogin(CLOSED, away, 0, 0);
  expect(loginsAllowed(CLOSED, 3, 5, 0)).toBe(5);
  expect(loginsAllowed(open, 0, 5, 499)).toBe(0);
  expect(loginsAllowed(open, 0, 5, 500)).toBe(1);
  expect(loginsAllowed(open, 1, 5, 500)).toBe(0);
});
