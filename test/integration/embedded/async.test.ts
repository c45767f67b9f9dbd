/** Statements that outlive their request: asynchronous ones, long polls, repeated requests, several at once. */
import { randomUUID } from 'node:crypto';
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cancel,
  type Embedded,
  failure,
  login,
  logout,
  resultOf,
  run,
  SLOW_SQL,
  start,
  startTestEmbedded,
} from '../../support/embedded-driver.ts';
import { rawLogin } from '../../support/embedded-raw.ts';
import { eventually } from '../../support/eventually.ts';

let embedded: Embedded;
let connection: Connection;

beforeAll(async () => {
  embedded = await startTestEmbedded({ longPollMs: 50, delayMs: 250 });
  connection = await login(embedded.url, { password: embedded.password });
});

afterAll(async () => {
  await logout(connection);
  await embedded.close();
});

test('async: a submitted statement is running, then done, and its rows can be fetched by another session', async () => {
  const { statement } = await run(connection, 'SELECT 42 AS v', { asyncExec: true });
  const queryId = statement.getQueryId();
  expect(['RUNNING', 'QUEUED']).toContain(await connection.getQueryStatus(queryId));
  const other = await login(embedded.url, { password: embedded.password });
  await eventually(async () => (await other.getQueryStatus(queryId)) === 'SUCCESS', { what: 'status SUCCESS' });
  expect(await resultOf(other, queryId)).toEqual([{ V: 42 }]);
  await logout(other);
});

test('async: a submitted statement that fails says so in its status and its result', async () => {
  const { statement } = await run(connection, 'SELECT * FROM no_such_table', { asyncExec: true });
  const queryId = statement.getQueryId();
  await eventually(async () => (await connection.getQueryStatus(queryId)) === 'FAILED_WITH_ERROR', { what: 'failure' });
  const { call } = await rawLogin(embedded);
  expect(await call('GET', `/queries/${queryId}/result`)).toMatchObject({ success: false, code: '002003' });
});

test('async: a statement longer than the long poll is waited for', async () => {
  const { rows } = await run(connection, 'SELECT 7 AS v');
  expect(rows).toEqual([{ V: 7 }]);
});

test('async: a request that is sent twice runs once', async () => {
  const raw = await rawLogin(embedded);
  await raw.query('CREATE OR REPLACE TEMPORARY TABLE once (id INT)');
  const requestId = randomUUID();
  const [first, second] = await Promise.all([
    raw.query('INSERT INTO once VALUES (1)', requestId),
    raw.query('INSERT INTO once VALUES (1)', requestId),
  ]);
  const again = await raw.query('INSERT INTO once VALUES (1)', requestId);
  expect([second.data.queryId, again.data.queryId]).toEqual([first.data.queryId, first.data.queryId]);
  expect((await raw.query('SELECT COUNT(*) FROM once')).data.rowset).toEqual([['1']]);
});

test('async: an unknown query id has no status and no result', async () => {
  const { call } = await rawLogin(embedded);
  const id = randomUUID();
  expect(await call('GET', `/monitoring/queries/${id}`)).toMatchObject({ success: true, data: { queries: [] } });
  expect(await call('GET', `/queries/${id}/result`)).toMatchObject({ success: false, code: '000709' });
});

test('async: several statements in one request give one result each', async () => {
  const raw = await rawLogin(embedded);
  const reply = await raw.query('SELECT 1 AS a; SELECT 2 AS b', randomUUID(), { MULTI_STATEMENT_COUNT: 2 });
  const ids = String(reply.data.resultIds).split(',');
  expect(ids).toHaveLength(2);
  const results = await Promise.all(ids.map((id) => raw.call('GET', `/queries/${id}/result`)));
  expect(results.map((result) => result.data.rowset)).toEqual([[['1']], [['2']]]);
});

test('async: one statement that holds semicolons in text and comments counts as one', async () => {
  const sql = "/* a; b */ SELECT 'x;y' AS v -- ; end\n;";
  const { rows } = await run(connection, sql, { parameters: { MULTI_STATEMENT_COUNT: 1 } });
  expect(rows).toEqual([{ V: 'x;y' }]);
});

test('async: statements of one session run one after the other, those of two sessions side by side', async () => {
  const other = await login(embedded.url, { password: embedded.password });
  const slow = start(connection, SLOW_SQL);
  const waiting = start(connection, 'SELECT 1 AS v');
  const isRunning = (id: string) => () => embedded.queries().some((q) => q.queryId === id && q.state === 'running');
  await eventually(() => slow.statement.getQueryId() !== undefined && isRunning(slow.statement.getQueryId())(), {
    what: 'the slow statement runs',
  });
  expect((await run(other, 'SELECT 2 AS v')).rows).toEqual([{ V: 2 }]);
  expect(embedded.queries().find((query) => query.queryId === waiting.statement.getQueryId())?.state).toBe('queued');
  const slowFailed = failure(slow.done);
  await cancel(slow.statement);
  expect((await slowFailed).code).toBe('000604');
  expect((await waiting.done).rows).toEqual([{ V: 1 }]);
  await logout(other);
});
