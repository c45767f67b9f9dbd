/**
 * Leases from the store that the daemons of several hosts share: all their workers together keep one limit.
 *
 * A store that is slow or away holds no request up: after a short wait nobody counts for a while, and each worker gives
 * out its own share. What arrives late is lost, so that it is never given twice.
 */
import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { createRatePot, type RatePot, type RateRule } from '../../shared/rate-pot.ts';
import type { RedisConnection } from '../state/redis-connection.ts';
import { type LeaseSource, leaseKey } from './rate-limiter.ts';

const ANSWER_MS = 250;
/** After silence the store is not asked for this long. */
const SILENT_MS = 5000;
/** Different rules at once: of the configuration before and after a reload, and those of single principals. */
const RULES_MAX = 1000;

export function createRedisLeases(redis: Pick<RedisConnection, 'prefix' | 'run'>, now: () => number): LeaseSource {
  const pots = new Map<string, RatePot>();
  let silentUntil = Number.NEGATIVE_INFINITY;

  const potOf = (client: Redis, { perMinute, reserve }: RateRule): RatePot => {
    const rule = `${perMinute}/${reserve}`;
    const known = pots.get(rule);
    if (known !== undefined) return known;
    const oldest = pots.keys().next().value;
    if (pots.size >= RULES_MAX && oldest !== undefined) pots.delete(oldest);
    const pot = createRatePot({ perMinute, reserve }, (name, points, duration) => {
      const keyPrefix = `${redis.prefix}rate:${rule}:${name}`;
      return new RateLimiterRedis({ storeClient: client, keyPrefix, points, duration });
    });
    pots.set(rule, pot);
    return pot;
  };

  return async (client, amount, rule) => {
    if (now() < silentUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ANSWER_MS).unref();
    });
    const asked = redis
      .run('requests a minute', (connection) => potOf(connection, rule).take(leaseKey(client), amount))
      .catch(() => undefined);
    const grant = await Promise.race([asked, late]);
    clearTimeout(timer);
    if (grant === undefined) silentUntil = now() + SILENT_MS;
    return grant;
  };
}
