/** How a result is cut into inline rows and chunks, and what the store keeps of results and queries. */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { SnowflakeError } from '../../../src/embedded/errors.ts';
import { type Query, QueryStore } from '../../../src/embedded/protocol/query-store.ts';
import { encodeChunk, inlineRows, storeResult } from '../../../src/embedded/protocol/results.ts';
import type { StatementResult } from '../../../src/embedded/statement.ts';

const resultOf = (rows: readonly (string | null)[][]): StatementResult => ({
  kind: 'SELECT',
  columns: [{ name: 'A', type: 'TEXT', nullable: true }],
  rows,
});
const rowsOf = (count: number, cell = 'x') => Array.from({ length: count }, () => [cell]);

test('results: inline and chunks together hold every row once, and chunks grow to 10,000 rows', async () => {
  const stored = await storeResult(resultOf(rowsOf(50_000)), 0);
  const sizes = [stored.inline, ...stored.chunks].map(({ start, end }) => end - start);
  expect(sizes).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 5000]);
  expect(stored.chunks.map(({ start }) => start)).toEqual([1000, 3000, 7000, 15_000, 25_000, 35_000, 45_000]);
});

test('results: a row larger than a chunk may be is a chunk of its own', async () => {
  const stored = await storeResult(resultOf(rowsOf(3, 'x'.repeat(5_000_000))), 0);
  expect([inlineRows(stored).length, ...stored.chunks.map(({ start, end }) => end - start)]).toEqual([1, 1, 1]);
});

test('results: a chunk is the rows joined by commas, without brackets around', async () => {
  const stored = await storeResult(resultOf([...rowsOf(1000), ['a"b'], [null]]), 0);
  const body = await encodeChunk(stored, 0);
  expect(body && gunzipSync(body).toString()).toBe('["a\\"b"],[null]');
  expect(await encodeChunk(stored, 1)).toBeUndefined();
});

test('results: a row limit of the session cuts the result', async () => {
  expect((await storeResult(resultOf(rowsOf(20)), 5)).rows).toHaveLength(5);
});

let now = 0;
const clock = { now: () => now, wall: () => new Date(now) };
const at = { database: undefined, schema: undefined, warehouse: undefined, role: 'R', parameters: [] };

function newQuery(id: string): Query {
  return {
    id,
    requestId: `request-${id}`,
    sessionId: 's',
    sqlText: 'SELECT 1',
    tag: '',
    startedAt: 0,
    abort: new AbortController(),
    endedAt: undefined,
    state: 'queued',
    outcome: { kind: 'pending' },
    done: Promise.resolve(),
  };
}

async function storeWith(limits: Partial<ConstructorParameters<typeof QueryStore>[0]>, count: number, cell: string) {
  const store = new QueryStore({ maxResults: 100, maxResultBytes: 1e9, resultKeepMs: 1000, ...limits }, clock);
  const queries = Array.from({ length: count }, (_, index) => newQuery(`q${index}`));
  for (const query of queries) {
    store.add(query);
    store.store(query, await storeResult(resultOf([[cell]]), 0), at, []);
  }
  return { store, kinds: () => queries.map(({ outcome }) => outcome.kind) };
}

test('query store: the oldest results go first when there are too many', async () => {
  const { kinds } = await storeWith({ maxResults: 2 }, 4, 'x');
  expect(kinds()).toEqual(['dropped', 'dropped', 'stored', 'stored']);
});

test('query store: the oldest results go first when they are too large, the newest stays', async () => {
  const { kinds } = await storeWith({ maxResultBytes: 10 }, 3, 'x'.repeat(100));
  expect(kinds()).toEqual(['dropped', 'dropped', 'stored']);
});

test('query store: a result is dropped after its time, and its request id still runs nothing again', async () => {
  const { store, kinds } = await storeWith({}, 1, 'x');
  now += 1001;
  store.sweep();
  expect(kinds()).toEqual(['dropped']);
  expect(store.byRequest('s', 'request-q0')?.id).toBe('q0');
});

test('query store: the log keeps 1,000 queries and never loses a running one', () => {
  const store = new QueryStore({ maxResults: 1, maxResultBytes: 1, resultKeepMs: 1 }, clock);
  store.add(newQuery('running'));
  for (let index = 0; index < 1500; index++) {
    const query = newQuery(`q${index}`);
    query.outcome = { kind: 'failed', error: new SnowflakeError('000604', '57014', 'x') };
    store.add(query);
  }
  expect(store.log()).toHaveLength(1000);
  expect(store.byId('running')?.id).toBe('running');
  expect(store.byId('q499')).toBeUndefined();
  expect(store.byRequest('s', 'request-q499')).toBeUndefined();
});
