import { expect, test } from 'vitest';
import { ActiveQueries } from '../../../../src/worker/query/active.ts';
import type { Job } from '../../../../src/worker/query/run.ts';
import { Stop } from '../../../../src/worker/query/stop.ts';

const caller = { tool: 'execute_query', requestId: 'r', session: 's1', principal: 'p' };
const QUERY_ID = '01b00000-0000-0000-0000-000000000007';
const nothing = { cancel: async () => {} };

function set() {
  const active = new ActiveQueries({ now: () => 0, wall: () => new Date(5000) });
  const stop = new Stop(new AbortController().signal);
  let job: Job | undefined;
  let finish: () => void = () => {};
  const done = active.watch({ caller, kind: 'select', stop }, {} as Job, (watched) => {
    job = watched;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  const end = () => {
    finish();
    return done;
  };
  return { active, stop, job: () => job, finish: end };
}

test('active: a statement is listed from its first moment to its end, with what is known by then', async () => {
  const { active, job, finish } = set();
  const facts = { id: '1', caller, kind: 'select', startedAtMs: 5000 };
  expect(active.list([])).toEqual([{ ...facts, queryId: null, state: 'waiting' }]);
  job()?.onStatement?.(() => QUERY_ID);
  expect(active.list([])).toEqual([{ ...facts, queryId: QUERY_ID, state: 'running' }]);
  job()?.onRows?.();
  expect(active.list([])[0]?.state).toBe('reading');
  await finish();
  expect(active.list([])).toEqual([]);
});

test.each(['1', QUERY_ID])('active: %s ends the statement, and its caller is told that an operator did', async (id) => {
  const { active, stop, job, finish } = set();
  job()?.onStatement?.(() => QUERY_ID);
  expect(await active.kill('2', nothing)).toBe(false);
  expect(stop.signal.aborted).toBe(false);
  expect(await active.kill(id, nothing)).toBe(true);
  expect(stop.signal.reason).toMatchObject({ code: 'QUERY_KILLED' });
  await finish();
});

test('active: a submitted statement is listed while its session is kept, and ended in Snowflake', async () => {
  const active = new ActiveQueries({ now: () => 0, wall: () => new Date(5000) });
  const cancelled: unknown[] = [];
  active.submitted(QUERY_ID, caller, 'select');
  expect(active.list([QUERY_ID])).toMatchObject([{ id: QUERY_ID, queryId: QUERY_ID, state: 'submitted' }]);
  const cancel = async (...what: unknown[]) => void cancelled.push(what);
  expect(await active.kill(QUERY_ID, { cancel })).toBe(true);
  expect(cancelled).toEqual([[QUERY_ID, 'operator', undefined]]);
  expect(active.list([])).toEqual([]);
  expect(await active.kill(QUERY_ID, { cancel })).toBe(false);
});
