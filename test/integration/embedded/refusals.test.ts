/**
 * What the embedded engine must refuse, and with which of Snowflake's errors.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../src/embedded/engine.ts';
import { openSession, startEngine, type TestSession } from '../../support/embedded-session.ts';

let engine: Engine;
let client: TestSession;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.close());

beforeEach(async () => {
  client = await openSession(engine);
});

test.each([
  `COPY INTO T FROM @stage`,
  `PUT file:///etc/passwd @~`,
  'GET @~ file:///tmp',
  'CALL SYSTEM$WAIT(1)',
  `EXECUTE IMMEDIATE 'SELECT 1'`,
  'GRANT ROLE A TO USER B',
  `ATTACH '/tmp/x.db'`,
  'DETACH DEMO_DB',
  'PRAGMA database_list',
  'INSTALL httpfs',
  'LOAD httpfs',
  `EXPORT DATABASE '/tmp/x'`,
  'CREATE STAGE S',
  'CREATE TASK T AS SELECT 1',
  `CREATE FUNCTION F() RETURNS INT AS '1'`,
  'CREATE OR REPLACE PROCEDURE P() RETURNS INT AS 1',
  'CREATE MACRO F() AS 1',
  'ALTER WAREHOUSE W SUSPEND',
  'SHOW GRANTS',
  'VACUUM',
  'BEGIN SELECT 1',
  'SELECT * FROM DEMO_DB.SALES.ORDERS AT(OFFSET => -60)',
  'SELECT * FROM @stage',
  `SELECT GET_DDL('function', 'F')`,
  '',
])('refused as not in the embedded engine: %s', async (sql) => {
  await expect(client.run(sql)).rejects.toMatchObject({
    code: '000002',
    sqlState: '0A000',
    message: expect.stringMatching(/embedded engine/),
  });
});

test.each([
  `SELECT * FROM READ_CSV('/etc/passwd')`,
  `SELECT * FROM TABLE(READ_TEXT('/etc/passwd'))`,
  `SELECT "read_text"('/etc/passwd')`,
  'SELECT * FROM DUCKDB_SETTINGS()',
  `SELECT CURRENT_SETTING('memory_limit')`,
  `SELECT GETENV('HOME')`,
  `SELECT * FROM QUERY('SELECT 1')`,
  `SELECT * FROM GLOB('/*')`,
  `SELECT SYSTEM$TYPEOF(1)`,
  `SELECT 1 AS A, (SELECT MAX(X) FROM (SELECT READ_BLOB('/etc/passwd') AS X))`,
])('refused as an unknown function: %s', async (sql) => {
  await expect(client.run(sql)).rejects.toMatchObject({ code: '002140', sqlState: '42601' });
});

test.each([
  'SELECT * FROM DUCKDB_TABLES',
  'SELECT * FROM SQLITE_MASTER',
  'SELECT * FROM "duckdb_settings"',
  'SELECT * FROM MEMORY."SF$CATALOG"."ENTRIES"',
  'SELECT * FROM SYSTEM.INFORMATION_SCHEMA.TABLES',
  'SELECT * FROM PG_CATALOG.PG_CLASS',
  'DROP TABLE MEMORY.MAIN.X',
])('refused as an object that does not exist: %s', async (sql) => {
  await expect(client.run(sql)).rejects.toMatchObject({ code: '002003' });
});

test('a name of a function behind a dot is refused as a function of the user', async () => {
  await expect(client.run(`SELECT MAIN.READ_TEXT('/etc/passwd')`)).rejects.toMatchObject({ code: '002141' });
  await expect(client.run(`SELECT 'x'.READ_TEXT()`)).rejects.toMatchObject({ code: '002141' });
  await expect(client.run(`SELECT * FROM '/etc/passwd'`)).rejects.toMatchObject({ code: '001003' });
});

test.each([
  `INSERT INTO SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.REGION VALUES (9, 'x', 'y')`,
  'DELETE FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.REGION',
  'UPDATE "SNOWFLAKE_SAMPLE_DATA".TPCH_SF001.REGION SET R_NAME = 1',
  'DROP TABLE SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.REGION',
  'DROP DATABASE SNOWFLAKE_SAMPLE_DATA',
  'TRUNCATE TABLE SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.REGION',
  'CREATE TABLE SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.T (ID INT)',
  `WITH A AS (SELECT 1) DELETE FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.REGION`,
])('the sample database is read-only: %s', async (sql) => {
  await expect(client.run(sql)).rejects.toMatchObject({ code: '003001', sqlState: '42501' });
});

test.each([
  ['SELECT 1/0', '100051', '22012'],
  ['SELECT * FROM NO_SUCH_TABLE', '002003', '42S02'],
  ['SELECT NO_SUCH_COLUMN FROM DEMO_DB.SALES.ORDERS', '000904', '42000'],
  ['SELECT NO_SUCH_FUNCTION(1)', '002140', '42601'],
  [`SELECT 'abc'::NUMBER`, '100038', '22018'],
  ['SELECT (1', '001003', '42000'],
  [`SELECT 'open`, '001003', '42000'],
  ['SELECT FROM WHERE', '001003', '42000'],
  ['CREATE TABLE T (A NOTATYPE)', '002040', '42601'],
])('error of %s is %s', async (sql, code, sqlState) => {
  await expect(client.run(sql)).rejects.toMatchObject({ name: 'SnowflakeError', code, sqlState });
});

test('errors: a statement without a current database is 090105', async () => {
  const nowhere = await openSession(engine, { database: undefined, schema: undefined });
  await expect(nowhere.run('CREATE TABLE T (ID INT)')).rejects.toMatchObject({ code: '090105' });
  expect((await nowhere.run('SELECT CURRENT_DATABASE()')).rows).toEqual([[null]]);
});
