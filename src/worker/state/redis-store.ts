/**
 * Records on Redis or Valkey, for daemons on several hosts.
 *
 * A record is a hash of value and version; a sorted set holds the keys in order. Both have the same hash tag, so they
 * live on one node of a cluster, and a script changes both or neither. Each write renews the record's time to live:
 * a safety net for when no daemon is left to sweep; keys of records that fell into it leave the set when they are met.
 */
import type { RedisConnection } from './redis-connection.ts';
import type { StateStore, Stored } from './store.ts';

const CREATE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[3])
return 1`;

const REPLACE = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', ARGV[2] + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

const REMOVE = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1`;

const FORGET = `
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return 1`;

/** Rounds of one page over keys whose records have fallen into their time to live. */
const STALE_ROUNDS_MAX = 20;

export interface RedisStoreOptions {
  readonly name: string;
  /** A record that nobody writes for this long is gone. */
  readonly ttlMs: number;
}

export function openRedisStore<Value>(redis: RedisConnection, options: RedisStoreOptions): StateStore<Value> {
  const root = `{${redis.prefix}:${options.name}}`;
  const index = `${root}:keys`;
  const place = (key: string) => `${root}:record:${key}`;
  const ttl = Math.ceil(options.ttlMs);

  const stored = (key: string, value: string | null | undefined, version: string | null | undefined) =>
    value == null || version == null
      ? undefined
      : ({ key, value: JSON.parse(value) as Value, version: Number(version) } satisfies Stored<Value>);

  const read = (keys: readonly string[]) =>
    redis.run('reading records', async (client) => {
      const pipeline = client.pipeline();
      for (const key of keys) pipeline.hmget(place(key), 'value', 'version');
      const replies = (await pipeline.exec()) ?? [];
      return keys.map((key, at) => {
        const [error, fields] = replies[at] ?? [new Error('no answer'), []];
        if (error) throw error;
        const [value, version] = fields as (string | null)[];
        return stored(key, value, version);
      });
    });

  const forget = (keys: readonly string[]) =>
    redis.run('forgetting keys', (client) =>
      Promise.all(keys.map((key) => client.eval(FORGET, 2, place(key), index, key))),
    );

  return {
    kind: 'shared',
    get: async (key) => {
      const [value, version] = await redis.run('reading a record', (client) =>
        client.hmget(place(key), 'value', 'version'),
      );
      return stored(key, value, version);
    },
    create: async (key, value) => {
      const args = [JSON.stringify(value), ttl, key];
      return (
        (await redis.run('creating a record', (client) => client.eval(CREATE, 2, place(key), index, ...args))) === 1
      );
    },
    replace: async (key, value, ifVersion) => {
      const args = [JSON.stringify(value), String(ifVersion), ttl];
      const isDone = await redis.run('writing a record', (client) => client.eval(REPLACE, 1, place(key), ...args));
      return isDone === 1 ? ifVersion + 1 : undefined;
    },
    remove: async (key, ifVersion) => {
      const args = [String(ifVersion), key];
      const isDone = await redis.run('removing a record', (client) =>
        client.eval(REMOVE, 2, place(key), index, ...args),
      );
      return isDone === 1;
    },
    page: async (after, limit) => {
      const found: Stored<Value>[] = [];
      let from = after;
      for (let round = 0; found.length < limit && round < STALE_ROUNDS_MAX; round++) {
        const start = from === '' ? '-' : `(${from}`;
        const wanted = limit - found.length;
        const keys = await redis.run('paging', (client) => client.zrangebylex(index, start, '+', 'LIMIT', 0, wanted));
        const records = keys.length === 0 ? [] : await read(keys);
        const stale = keys.filter((_key, at) => records[at] === undefined);
        if (stale.length > 0) await forget(stale);
        found.push(...records.filter((record) => record !== undefined));
        if (keys.length < wanted) break;
        from = keys.at(-1) ?? '';
      }
      return found;
    },
    count: (prefix = '') =>
      redis.run('counting', (client) =>
        prefix === '' ? client.zcard(index) : client.zlexcount(index, `[${prefix}`, `(${prefix}\u{10ffff}`),
      ),
    check: async () => {
      await redis.run('checking', (client) => client.set(`${root}:check`, '1', 'PX', ttl));
    },
    // The connection is everybody's.
    close: async () => {},
  };
}
