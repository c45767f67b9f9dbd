/** The end of a pool: whom it refuses, whom it waits for, and that no session stays behind. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { Pool } from '../../../../src/worker/pool/pool.ts';
import type { PoolLimits } from '../../../../src/worker/pool/rules.ts';
import { FakeDriver } from '../../../support/fake-driver.ts';

const LIMITS: PoolLimits = {
  min: 0,
  max: 2,
  maxWaiting: 3,
  maxInactiveMs: 60_000,
  healthCheckMs: 20_000,
  maxAgeMs: 3_600_000,
};
const clock = { now: () => Date.now(), wall: () => new Date() };
const log = createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() });
const ANY = { place: '', exact: false };
const NEVER = new AbortController().signal;

let driver: FakeDriver;
let gauges: Map<string, number>;
const pools: Pool[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  driver = new FakeDriver();
  gauges = new Map();
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close(0)));
  vi.useRealTimers();
});

function makePool(limits: Partial<PoolLimits> = {}): Pool {
  const recorder = {
    count: (name: string) => void gauges.set(name, (gauges.get(name) ?? 0) + 1),
    set: (name: string, value: number) => void gauges.set(name, value),
    observe: () => {},
  };
  const pool = new Pool({ driver, limits: { ...LIMITS, ...limits }, clock, recorder, log, random: () => 0.5 });
  pools.push(pool);
  return pool;
}

const acquire = (pool: Pool, need = ANY, waitMs = 5000, signal = NEVER) =>
  pool.acquire(need, clock.now() + waitMs, signal);
const settle = () => vi.advanceTimersByTimeAsync(0);

test('pool: closing refuses waiters, lets leases end, then closes everything', async () => {
  const pool = makePool({ max: 1 });
  const lease = await acquire(pool);
  const waiting = acquire(pool).catch((error: AppError) => error.code);
  const closed = pool.close(10_000);
  expect(await waiting).toBe('POOL_CLOSED');
  await expect(acquire(pool)).rejects.toBeInstanceOf(AppError);
  expect(driver.live).toBe(1);
  lease.release('clean');
  await closed;
  expect([driver.live, pool.figures().total, gauges.get('mcp_db_connections_total')]).toEqual([0, 0, 0]);
});

test('pool: closing takes connections from leases that outlive the deadline', async () => {
  const pool = makePool();
  await acquire(pool);
  const closed = pool.close(1000);
  await vi.advanceTimersByTimeAsync(1000);
  await closed;
  expect(driver.live).toBe(0);
});

test('pool: a login that ends after the close leaves no session behind', async () => {
  driver.isHeld = true;
  const pool = makePool();
  const waiting = acquire(pool).catch((error: AppError) => error.code);
  const closed = pool.close(1000);
  expect(await waiting).toBe('POOL_CLOSED');
  await vi.advanceTimersByTimeAsync(1000);
  await closed;
  driver.open();
  await settle();
  expect([driver.connections.length, driver.live]).toEqual([1, 0]);
});
