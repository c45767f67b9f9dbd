/** Questions to the primary: batched, bounded in time, and nobody waits for a primary that is silent. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LeaseAsk, LeaseGrant } from '../../../../src/shared/ipc.ts';
import { createPrimaryLeases } from '../../../../src/worker/http/primary-leases.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'queueMicrotask'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const RULE = { perMinute: 100, reserve: 0 };

function setUp() {
  const sent: (readonly LeaseAsk[])[] = [];
  let hear: (grants: readonly LeaseGrant[]) => void = () => {};
  const carrier = {
    send: (asks: readonly LeaseAsk[]) => void sent.push(asks),
    onGrants: (listener: typeof hear) => {
      hear = listener;
    },
  };
  const ask = createPrimaryLeases(carrier, () => performance.now());
  return { sent, ask, grant: (...grants: LeaseGrant[]) => hear(grants) };
}

test('leases: what is asked at once leaves as one message, later questions at most each 20 ms', async () => {
  const { sent, ask } = setUp();
  void ask('a', 5, RULE);
  void ask('b', 5, RULE);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent.map((asks) => asks.length)).toEqual([2]);
  expect(sent[0]?.[0]).toMatchObject({ amount: 5, perMinute: 100, reserve: 0 });
  expect(sent[0]?.[0]?.key).not.toBe(sent[0]?.[1]?.key);
  for (let i = 0; i < 250; i++) void ask('c', 1, RULE);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent.map((asks) => asks.length)).toEqual([2, 100, 100, 50]);
});

test('leases: an answer reaches its question; after silence questions end at once until the primary speaks again', async () => {
  const { sent, ask, grant } = setUp();
  const first = ask('a', 5, RULE);
  await vi.advanceTimersByTimeAsync(1);
  grant({ id: sent[0]?.[0]?.id ?? 0, granted: 3, expiresInMs: 10 });
  expect(await first).toEqual({ granted: 3, expiresInMs: 10 });
  const second = ask('a', 5, RULE);
  await vi.advanceTimersByTimeAsync(300);
  expect(await second).toBeUndefined();
  expect(await ask('a', 5, RULE)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(30);
  grant({ id: -1, granted: 0, expiresInMs: 0 });
  const third = ask('a', 5, RULE);
  await vi.advanceTimersByTimeAsync(30);
  grant({ id: sent.at(-1)?.at(-1)?.id ?? 0, granted: 5, expiresInMs: 10 });
  expect(await third).toEqual({ granted: 5, expiresInMs: 10 });
});
