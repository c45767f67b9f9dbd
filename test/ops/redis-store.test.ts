/** Records and events on a real redis-server: the promises of every store, and what happens when the server goes away. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openRedisBus } from '../../src/worker/state/redis-bus.ts';
import { connectRedis } from '../../src/worker/state/redis-connection.ts';
import { openRedisStore } from '../../src/worker/state/redis-store.ts';
import { eventually } from '../support/eventually.ts';
import { logLines } from '../support/log-lines.ts';
import { patient } from '../support/patience.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type ContractValue, storeContract } from '../support/store-contract.ts';

const PASSWORD = 'a password with "quotes"';
let server: RedisServer;
let count = 0;

beforeAll(async () => {
  server = await startRedis({ password: PASSWORD });
});
afterAll(() => server[Symbol.asyncDispose]());

async function connected(more: { url?: string; password?: string } = {}) {
  const { log, events } = logLines();
  const prefix = `test${++count}`;
  const redis = await connectRedis({ url: server.url, password: PASSWORD, prefix, ...more }, log);
  onTestFinished(() => redis.close());
  return { redis, events };
}

storeContract('redis', async () => {
  const { redis } = await connected();
  return openRedisStore<ContractValue>(redis, { name: 'contract', ttlMs: 60_000 });
});

test('redis: stores of two prefixes and of two names share nothing', async () => {
  const [{ redis: one }, { redis: two }] = [await connected(), await connected()];
  const stores = [
    openRedisStore<ContractValue>(one, { name: 'a', ttlMs: 60_000 }),
    openRedisStore<ContractValue>(one, { name: 'b', ttlMs: 60_000 }),
    openRedisStore<ContractValue>(two, { name: 'a', ttlMs: 60_000 }),
  ];
  expect(await Promise.all(stores.map((store, n) => store.create('k', { n })))).toEqual([true, true, true]);
  expect(await Promise.all(stores.map(async (store) => (await store.get('k'))?.value.n))).toEqual([0, 1, 2]);
});

test('redis: what nobody writes for its time to live is gone, from pages and count too', async () => {
  const { redis } = await connected();
  const store = openRedisStore<ContractValue>(redis, { name: 'short', ttlMs: 80 });
  const lasting = openRedisStore<ContractValue>(redis, { name: 'short', ttlMs: 60_000 });
  for (const key of ['a', 'b', 'c']) await store.create(key, { n: 1 });
  await lasting.create('d', { n: 2 });
  await eventually(async () => (await store.get('c')) === undefined, { what: 'the records are gone' });
  expect((await store.page('', 1)).map(({ key }) => key)).toEqual(['d']);
  expect(await store.count()).toBe(1);
});

test('redis: while the server is away every call fails at once by name, and works again when it is back', async () => {
  const own = await startRedis();
  onTestFinished(() => own.stop());
  const { redis, events } = await connected({ url: own.url });
  const store = openRedisStore<ContractValue>(redis, { name: 's', ttlMs: 60_000 });
  await own.stop();
  const unavailable = expect.objectContaining({ code: 'STATE_UNAVAILABLE' });
  const startedAt = performance.now();
  const calls = [store.get('k'), store.create('k', { n: 1 }), store.page('', 5), store.count()];
  const ends = await Promise.allSettled(calls);
  expect(ends).toEqual(calls.map(() => ({ status: 'rejected', reason: unavailable })));
  expect(performance.now() - startedAt).toBeLessThan(patient(1500));
  await own.restart();
  await eventually(() => store.create('k', { n: 1 }).catch(() => false), { what: 'it works again' });
  expect(events()).toEqual(expect.arrayContaining(['store.lost', 'store.back']));
});

test('redis: after a failover writes reach the new primary, though connections to the old one still stand', async () => {
  await using before = await startRedis();
  await using after = await startRedis();
  const portOf = ({ url }: RedisServer) => Number(new URL(url).port);
  let primary = before;
  // The name that both have had.
  const door = createServer((socket) => {
    const to = connect(portOf(primary), '127.0.0.1');
    for (const one of [socket, to]) one.on('error', () => {});
    socket.pipe(to).pipe(socket);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void door.close());
  const { redis } = await connected({ url: `redis://127.0.0.1:${(door.address() as AddressInfo).port}` });
  const store = openRedisStore<ContractValue>(redis, { name: 's', ttlMs: 60_000 });
  expect(await store.create('k', { n: 1 })).toBe(true);
  primary = after;
  await redis.run('demoting', (client) => client.replicaof('127.0.0.1', portOf(after)));
  await eventually(() => store.create('later', { n: 2 }).catch(() => false), { what: 'a write works' });
});

test('redis: a server that does not answer costs a second, not more', async () => {
  const own = await startRedis();
  const { redis } = await connected({ url: own.url });
  const store = openRedisStore<ContractValue>(redis, { name: 's', ttlMs: 60_000 });
  process.kill(own.pid, 'SIGSTOP');
  onTestFinished(async () => {
    process.kill(own.pid, 'SIGCONT');
    await own.stop();
  });
  const startedAt = performance.now();
  await expect(store.get('k')).rejects.toEqual(expect.objectContaining({ code: 'STATE_UNAVAILABLE' }));
  expect(performance.now() - startedAt).toBeLessThan(patient(2000));
});

test('redis: a wrong password is told by name and is in no message', async () => {
  const { redis } = await connected({ password: 'wrong-password' });
  const store = openRedisStore<ContractValue>(redis, { name: 's', ttlMs: 60_000 });
  const error = await store.get('k').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'STATE_UNAVAILABLE' });
  expect(String(error)).not.toContain('wrong-password');
});

test('redis: events reach the members of other daemons, not those of the own one', async () => {
  const prefix = `bus${++count}`;
  const { log } = logLines();
  const join = async (daemon: string) => {
    const redis = await connectRedis({ url: server.url, password: PASSWORD, prefix }, log);
    onTestFinished(() => redis.close());
    const heard: unknown[] = [];
    const bus = openRedisBus(redis, daemon);
    bus.onEvents((events) => heard.push(...(events ?? [])));
    return { bus, heard };
  };
  const [a, sibling, b] = [await join('d1'), await join('d1'), await join('d2')];
  const event = { topic: 't', body: '{"n":1}' };
  await eventually(() => {
    a.bus.send([event]);
    return b.heard.length > 0;
  });
  expect(b.heard[0]).toEqual(event);
  expect([a.heard, sibling.heard]).toEqual([[], []]);
});

test('redis: a server that may throw records away is named at each connection, one that does not is not', async () => {
  await using own = await startRedis();
  const calm = await connected({ url: own.url });
  await calm.redis.run('setting', (client) => client.config('SET', 'maxmemory-policy', 'volatile-lru'));
  await calm.redis.run('setting', (client) => client.config('SET', 'maxmemory', '50mb'));
  expect(calm.events()).not.toContain('store.evicts');
  const { events } = await connected({ url: own.url });
  await eventually(() => expect(events()).toContain('store.evicts'));
});
