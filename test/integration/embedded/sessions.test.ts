/** What one session keeps from statement to statement, through the real driver. */
import type { Connection } from 'snowflake-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Embedded, failure, HOME, login, logout, run, startTestEmbedded } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';

let embedded: Embedded;
let connection: Connection;
const open: Connection[] = [];

async function connect(): Promise<Connection> {
  const made = await login(embedded.url, { password: embedded.password, ...HOME });
  open.push(made);
  return made;
}

beforeAll(async () => {
  embedded = await startTestEmbedded();
});

afterAll(() => embedded.close());

beforeEach(async () => {
  embedded.faults.clear();
  connection = await connect();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(logout));
});

const rowsOf = async (sql: string, own = connection) => (await run(own, sql)).rows;

test('sessions: an expired token is renewed by the driver, and the session keeps what it had', async () => {
  await run(connection, "SET mark = 'kept'");
  embedded.faults.add({ fault: 'expired-token' });
  expect(await rowsOf('SELECT $mark AS v')).toEqual([{ V: 'kept' }]);
  expect(embedded.faults.list()[0]?.hits).toBe(1);
});

test('sessions: a session that is gone fails the statement and leaves the connection down', async () => {
  embedded.faults.add({ fault: 'gone-session' });
  expect((await failure(run(connection, 'SELECT 1'))).code).toBe(407002);
  expect(connection.isUp()).toBe(false);
});

test('sessions: the result of one statement is a table for the next', async () => {
  await run(connection, "SELECT 1 AS id, 'x' AS name UNION ALL SELECT 2, NULL");
  expect(await rowsOf('SELECT id + 1 AS n, name FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY id')).toEqual([
    { N: 2, NAME: 'x' },
    { N: 3, NAME: null },
  ]);
  const { statement } = await run(connection, 'SHOW SCHEMAS');
  await run(connection, 'SELECT 1');
  const sql = `SELECT "name" FROM TABLE(RESULT_SCAN('${statement.getQueryId()}')) WHERE "name" = 'SALES'`;
  expect(await rowsOf(sql)).toEqual([{ name: 'SALES' }]);
});

