import { expect, test, vi } from 'vitest';
import type { AppError } from '../../../../src/shared/errors.ts';
import type { Lease } from '../../../../src/worker/pool/pool.ts';
import { DriverError } from '../../../../src/worker/snowflake/driver.ts';
import { ANY_PLACE, POOL_LIMITS, poolScene } from '../../../support/pool-scene.ts';

const scene = poolScene();
const { makePool, acquire, settle } = scene;
const idOf = (lease: Lease) => (lease.connection as unknown as { id: number }).id;
const unreachable = () => new DriverError({ stage: 'login', code: '401001', message: 'connect ECONNREFUSED' });
const refused = () => new DriverError({ stage: 'login', code: '390100', message: 'Incorrect password' });

test('pool: opens nothing before it is asked', async () => {
  const pool = makePool({ min: 2 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([scene.driver.attempts, pool.health]).toEqual([0, 'unknown']);
});

test('pool: one call after the other shares one connection', async () => {
  const pool = makePool();
  for (let turn = 0; turn < 5; turn++) (await acquire(pool)).release('clean');
  expect(scene.driver.attempts).toBe(1);
  expect(pool.figures()).toMatchObject({ active: 0, idle: 1, total: 1, peak: 1 });
});

test('pool: a lease that is released twice frees one connection', async () => {
  const pool = makePool();
  const lease = await acquire(pool);
  lease.release('clean');
  const next = await acquire(pool);
  lease.release('dead');
  expect(pool.figures()).toMatchObject({ active: 1, idle: 0 });
  next.release('clean');
  expect(pool.figures()).toMatchObject({ active: 0, idle: 1 });
});

test('pool: never more than max at once, waiters are served in order', async () => {
  const pool = makePool();
  const [first, second] = [await acquire(pool), await acquire(pool)];
  const order: string[] = [];
  const noted = async (name: string) => {
    const lease = await acquire(pool);
    order.push(name);
    return lease;
  };
  const [third, fourth] = [noted('third'), noted('fourth')];
  await settle();
  expect(pool.figures()).toMatchObject({ active: 2, waiting: 2, total: 2 });
  first.release('clean');
  second.release('clean');
  for (const lease of await Promise.all([third, fourth])) lease.release('clean');
  expect([order, scene.driver.attempts]).toEqual([['third', 'fourth'], 2]);
});

test('pool: a line that is full refuses the next at once', async () => {
  const pool = makePool();
  const held = [await acquire(pool), await acquire(pool)];
  const waiting = [acquire(pool), acquire(pool), acquire(pool)];
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'POOL_FULL', details: { waiting: 3 } });
  for (const lease of held) lease.release('clean');
  (await waiting[0])?.release('clean');
  (await waiting[1])?.release('clean');
  (await waiting[2])?.release('clean');
});

test('pool: a wait ends at its deadline and says what holds the connections', async () => {
  const pool = makePool();
  const held = [await acquire(pool), await acquire(pool)];
  const late = acquire(pool, ANY_PLACE, 1000).catch((error: AppError) => error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await late).toMatchObject({ code: 'POOL_TIMEOUT', details: { waitedMs: 1000, max: 2 } });
  expect(String(await late)).toContain('all 2 are running statements, the longest for 1s');
  expect(pool.figures().waiting).toBe(0);
  for (const lease of held) lease.release('clean');
});

