import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Config } from '../../../../src/shared/config/schema.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { identityOf, Pools } from '../../../../src/worker/pool/pools.ts';
import { DriverError } from '../../../../src/worker/snowflake/driver.ts';
import { FakeDriver } from '../../../support/fake-driver.ts';

const LIMITS = { min: 0, max: 2, maxWaiting: 3, maxInactiveMs: 60_000, healthCheckMs: 20_000, maxAgeMs: 3_600_000 };
const clock = { now: () => Date.now(), wall: () => new Date() };
const log = createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() });
const ANY = { place: '', exact: false };
const NEVER = new AbortController().signal;
const section = { account: 'a', role: 'READER' } as Config['snowflake'];
const [reader, writer] = [identityOf(section), identityOf(section, { role: 'WRITER' })];

let drivers: Map<string, FakeDriver>;
let gauges: Map<string, number>;
let pools: Pools;

function make(maxIdentities = 10): Pools {
  const recorder = {
    count: () => {},
    observe: () => {},
    set: (name: string, value: number) => void gauges.set(name, value),
  };
  const driver = ({ key }: { key: string }) => {
    const made = drivers.get(key) ?? new FakeDriver();
    drivers.set(key, made);
    return made;
  };
  pools = new Pools({ driver, maxIdentities, limits: LIMITS, clock, recorder, log });
  return pools;
}

beforeEach(() => {
  vi.useFakeTimers();
  drivers = new Map();
  gauges = new Map();
});
const closed = async () => {
  const closing = pools.close(0);
  await vi.advanceTimersByTimeAsync(0);
  await closing;
};
afterEach(async () => {
  await closed();
  vi.useRealTimers();
});

const acquire = (identity = reader) => pools.acquire(identity, ANY, clock.now() + 1000, NEVER);

test('pools: identities share no connection; the same one does', async () => {
  make();
  const first = await acquire(reader);
  first.release('clean');
  const second = await acquire(writer);
  const third = await acquire(identityOf(section, { role: 'READER' }));
  expect(third.connection).toBe(first.connection);
  expect(second.connection).not.toBe(first.connection);
  expect(drivers.size).toBe(2);
  expect(writer.snowflake).toMatchObject({ account: 'a', role: 'WRITER' });
});

test('pools: before the first call nothing is open, nothing is known, and the breaker is told as closed', () => {
  make();
  expect([pools.health, pools.figures().total, drivers.size]).toEqual(['unknown', 0, 0]);
  expect([gauges.get('mcp_circuit_breaker_state'), gauges.get('mcp_db_connections_max')]).toEqual([0, 2]);
});

test('pools: figures and gauges are the sum, that of the breaker the worst', async () => {
  make();
  const [first] = [await acquire(reader), await acquire(writer)];
  first.release('clean');
  expect(pools.figures()).toMatchObject({ active: 1, idle: 1, total: 2, max: 4, peak: 2 });
  expect([gauges.get('mcp_db_connections_active'), gauges.get('mcp_db_connections_idle')]).toEqual([1, 1]);
  const broken = identityOf(section, { role: 'BROKEN' });
  drivers.set(broken.key, new FakeDriver());
  const driver = drivers.get(broken.key);
  if (driver !== undefined) driver.failure = new DriverError({ stage: 'login', code: '390189', message: 'no role' });
  await expect(acquire(broken)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  expect(gauges.get('mcp_circuit_breaker_state')).toBe(2);
  expect((await acquire(reader)).connection).toBe(first.connection);
});

test('pools: above the bound the one that was idle for longest gives way; while all are busy a new one is refused', async () => {
  make(2);
  const third = identityOf(section, { role: 'THIRD' });
  const [first, second] = [await acquire(reader), await acquire(writer)];
  await expect(acquire(third)).rejects.toMatchObject({ code: 'POOL_FULL' });
  first.release('clean');
  await acquire(third);
  expect(drivers.get(reader.key)?.live).toBe(0);
  expect([drivers.get(writer.key)?.live, pools.figures().total]).toEqual([1, 2]);
  second.release('clean');
});

test('pools: replacing reaches every identity, closing too', async () => {
  make();
  for (const identity of [reader, writer]) (await acquire(identity)).release('clean');
  pools.replaceAll();
  expect(pools.figures().total).toBe(0);
  await acquire(reader);
  await closed();
  expect([...drivers.values()].map((driver) => driver.live)).toEqual([0, 0]);
  await expect(acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});