test('sessions: a failed statement has no result to read again', async () => {
  await run(connection, 'SELECT 1 AS v');
  await failure(run(connection, 'SELECT * FROM absent'));
  expect((await failure(run(connection, 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))'))).code).toBe('000709');
});

test('sessions: statements of one request run in order and see each other', async () => {
  const parameters = { MULTI_STATEMENT_COUNT: 0 };
  const sql =
    'CREATE OR REPLACE TEMPORARY TABLE several (n INT); INSERT INTO several VALUES (1), (2); SELECT SUM(n) AS s FROM several; SELECT s + 1 AS t FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))';
  await run(connection, sql, { parameters });
  expect(await rowsOf('SELECT SUM(n) AS s FROM several')).toEqual([{ S: 3 }]);
  const texts = embedded.queries().map((query) => query.sqlText);
  expect(texts).toContain('SELECT s + 1 AS t FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))');
});

test('sessions: of several statements the one that fails ends the request, and those before it have happened', async () => {
  const parameters = { MULTI_STATEMENT_COUNT: 0 };
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE partly (n INT)');
  const error = await failure(
    run(connection, 'INSERT INTO partly VALUES (1); SELECT 1 / 0; INSERT INTO partly VALUES (2)', { parameters }),
  );
  expect(error.code).toBe('100051');
  expect(await rowsOf('SELECT COUNT(*) AS c FROM partly')).toEqual([{ C: 1 }]);
});

test('sessions: a transaction is seen by its own session only until it is committed', async () => {
  const other = await connect();
  await run(connection, 'CREATE OR REPLACE TABLE shared_rows (n INT)');
  await run(connection, 'BEGIN');
  await run(connection, 'INSERT INTO shared_rows VALUES (1)');
  expect(await rowsOf('SELECT COUNT(*) AS c FROM shared_rows')).toEqual([{ C: 1 }]);
  expect(await rowsOf('SELECT COUNT(*) AS c FROM shared_rows', other)).toEqual([{ C: 0 }]);
  await run(connection, 'COMMIT');
  expect(await rowsOf('SELECT COUNT(*) AS c FROM shared_rows', other)).toEqual([{ C: 1 }]);
  await run(connection, 'BEGIN');
  await run(connection, 'DELETE FROM shared_rows');
  await run(connection, 'ROLLBACK');
  expect(await rowsOf('SELECT COUNT(*) AS c FROM shared_rows', other)).toEqual([{ C: 1 }]);
});

test('sessions: a logout rolls an open transaction back', async () => {
  const other = await login(embedded.url, { password: embedded.password, ...HOME });
  await run(other, 'CREATE OR REPLACE TABLE left_open (n INT)');
  await run(other, 'BEGIN');
  await run(other, 'INSERT INTO left_open VALUES (1)');
  await logout(other);
  expect(await rowsOf('SELECT COUNT(*) AS c FROM left_open')).toEqual([{ C: 0 }]);
  await run(connection, 'INSERT INTO left_open VALUES (2)');
});

test('sessions: a temporary table belongs to its session, hides a table of its name, and is gone with the session', async () => {
  const other = await login(embedded.url, { password: embedded.password, ...HOME });
  await run(connection, 'CREATE TEMPORARY TABLE countries (own INT)');
  await run(other, 'CREATE TEMPORARY TABLE countries (other VARCHAR)');
  await run(connection, 'INSERT INTO countries VALUES (1)');
  await run(connection, 'INSERT INTO DEMO_DB.PUBLIC.COUNTRIES VALUES (2)');
  expect(await rowsOf('SELECT SUM(own) AS s FROM DEMO_DB.PUBLIC.COUNTRIES')).toEqual([{ S: 3 }]);
  expect(await rowsOf('SELECT COUNT(other) AS c FROM countries', other)).toEqual([{ C: 0 }]);
  const shown = `SHOW TERSE TABLES LIKE 'COUNTRIES' ->> SELECT "kind", "schema_name" FROM $1 ORDER BY 1`;
  expect(await rowsOf(shown)).toEqual([
    { kind: 'TABLE', schema_name: 'PUBLIC' },
    { kind: 'TEMPORARY', schema_name: 'PUBLIC' },
  ]);
  await run(connection, 'DROP TABLE countries');
  expect(await rowsOf('SELECT COUNT(*) AS c FROM countries')).toEqual([{ C: 5 }]);
  await run(other, 'CREATE TEMPORARY TABLE only_there (n INT)');
  await logout(other);
  await eventually(
    async () =>
      (await rowsOf(`SELECT COUNT(*) AS c FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'ONLY_THERE'`))[0]?.C === 0,
    {
      what: 'the table is gone',
    },
  );
  expect((await failure(run(connection, 'SELECT * FROM only_there'))).code).toBe('002003');
});

test('sessions: an array bind inserts a row per element', async () => {
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE bound (id INT, name VARCHAR, at TIMESTAMP_TZ)');
  const binds = Array.from({ length: 2500 }, (_, at) => [
    at,
    at % 2 === 0 ? `it's ${at}` : null,
    '2024-01-01 00:00:00 +02:00',
  ]);
  const { statement } = await run(connection, 'INSERT INTO bound VALUES (?, ?, ?)', {
    binds: binds as unknown as string[],
  });
  expect(statement.getNumUpdatedRows()).toBe(2500);
  expect(
    await rowsOf('SELECT COUNT(*) AS c, COUNT(name) AS n, MAX(id) AS m, MAX(at)::VARCHAR AS t FROM bound'),
  ).toEqual([{ C: 2500, N: 1250, M: 2499, T: '2024-01-01 00:00:00.000 +0200' }]);
});

test('sessions: an offset is kept through a table, arithmetic and the driver', async () => {
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE zoned (id INT, t TIMESTAMP_TZ)');
  await run(connection, "INSERT INTO zoned VALUES (1, '2024-01-01 10:00:00 +02:00'), (2, '2024-01-01 10:00:00-0500')");
  const rows = await rowsOf('SELECT id, t, DATEADD(day, 1, t)::VARCHAR AS next, HOUR(t) AS h FROM zoned ORDER BY t');
  expect(rows.map(({ ID, NEXT, H }) => [ID, NEXT, H])).toEqual([
    [1, '2024-01-02 10:00:00.000 +0200', 10],
    [2, '2024-01-02 10:00:00.000 -0500', 10],
  ]);
  expect(rows.map(({ T }) => (T as Date).toISOString())).toEqual([
    '2024-01-01T08:00:00.000Z',
    '2024-01-01T15:00:00.000Z',
  ]);
  const texts = await run(connection, 'SELECT t FROM zoned ORDER BY id', { fetchAsString: ['Date'] });
  expect(texts.rows.map(({ T }) => T)).toEqual(['2024-01-01 10:00:00.000 +0200', '2024-01-01 10:00:00.000 -0500']);
  expect(await rowsOf("SELECT id FROM zoned WHERE t = '2024-01-01 08:00:00 +00:00'::TIMESTAMP_TZ")).toEqual([
    { ID: 1 },
  ]);
});

test('sessions: a whole number of 38 digits keeps every digit in an INT column', async () => {
  const digits = '12345678901234567890123456789012345678';
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE wide (n INT)');
  await run(connection, `INSERT INTO wide VALUES (${digits})`);
  expect((await run(connection, 'SELECT n FROM wide', { fetchAsString: ['Number'] })).rows).toEqual([{ N: digits }]);
});
