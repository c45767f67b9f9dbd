/** The end of a pool: whom it refuses, whom it waits for, and that no session stays behind. */
import { expect, test, vi } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { POOL_LIMITS, poolScene } from '../../../support/pool-scene.ts';

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

test.each([
  ['is told before the deadline', 500],
  ['is not told in time', 5000],
])(
  'pool: a session that is being checked is ended by the close, once, whether its life %s or not',
  async (_what, ms) => {
    const pool = makePool();
    (await acquire(pool)).release('clean');
    let ends = 0;
    Object.assign(scene.driver.connections[0] ?? {}, {
      heartbeat: () => new Promise((resolve) => setTimeout(() => resolve(true), POOL_LIMITS.healthCheckMs / 4 + ms)),
      destroy: async () => void ends++,
    });
    await vi.advanceTimersByTimeAsync(POOL_LIMITS.healthCheckMs + POOL_LIMITS.healthCheckMs / 4);
    expect(pool.figures()).toMatchObject({ idle: 0, total: 1 });
    const closed = pool.close(1000);
    await vi.advanceTimersByTimeAsync(1000);
    await closed;
    expect([ends, pool.figures().total]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends).toBe(1);
  },
);
