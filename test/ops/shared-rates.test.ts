/** Two daemons on one real redis-server: together they let in what one rate allows, and go on when the store is away. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPort } from '../../src/primary/port-check.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { sendModern } from '../support/modern-client.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const RATE = 60;
const BURST = 12;
const KEYS = { busy: 'key-of-a-busy-client-0123456789', other: 'key-of-another-client-0123456789' };
let redis: RedisServer;
let daemons: Daemon[];

beforeAll(async () => {
  redis = await startRedis();
  daemons = await Promise.all([daemon(), daemon()]);
});
afterAll(async () => {
  await Promise.all(daemons.map((each) => each[Symbol.asyncDispose]()));
  await redis[Symbol.asyncDispose]();
});

async function daemon(): Promise<Daemon> {
  const port = await claimPort('127.0.0.1', 0, 'test');
  const env = {
    STATE_URL: redis.url,
    SERVER_INTERNAL_URL: `http://127.0.0.1:${port}`,
    SERVER_INTERNAL_SECRET: 'a secret of at least thirty-two characters',
    API_KEYS: Object.values(KEYS).join(','),
    CLIENT_RATE_LIMIT_REQUESTS_PER_MINUTE: String(RATE),
  };
  return startDaemon({ port, workers: 1, env });
}

async function statusesOf(count: number, url: string, who: keyof typeof KEYS): Promise<number[]> {
  const headers = { authorization: `Bearer ${KEYS[who]}` };
  const statuses = [];
  for (let nth = 0; nth < count; nth++) {
    const answer = await sendModern(url, 'tools/list', {}, { headers });
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}

const passed = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length;

test('two daemons: one rate holds over both, and while the store is away each lets its share in', async () => {
  const startedAt = performance.now();
  const [one = '', two = ''] = daemons.map(({ url }) => url);
  const statuses = (await Promise.all([statusesOf(RATE, one, 'busy'), statusesOf(RATE, two, 'busy')])).flat();
  expect([...new Set(statuses)].sort()).toEqual([200, 429]);
  // A minute that ends in between begins a new count.
  const minutes = 1 + Math.floor((performance.now() - startedAt) / 60_000);
  expect(passed(statuses)).toBeLessThanOrEqual(RATE * minutes + BURST);
  expect(passed(statuses)).toBeGreaterThanOrEqual(RATE * 0.8);
  await redis.stop();
  // Nobody has counted this one before.
  const away = (await Promise.all([statusesOf(3, one, 'other'), statusesOf(3, two, 'other')])).flat();
  expect(away).toEqual([200, 200, 200, 200, 200, 200]);
});
