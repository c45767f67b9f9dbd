/** Stopping statements: by the client, by a timeout, by a logout, by the end of the server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cancel,
  type Embedded,
  failure,
  login,
  logout,
  run,
  SLOW_SQL,
  start,
  startTestEmbedded,
} from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';

let embedded: Embedded;

beforeAll(async () => {
  embedded = await startTestEmbedded({ longPollMs: 50 });
});

afterAll(() => embedded.close());

const newest = () => embedded.queries().at(-1);
const running = (what: string) => eventually(() => newest()?.state === 'running', { what });

test('cancel: a running statement ends in 000604, its state is aborted, and the session goes on', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  const { statement, done } = start(connection, SLOW_SQL);
  const failed = failure(done);
  await running('the statement runs');
  await eventually(() => statement.getQueryId() !== undefined, { what: 'the query id is known' });
  await cancel(statement);
  expect(await failed).toMatchObject({ code: '000604', sqlState: '57014', message: 'SQL execution canceled' });
  expect(newest()).toMatchObject({ state: 'aborted', errorCode: '000604', sqlText: SLOW_SQL });
  expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
  await logout(connection);
});

test('cancel: a statement whose query id is not known yet is stopped by its request id', async () => {
  const slowReply = await startTestEmbedded({ longPollMs: 20_000 });
  const connection = await login(slowReply.url, { password: slowReply.password });
  const { statement, done } = start(connection, SLOW_SQL);
  const failed = failure(done);
  await eventually(() => slowReply.queries().at(-1)?.state === 'running', { what: 'the statement runs' });
  await cancel(statement);
  expect((await failed).code).toBe('000604');
  expect(slowReply.queries().at(-1)?.state).toBe('aborted');
  await logout(connection);
  await slowReply.close();
});

test('cancel: a statement that waits for its latency is stopped before it runs', async () => {
  const slow = await startTestEmbedded({ delayMs: 60_000, longPollMs: 20 });
  const connection = await login(slow.url, { password: slow.password });
  const { statement, done } = start(connection, 'SELECT 1');
  const failed = failure(done);
  await eventually(() => statement.getQueryId() !== undefined, { what: 'the query id is known' });
  await cancel(statement);
  expect((await failed).code).toBe('000604');
  await logout(connection);
  await slow.close();
});

test('cancel: a statement over its timeout ends in 000630', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 1 };
  expect(await failure(run(connection, SLOW_SQL, { parameters }))).toMatchObject({ code: '000630', sqlState: '57014' });
  expect(newest()?.state).toBe('failed');
  await logout(connection);
});

test('cancel: the timeout of the session holds for its statements', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  await run(connection, 'ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1');
  expect((await failure(run(connection, SLOW_SQL))).code).toBe('000630');
  await logout(connection);
});

test('cancel: a logout stops what the session still runs', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  await run(connection, SLOW_SQL, { asyncExec: true });
  await running('the statement runs');
  const { queryId } = newest() ?? {};
  await logout(connection);
  await eventually(() => embedded.queries().find((query) => query.queryId === queryId)?.state === 'aborted', {
    what: 'the statement is aborted',
  });
});

test('cancel: the end of the server stops what runs and frees the port', async () => {
  const other = await startTestEmbedded({ longPollMs: 50 });
  const connection = await login(other.url, { password: other.password });
  await run(connection, SLOW_SQL, { asyncExec: true });
  await eventually(() => other.queries().at(-1)?.state === 'running', { what: 'the statement runs' });
  await other.close();
  await other.close();
  expect(other.queries().at(-1)?.state).toBe('aborted');
  const again = await startTestEmbedded({ port: other.port });
  expect(again.port).toBe(other.port);
  await again.close();
});

test('cancel: a statement that has ended cannot be stopped and keeps its result', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  const { statement } = await run(connection, 'SELECT 1 AS v');
  expect((await failure(cancel(statement))).code).toBe('000605');
  expect(newest()?.state).toBe('success');
  await logout(connection);
});
