/** What goes wrong in SQL reaches the driver with Snowflake's code, state and words, and never with a stack. */
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, failure, HOME, login, logout, run, startTestEmbedded } from '../../support/embedded-driver.ts';
import { rawLogin } from '../../support/embedded-raw.ts';

let embedded: Embedded;
let connection: Connection;

beforeAll(async () => {
  embedded = await startTestEmbedded();
  connection = await login(embedded.url, { password: embedded.password, ...HOME });
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE present (id INT NOT NULL, name VARCHAR)');
});

afterAll(async () => {
  await logout(connection);
  await embedded.close();
});

const FAILURES: readonly (readonly [sql: string, code: string, sqlState: string, words: RegExp])[] = [
  ['SELECT * FROM absent', '002003', '42S02', /Object '.*ABSENT' does not exist or not authorized/],
  ['SELECT * FROM absent_db.s.t', '002003', '02000', /Database 'ABSENT_DB' does not exist or not authorized/],
  ['SELECT 1 +', '001003', '42000', /syntax error line 1 at position \d+ unexpected '<EOF>'/],
  ['SELECT 1\nFROM FROM present', '001003', '42000', /syntax error line 2 at position \d+ unexpected 'FROM'/],
  ["SELECT 'open", '001003', '42000', /parse error line 1/],
  ['SELECT absent FROM present', '000904', '42000', /error line 1 at position 7\ninvalid identifier 'ABSENT'/],
  ['SELECT no_such_function(1)', '002140', '42601', /Unknown function NO_SUCH_FUNCTION/],
  ['CREATE TEMPORARY TABLE present (id INT)', '002002', '42710', /'.*PRESENT' already exists/],
  ['USE DATABASE absent_db', '002043', '02000', /Object does not exist, or operation cannot be performed/],
  ["SELECT 'abc'::INT", '100038', '22018', /Numeric value 'abc' is not recognized/],
  ["SELECT 'abc'::DATE", '100040', '22007', /Date 'abc' is not recognized/],
  ['SELECT 1 / 0', '100051', '22012', /Division by zero/],
  ["INSERT INTO present VALUES (NULL, 'x')", '100072', '22000', /NULL result in a non-nullable column/],
  ['SELECT 1; SELECT 2', '000008', '0A000', /Actual statement count 2 did not match the desired statement count 1/],
  ['-- nothing', '000900', '42601', /Empty SQL statement/],
  ["SELECT * FROM read_csv('/etc/passwd')", '002140', '42601', /Unknown function/],
];

test.each(FAILURES)('errors: %j fails with %s / %s', async (sql, code, sqlState, words) => {
  const error = await failure(run(connection, sql));
  expect({ code: error.code, sqlState: error.sqlState }).toEqual({ code, sqlState });
  expect(error.message).toMatch(words);
});

test.each([
  "COPY present TO '/tmp/embedded-out.csv'",
  "ATTACH '/tmp/embedded.db'",
  'INSTALL httpfs',
  'SET GLOBAL memory_limit = 1',
  'PRAGMA database_list',
  'CALL pragma_version()',
])('errors: %j does not reach past the sandbox', async (sql) => {
  const error = await failure(run(connection, sql));
  expect(String(error.code)).toMatch(/^\d{6}$/);
});

test('errors: after a failed statement the session goes on', async () => {
  await failure(run(connection, 'SELECT * FROM absent'));
  expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
});

test('errors: array binds of anything but an INSERT of one row are refused', async () => {
  const binds = [[1], [2]] as unknown as number[];
  const error = await failure(run(connection, 'SELECT ?', { binds }));
  expect(error).toMatchObject({ code: '000002', sqlState: '0A000' });
});

test('errors: a result that is too large fails instead of filling the process', async () => {
  const error = await failure(run(connection, 'SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 3000000))'));
  expect(error).toMatchObject({ code: '000002', sqlState: '0A000' });
});

test('errors: a reply carries no stack and no path of the server', async () => {
  const raw = await rawLogin(embedded);
  const replies = await Promise.all(FAILURES.map(([sql]) => raw.query(sql)));
  expect(JSON.stringify(replies)).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules|src\/embedded/);
});

test('errors: what is no call of the protocol gets an HTTP error', async () => {
  const statuses = async (path: string, init: RequestInit) => {
    const response = await fetch(`${embedded.url}${path}`, init);
    await response.arrayBuffer();
    return response.status;
  };
  const raw = await rawLogin(embedded);
  const headers = { authorization: `Snowflake Token="${raw.token}"` };
  expect(await statuses('/nothing', { headers })).toBe(404);
  expect(await statuses('/queries/v1/query-request', { method: 'POST', headers, body: 'not json' })).toBe(400);
  expect(await statuses('/queries/v1/query-request', { method: 'POST', headers, body: 'x'.repeat(17_000_000) })).toBe(
    413,
  );
});
