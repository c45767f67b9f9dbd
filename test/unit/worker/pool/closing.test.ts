/** The end of a pool: whom it refuses, whom it waits for, and that no session stays behind. */
import { expect, test, vi } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { poolScene } from '../../../support/pool-scene.ts';

const scene = poolScene();
const { makePool, acquire, settle } = scene;

test('pool: closing refuses waiters, lets leases end, then closes everything', async () => {
  const pool = makePool({ max: 1 });
  const lease = await acquire(pool);
  const waiting = acquire(pool).catch((error: AppError) => error.code);
  const closed = pool.close(10_000);
  expect(await waiting).toBe('POOL_CLOSED');
  await expect(acquire(pool)).rejects.toBeInstanceOf(AppError);
  expect(scene.driver.live).toBe(1);
  lease.release('clean');
  await closed;
  expect([scene.driver.live, pool.figures().total, scene.gauges.get('mcp_db_connections_total')]).toEqual([0, 0, 0]);
});

test('pool: closing takes connections from leases that outlive the deadline', async () => {
  const pool = makePool();
  await acquire(pool);
  const closed = pool.close(1000);
  await vi.advanceTimersByTimeAsync(1000);
  await closed;
  expect(scene.driver.live).toBe(0);
});

test('pool: a login that ends after the close leaves no session behind', async () => {
  scene.driver.isHeld = true;
  const pool = makePool();
  const waiting = acquire(pool).catch((error: AppError) => error.code);
  const closed = pool.close(1000);
  expect(await waiting).toBe('POOL_CLOSED');
  await vi.advanceTimersByTimeAsync(1000);
  await closed;
  scene.driver.open();
  await settle();
  expect([scene.driver.connections.length, scene.driver.live]).toEqual([1, 0]);
});