test('pool: a wait for a login that never answers says so', async () => {
  scene.driver.isHeld = true;
  const pool = makePool();
  const late = acquire(pool, ANY_PLACE, 1000).catch((error: AppError) => error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(String(await late)).toContain('1 logins are under way');
  scene.driver.open();
  await settle();
  expect(pool.figures()).toMatchObject({ idle: 1, waiting: 0 });
});

test('pool: an aborted wait leaves the line with its reason; its login serves the next', async () => {
  scene.driver.isHeld = true;
  const pool = makePool();
  const controller = new AbortController();
  const aborted = acquire(pool, ANY_PLACE, 5000, controller.signal).catch((error: unknown) => error);
  const reason = new Error('gone');
  controller.abort(reason);
  expect(await aborted).toBe(reason);
  const next = acquire(pool);
  scene.driver.open();
  (await next).release('clean');
  expect(scene.driver.attempts).toBe(1);
});

test('pool: with no connection a failed login reaches every waiter at once, and nobody tries again too soon', async () => {
  scene.driver.failure = unreachable();
  const pool = makePool();
  const failures = await Promise.all([1, 2, 3].map(() => acquire(pool).catch((error: AppError) => error.code)));
  expect(failures).toEqual(['SNOWFLAKE_UNREACHABLE', 'SNOWFLAKE_UNREACHABLE', 'SNOWFLAKE_UNREACHABLE']);
  expect(pool.health).toBe('unhealthy');
  const { attempts } = scene.driver;
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  expect(scene.driver.attempts).toBe(attempts);
  await vi.advanceTimersByTimeAsync(1000);
  scene.driver.failure = undefined;
  (await acquire(pool)).release('clean');
  expect(pool.health).toBe('healthy');
});

test('pool: a failed further login leaves waiters to the connections there are, and is tried again', async () => {
  const pool = makePool();
  const first = await acquire(pool);
  scene.driver.failure = unreachable();
  const second = acquire(pool);
  await settle();
  expect(pool.figures().waiting).toBe(1);
  scene.driver.failure = undefined;
  await vi.advanceTimersByTimeAsync(1000);
  (await second).release('clean');
  first.release('clean');
  expect(scene.driver.live).toBe(2);
});

test('pool: a refused login is not repeated for seconds, unless an operator asks', async () => {
  scene.driver.failure = refused();
  const pool = makePool();
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  await vi.advanceTimersByTimeAsync(3000);
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  expect(scene.driver.attempts).toBe(1);
  pool.tryAgain();
  scene.driver.failure = undefined;
  (await acquire(pool)).release('clean');
});

test('pool: a dead connection is closed, and the idle ones are asked before they are lent', async () => {
  const pool = makePool();
  const [first, second] = [await acquire(pool), await acquire(pool)];
  second.release('clean');
  for (const connection of scene.driver.connections) connection.isAlive = false;
  first.release('dead');
  const next = await acquire(pool);
  expect(idOf(next)).toBe(2);
  expect(scene.driver.connections.map((connection) => connection.isDestroyed)).toEqual([true, true, false]);
  next.release('clean');
});

test('pool: a spent connection is closed', async () => {
  const pool = makePool();
  (await acquire(pool)).release('spent');
  expect([scene.driver.live, pool.figures().total]).toEqual([0, 0]);
});

test('pool: a connection that its borrower keeps is forgotten and stays open', async () => {
  const pool = makePool();
  const lease = await acquire(pool);
  lease.release('kept');
  expect([scene.driver.live, pool.figures().total]).toEqual([1, 0]);
  await lease.connection.destroy();
});

test('pool: a connection that comes back after the close is not kept, and its end is not asked for twice', async () => {
  const pool = makePool();
  const lease = await acquire(pool);
  const closed = pool.close(0);
  await vi.advanceTimersByTimeAsync(1);
  await closed;
  let ends = 0;
  Object.assign(lease.connection, { destroy: async () => void ends++ });
  lease.release('clean');
  expect([ends, pool.figures().total]).toEqual([0, 0]);
});

test('pool: a connection that the scene.driver has given up is not kept', async () => {
  const pool = makePool();
  const lease = await acquire(pool);
  await lease.connection.destroy();
  lease.release('clean');
  expect(pool.figures().total).toBe(0);
});

test('pool: idle connections above the minimum are closed, the minimum stays', async () => {
  const pool = makePool({ min: 1, healthCheckMs: 10_000_000 });
  const held = [await acquire(pool), await acquire(pool)];
  for (const lease of held) lease.release('clean');
  await vi.advanceTimersByTimeAsync(POOL_LIMITS.maxInactiveMs + 5000);
  expect(pool.figures().total).toBe(1);
});

test('pool: an idle connection is checked in time and closed when Snowflake has ended its session', async () => {
  const pool = makePool();
  (await acquire(pool)).release('clean');
  await vi.advanceTimersByTimeAsync(POOL_LIMITS.healthCheckMs + 5000);
  expect(scene.driver.connections[0]?.heartbeats).toBe(1);
  const [connection] = scene.driver.connections;
  if (connection !== undefined) connection.isAlive = false;
  await vi.advanceTimersByTimeAsync(POOL_LIMITS.healthCheckMs + 5000);
  expect(pool.figures().total).toBe(0);
});

test('pool: an old connection is replaced, idle or on its return', async () => {
  const pool = makePool({ maxAgeMs: 60_000 });
  const [first, second] = [await acquire(pool), await acquire(pool)];
  second.release('clean');
  await vi.advanceTimersByTimeAsync(66_000);
  expect(scene.driver.connections[1]?.isDestroyed).toBe(true);
  first.release('clean');
  expect(scene.driver.live).toBe(0);
});

test('pool: once it was used, the minimum is kept up in place of what age or Snowflake has ended', async () => {
  const pool = makePool({ maxAgeMs: 60_000, min: 1, healthCheckMs: 10_000_000 });
  (await acquire(pool)).release('clean');
  await vi.advanceTimersByTimeAsync(90_000);
  expect(scene.driver.connections.map((connection) => connection.isDestroyed)).toEqual([true, false]);
  expect(pool.figures()).toMatchObject({ idle: 1, total: 1 });
});

test('pool: an outage ends without a call: the minimum is tried at the pace of the breaker', async () => {
  const pool = makePool({ maxAgeMs: 60_000, min: 1, healthCheckMs: 10_000_000 });
  scene.driver.failure = unreachable();
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(pool.health).toBe('unhealthy');
  expect(scene.driver.attempts).toBeGreaterThan(5);
  expect(scene.driver.attempts).toBeLessThan(14);
  scene.driver.failure = undefined;
  await vi.advanceTimersByTimeAsync(40_000);
  expect([pool.health, scene.gauges.get('mcp_circuit_breaker_state'), scene.driver.live]).toEqual(['healthy', 0, 1]);
});

test('pool: the minimum is not forced while logins are refused', async () => {
  const pool = makePool({ maxAgeMs: 60_000, min: 2, healthCheckMs: 10_000_000 });
  (await acquire(pool)).release('clean');
  scene.driver.failure = refused();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(scene.driver.attempts).toBe(2);
});

test('pool: replacing ends idle connections now, lent ones on their return, and logins under way on arrival', async () => {
  const pool = makePool({ max: 3 });
  const [lent, idle] = [await acquire(pool), await acquire(pool)];
  idle.release('clean');
  const other = await acquire(pool);
  scene.driver.isHeld = true;
  const waiting = acquire(pool);
  await settle();
  other.release('clean');
  (await waiting).release('clean');
  pool.replaceAll();
  expect(scene.driver.connections.map((connection) => connection.isDestroyed)).toEqual([false, true]);
  scene.driver.open();
  await settle();
  expect(scene.driver.connections[2]?.isDestroyed).toBe(true);
  lent.release('clean');
  expect(scene.driver.live).toBe(0);
  const fresh = await acquire(pool);
  expect(idOf(fresh)).toBe(3);
  fresh.release('clean');
});

test('pool: replacing forgets failed logins, and a call that waits is served by a new one', async () => {
  const pool = makePool();
  scene.driver.failure = refused();
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  scene.driver.failure = undefined;
  scene.driver.isHeld = true;
  pool.replaceAll();
  const waiting = acquire(pool);
  pool.replaceAll();
  scene.driver.open();
  const lease = await waiting;
  expect(idOf(lease)).toBe(1);
  lease.release('clean');
});

test('pool: the gauge of the breaker follows a failed login, the time of the next try, and success', async () => {
  const pool = makePool();
  const state = () => scene.gauges.get('mcp_circuit_breaker_state');
  expect(state()).toBe(0);
  scene.driver.failure = unreachable();
  await expect(acquire(pool)).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  expect(state()).toBe(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(state()).toBe(1);
  scene.driver.failure = undefined;
  (await acquire(pool)).release('clean');
  expect(state()).toBe(0);
});

test('pool: a statement that Snowflake refuses is no reason to stop logging in', async () => {
  const pool = makePool({ min: 0 });
  for (let count = 0; count < 20; count++) (await acquire(pool)).release('spent');
  expect([pool.health, scene.gauges.get('mcp_circuit_breaker_state'), scene.driver.attempts]).toEqual([
    'healthy',
    0,
    20,
  ]);
});

test('pool: a connection that stands at the place is preferred', async () => {
  const pool = makePool();
  const [first, second] = [await acquire(pool), await acquire(pool)];
  first.place = 'A';
  first.release('clean');
  second.release('clean');
  const lease = await acquire(pool, { place: 'A', exact: false });
  expect([idOf(lease), lease.place]).toEqual([0, 'A']);
  lease.release('clean');
});

test('pool: when only an untouched session will do, a used one makes room at the maximum', async () => {
  const pool = makePool();
  const held = [await acquire(pool), await acquire(pool)];
  for (const lease of held) {
    lease.place = 'A';
    lease.release('clean');
  }
  const lease = await acquire(pool, { place: '', exact: true });
  expect([idOf(lease), scene.driver.live]).toEqual([2, 2]);
  lease.release('clean');
});

test('pool: gauges follow the connections', async () => {
  const pool = makePool();
  const lease = await acquire(pool);
  expect([scene.gauges.get('mcp_db_connections_active'), scene.gauges.get('mcp_db_connections_max')]).toEqual([1, 2]);
  lease.release('clean');
  expect([scene.gauges.get('mcp_db_connections_active'), scene.gauges.get('mcp_db_connections_idle')]).toEqual([0, 1]);
});
