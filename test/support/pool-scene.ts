/** A pool over the fake driver under a fake clock, closed after each test: call `poolScene()` once at the top of a test file. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, vi } from 'vitest';
import { createLog } from '../../src/shared/log.ts';
import { type Lease, Pool } from '../../src/worker/pool/pool.ts';
import type { PoolLimits } from '../../src/worker/pool/rules.ts';
import { FakeDriver } from './fake-driver.ts';

export const POOL_LIMITS: PoolLimits = {
  min: 0,
  max: 2,
  maxWaiting: 3,
  maxInactiveMs: 60_000,
  healthCheckMs: 20_000,
  maxAgeMs: 3_600_000,
};
export const ANY_PLACE = { place: '', exact: false };
const NEVER = new AbortController().signal;

export interface PoolScene {
  /** New for each test. */
  readonly driver: FakeDriver;
  /** What the pool counted and set, by metric name. */
  readonly gauges: Map<string, number>;
  makePool(limits?: Partial<PoolLimits>): Pool;
  acquire(pool: Pool, need?: typeof ANY_PLACE, waitMs?: number, signal?: AbortSignal): Promise<Lease>;
  /** Lets what is due now happen. */
  settle(): Promise<unknown>;
}

export function poolScene(): PoolScene {
  const clock = { now: () => Date.now(), wall: () => new Date() };
  const log = createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() });
  const pools: Pool[] = [];
  let driver = new FakeDriver();
  let gauges = new Map<string, number>();
  beforeEach(() => {
    vi.useFakeTimers();
    driver = new FakeDriver();
    gauges = new Map();
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close(0)));
    vi.useRealTimers();
  });
  return {
    get driver() {
      return driver;
    },
    get gauges() {
      return gauges;
    },
    makePool: (limits = {}) => {
      const recorder = {
        count: (name: string) => void gauges.set(name, (gauges.get(name) ?? 0) + 1),
        set: (name: string, value: number) => void gauges.set(name, value),
        observe: () => {},
      };
      const pool = new Pool({ driver, limits: { ...POOL_LIMITS, ...limits }, clock, recorder, log, random: () => 0.5 });
      pools.push(pool);
      return pool;
    },
    acquire: (pool, need = ANY_PLACE, waitMs = 5000, signal = NEVER) =>
      pool.acquire(need, clock.now() + waitMs, signal),
    settle: () => vi.advanceTimersByTimeAsync(0),
  };
}
