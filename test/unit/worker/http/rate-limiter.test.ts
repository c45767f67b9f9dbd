/** Leases of a limit per minute: never beyond it together, cheap while they last, a share of one's own in silence. */
import { expect, test } from 'vitest';
import { createMemoryPot, type Grant } from '../../../../src/shared/rate-pot.ts';
import { LEASE_SHARE, type LeaseSource, RateLimiter } from '../../../../src/worker/http/rate-limiter.ts';

const RULE = { perMinute: 600, reserve: 0 };

function fakeClock() {
  let now = 0;
  return {
    clock: { now: () => now, wall: () => new Date(now) },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function limiter(source: LeaseSource, options: { workers?: number; maxClients?: number } = {}) {
  const time = fakeClock();
  const { workers = 2, maxClients = 100 } = options;
  return { ...time, rates: new RateLimiter({ source, clock: time.clock, workers: () => workers, maxClients }) };
}

async function passed(rates: RateLimiter, client: string, times: number, rule = RULE): Promise<number> {
  let count = 0;
  for (let i = 0; i < times; i++) if ((await rates.take(client, rule, 1)) === undefined) count++;
  return count;
}

test('rate: two workers together pass the limit exactly, one that is alone at most LEASE_SHARE less', async () => {
  const pot = createMemoryPot(RULE);
  const [one, two] = [limiter(pot.take.bind(pot)), limiter(pot.take.bind(pot))];
  let together = 0;
  for (let i = 0; i < 500; i++) together += (await passed(one.rates, 'a', 1)) + (await passed(two.rates, 'a', 1));
  expect(together).toBeLessThanOrEqual(600);
  expect(together).toBeGreaterThanOrEqual(600 * (1 - LEASE_SHARE));
  expect(await passed(one.rates, 'b', 30)).toBe(30);
  const alone = await passed(two.rates, 'b', 700);
  expect(alone).toBeGreaterThanOrEqual(600 * (1 - LEASE_SHARE) - 30);
  expect(alone + 30).toBeLessThanOrEqual(600);
});

test('rate: a reserve is drawn on once the minute is used up', async () => {
  const pot = createMemoryPot({ perMinute: 100, reserve: 20 });
  const { rates } = limiter(pot.take.bind(pot));
  expect(await passed(rates, 'a', 300, { perMinute: 100, reserve: 20 })).toBe(120);
});

test('rate: while a lease lasts the answer is there at once, and it is renewed before it ends', async () => {
  const asked: number[] = [];
  const { rates } = limiter(async (_key, amount) => {
    asked.push(amount);
    return { granted: amount, expiresInMs: 60_000 };
  });
  expect(await rates.take('a', RULE, 1)).toBeUndefined();
  for (let i = 0; i < 7; i++) expect(rates.take('a', RULE, 1)).toBeUndefined();
  expect(asked).toEqual([16]);
  expect(rates.take('a', RULE, 1)).toBeUndefined();
  expect(asked).toEqual([16, 15]);
});

test('rate: a used up minute is refused without asking, with the time that is left, and over when it ends', async () => {
  let asked = 0;
  let grant: Grant = { granted: 1, expiresInMs: 60_000 };
  const { rates, pass } = limiter(async () => {
    asked++;
    return grant;
  });
  expect(await rates.take('a', RULE, 1)).toBeUndefined();
  grant = { granted: 0, expiresInMs: 45_000 };
  expect(await rates.take('a', RULE, 1)).toBe(45_000);
  const before = asked;
  pass(15_000);
  expect(rates.take('a', RULE, 1)).toBe(30_000);
  expect(asked).toBe(before);
  pass(30_000);
  grant = { granted: 5, expiresInMs: 60_000 };
  expect(await rates.take('a', RULE, 1)).toBeUndefined();
});

test('rate: what is left of a lease is not carried into the next minute', async () => {
  let grant: Grant = { granted: 15, expiresInMs: 1000 };
  const { rates, pass } = limiter(async () => grant);
  await rates.take('a', RULE, 1);
  pass(1000);
  grant = { granted: 3, expiresInMs: 60_000 };
  expect(await rates.take('a', RULE, 1)).toBeUndefined();
  grant = { granted: 0, expiresInMs: 60_000 };
  expect(await passed(rates, 'a', 20)).toBe(2);
});

test('rate: while nobody counts, each worker gives out its share once a minute', async () => {
  const { rates, pass } = limiter(async () => undefined, { workers: 4 });
  expect(await passed(rates, 'a', 600)).toBe(150);
  pass(59_000);
  expect(await rates.take('a', RULE, 1)).toBe(1000);
  pass(1000);
  expect(await passed(rates, 'a', 600)).toBe(150);
});

test('rate: many at once share one question, and each gets its own answer', async () => {
  const asked: number[] = [];
  const pot = createMemoryPot({ perMinute: 40, reserve: 0 });
  const rule = { perMinute: 40, reserve: 0 };
  const { rates } = limiter(async (key, amount) => {
    asked.push(amount);
    return pot.take(key, amount);
  });
  const answers = await Promise.all(Array.from({ length: 100 }, () => rates.take('a', rule, 1)));
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(40);
  expect(asked.length).toBeLessThan(6);
});

test('rate: a batch larger than the limit counts as the limit', async () => {
  const pot = createMemoryPot(RULE);
  const { rates } = limiter(pot.take.bind(pot));
  expect(await rates.take('a', { perMinute: 10, reserve: 0 }, 100)).toBeUndefined();
});

test('rate: beyond rate_clients further clients share one count, and idle ones make room', async () => {
  const keys = new Set<string>();
  const { rates, pass } = limiter(
    async (key, amount) => {
      keys.add(key);
      return { granted: amount, expiresInMs: 60_000 };
    },
    { maxClients: 3 },
  );
  for (const client of ['a', 'b', 'c', 'd', 'e']) await rates.take(client, RULE, 1);
  expect([...keys]).toEqual(['a', 'b', 'c', 'others']);
  pass(61_000);
  await rates.take('f', RULE, 1);
  expect(keys.has('f')).toBe(true);
});
