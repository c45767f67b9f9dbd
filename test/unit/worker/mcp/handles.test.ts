import { expect, test } from 'vitest';
import type { Clock } from '../../../../src/shared/clock.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { type HandleRecord, Handles } from '../../../../src/worker/mcp/handles.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import type { StateStore } from '../../../../src/worker/state/store.ts';
import { fakeQueryService } from '../../../support/fake-query-service.ts';

const log = createLog({ level: 'error', format: 'json', stream: process.stderr });
const quiet = { ...log, error: () => {}, warn: () => {}, info: () => {} };

function setUp(shared: StateStore<HandleRecord> | undefined = createMemoryStore<HandleRecord>()) {
  let now = 1_000_000;
  const clock: Clock = { now: () => now, wall: () => new Date(now) };
  const query = fakeQueryService();
  const make = () => new Handles({ shared, query, clock, log: quiet, ttlMs: 1000, sweepMs: 1000, max: 2 });
  const caller = { tool: 'query_submit', requestId: 'r', principal: 'alice' };
  const submit = () => query.submit({ sql: 'SELECT 1', maxRows: 1, caller }, new AbortController().signal);
  const open = (handles: Handles, principal = 'alice') => handles.open({ principal, tool: 'query_submit' }, submit);
  return {
    query,
    make,
    open,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('handles: a record is found by any worker, under its principal only', async () => {
  const { make, open } = setUp();
  const [one, other] = [make(), make()];
  const { queryId } = await open(one);
  expect(await other.use('alice', queryId)).toMatchObject({ queryId, principal: 'alice' });
  await expect(other.use('bob', queryId)).rejects.toMatchObject({ code: 'QUERY_UNKNOWN' });
  await other.forget('bob', queryId);
  expect(await one.use('alice', queryId.toUpperCase())).toMatchObject({ queryId });
  await other.forget('alice', queryId);
  await expect(one.use('alice', queryId)).rejects.toMatchObject({ code: 'QUERY_UNKNOWN' });
});

test('handles: each principal has its own bound, also while submissions are on their way', async () => {
  const { make, open } = setUp();
  const handles = make();
  const all = await Promise.allSettled([open(handles), open(handles), open(handles), open(handles, 'bob')]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  await expect(open(handles)).rejects.toMatchObject({ code: 'TOO_MANY_HANDLES' });
});

test('handles: a submission that fails leaves nothing behind', async () => {
  const { make, open } = setUp();
  const handles = make();
  const fail = () => handles.open({ principal: 'alice', tool: 't' }, () => Promise.reject(new Error('refused')));
  for (let round = 0; round < 5; round++) await expect(fail()).rejects.toThrow('refused');
  await open(handles);
  await open(handles);
});

test('handles: a use renews the lease; one that nobody uses expires, and exactly one worker cancels it', async () => {
  const { query, make, open, pass } = setUp();
  const [one, other] = [make(), make()];
  const { queryId } = await open(one);
  for (let round = 0; round < 3; round++) {
    pass(900);
    await other.use('alice', queryId);
    expect(await one.sweep()).toBe(0);
  }
  pass(1001);
  await expect(one.use('alice', queryId)).rejects.toMatchObject({ code: 'QUERY_UNKNOWN' });
  const [a, b] = await Promise.all([one.sweep(), other.sweep()]);
  expect(a + b).toBe(1);
  expect(query.statements.get(queryId)).toMatchObject({ cancels: 1, state: 'cancelled' });
});

test('handles: while the store fails, statements are known to the worker that submitted them', async () => {
  const store = createMemoryStore<HandleRecord>();
  const { query, make, open } = setUp({ ...store, create: () => Promise.reject(new Error('the disk is full')) });
  const handles = make();
  const { queryId } = await open(handles);
  expect(await handles.use('alice', queryId)).toMatchObject({ queryId });
  await Promise.all([handles.close(), handles.close()]);
  expect(query.statements.get(queryId)).toMatchObject({ cancels: 1 });
});

test('handles: what the store holds outlives the worker that submitted it', async () => {
  const { query, make, open } = setUp();
  const handles = make();
  const { queryId } = await open(handles);
  await handles.close();
  expect(query.statements.get(queryId)).toMatchObject({ cancels: 0 });
});
