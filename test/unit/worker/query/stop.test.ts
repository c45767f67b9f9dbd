/** The one reason for which a statement is stopped, and when it is told. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stop } from '../../../../src/worker/query/stop.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('stop: the first cause counts, whatever comes after it', () => {
  const client = new AbortController();
  const stop = new Stop(client.signal);
  stop.startTimer(1000);
  stop.stop('operator');
  client.abort();
  vi.advanceTimersByTime(1000);
  expect([stop.causeInSnowflake, stop.error('q').code]).toEqual(['operator', 'QUERY_KILLED']);
  expect(stop.signal.reason).toMatchObject({ code: 'QUERY_KILLED' });
});

test('stop: a client that is gone before the statement begins stops it, which Snowflake never knows', () => {
  const stop = new Stop(AbortSignal.abort());
  expect([stop.signal.aborted, stop.causeInSnowflake]).toEqual([true, undefined]);
  expect(stop.error().code).toBe('QUERY_CANCELLED');
});

test('stop: a time limit that is started anew counts from then', () => {
  const stop = new Stop(new AbortController().signal);
  stop.startTimer(1000);
  vi.advanceTimersByTime(900);
  stop.startTimer(2000);
  vi.advanceTimersByTime(1900);
  expect(stop.signal.aborted).toBe(false);
  vi.advanceTimersByTime(100);
  expect(stop.signal.reason).toMatchObject({ code: 'QUERY_TIMEOUT', details: { limitMs: 2000 } });
});
