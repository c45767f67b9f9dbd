import { expect, test } from 'vitest';
import { createCatalogCache, withCatalogCache } from '../../../../src/worker/mcp/catalog-cache.ts';
import { createChanges } from '../../../../src/worker/mcp/changes.ts';
import { createClusterBus } from '../../../../src/worker/state/cluster-bus.ts';
import { fakeQueryService, fakeResult } from '../../../support/fake-query-service.ts';

const { signal } = new AbortController();
const caller = { tool: 't', requestId: 'r', principal: 'p' };
const ask = (sql: string) => ({ sql, maxRows: 10, caller });

function setUp(options: { ttlMs?: number; maxEntries?: number; fails?: boolean } = {}) {
  let now = 0;
  const query = fakeQueryService(() => {
    if (options.fails) throw new Error('down');
    return fakeResult(['N'], [[1]]);
  });
  const clock = { now: () => now, wall: () => new Date(now) };
  const { ttlMs = 1000, maxEntries = 2 } = options;
  const settings = { ttlMs, maxEntries, identity: 'me', clock };
  return {
    query,
    cache: createCatalogCache(query.catalog, settings),
    settings,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('catalogue cache: an answer is kept for its time, not longer', async () => {
  const { query, cache, pass } = setUp();
  await cache.catalog(ask('A'), signal);
  pass(999);
  await cache.catalog(ask('A'), signal);
  expect(query.asked).toHaveLength(1);
  pass(1);
  await cache.catalog(ask('A'), signal);
  expect(query.asked).toHaveLength(2);
});

test('catalogue cache: another statement, place, bind or limit is another question', async () => {
  const { query, cache } = setUp({ maxEntries: 10 });
  const questions = [
    ask('A'),
    ask('B'),
    { ...ask('A'), database: 'D' },
    { ...ask('A'), binds: [1] },
    { ...ask('A'), maxRows: 1 },
  ];
  for (const question of [...questions, ...questions]) await cache.catalog(question, signal);
  expect(query.asked).toHaveLength(questions.length);
});

test('catalogue cache: what one role or login may see is never told to another', async () => {
  const { query, cache } = setUp({ maxEntries: 10 });
  const of = (who: { role?: string; identity?: string }) => ({ ...ask('A'), caller: { ...ask('A').caller, ...who } });
  const questions = [of({}), of({ role: 'ANALYST' }), of({ role: 'ADMIN' }), of({ identity: 'finance' })];
  for (const question of [...questions, ...questions]) await cache.catalog(question, signal);
  expect(query.asked.map(({ request: { caller } }) => [caller.role, caller.identity])).toEqual(
    questions.map(({ caller }) => [caller.role, caller.identity]),
  );
});

test('catalogue cache: errors are not kept, and a time to live of 0 keeps nothing', async () => {
  const failing = setUp({ fails: true });
  for (let round = 0; round < 2; round++) await expect(failing.cache.catalog(ask('A'), signal)).rejects.toThrow('down');
  expect(failing.query.asked).toHaveLength(2);
  const off = setUp({ ttlMs: 0 });
  for (let round = 0; round < 2; round++) await off.cache.catalog(ask('A'), signal);
  expect(off.query.asked).toHaveLength(2);
});

test('catalogue cache: at its bound the least recently used leaves', async () => {
  const { query, cache } = setUp();
  for (const sql of ['A', 'B', 'A', 'C', 'A', 'B']) await cache.catalog(ask(sql), signal);
  expect(query.asked.map(({ request }) => request.sql)).toEqual(['A', 'B', 'C', 'B']);
});

test('catalogue cache: a fresh question is always asked, and renews the answer', async () => {
  const { query, cache } = setUp();
  await cache.catalog(ask('A'), signal);
  await cache.catalog({ ...ask('A'), isFresh: true }, signal);
  await cache.catalog(ask('A'), signal);
  expect(query.asked).toHaveLength(2);
});

test('catalogue cache: a write of this worker makes it forget', async () => {
  const { query, settings } = setUp();
  const queries = withCatalogCache(
    query,
    settings,
    createChanges(createClusterBus({ carriers: [], maxWaiting: 1, recorder: { count: () => {} } })),
  );
  await queries.catalog(ask('A'), signal);
  await queries.write(ask('W'), signal);
  await queries.catalog(ask('A'), signal);
  expect(query.asked.map(({ request }) => request.sql)).toEqual(['A', 'W', 'A']);
});
