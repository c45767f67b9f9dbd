/** What is not a query: changes of the catalog, of data and of the session. */
import { expect, test } from 'vitest';
import { columnOf, embeddedScene, namesOf } from '../../support/embedded-scene.ts';
import { openSession, startEngine } from '../../support/embedded-session.ts';

const { client, database, openAnother } = embeddedScene();

test('create database: it becomes current with the schema PUBLIC', async () => {
  expect(client.session.database).toBe(database());
  const { rows } = await client.run('SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()');
  expect(rows).toEqual([[database(), 'PUBLIC']]);
});

test('describe table: declared types, NOT NULL, defaults, keys and comments come back', async () => {
  await client.run(
    `CREATE TABLE T (ID NUMBER(10,0) NOT NULL, NAME VARCHAR(20) DEFAULT 'x' COMMENT 'who', V VARIANT, A ARRAY, TZ TIMESTAMP_TZ, PRIMARY KEY (ID))`,
  );
  const result = await client.run('DESC TABLE T');
  expect(namesOf(result).slice(0, 7)).toEqual([
    'name',
    'type',
    'kind',
    'null?',
    'default',
    'primary key',
    'unique key',
  ]);
  expect(columnOf(result, 'type')).toEqual(['NUMBER(10,0)', 'VARCHAR(20)', 'VARIANT', 'ARRAY', 'TIMESTAMP_TZ(9)']);
  expect(columnOf(result, 'null?')).toEqual(['N', 'Y', 'Y', 'Y', 'Y']);
  expect(columnOf(result, 'default')).toEqual([null, `'x'`, null, null, null]);
  expect(columnOf(result, 'primary key')).toEqual(['Y', 'N', 'N', 'N', 'N']);
  expect(columnOf(result, 'comment')).toEqual([null, 'who', null, null, null]);
});

test('select: columns of a table keep their declared semi-structured type', async () => {
  await client.run('CREATE TABLE T (V VARIANT, A ARRAY, O OBJECT)');
  await client.run(`INSERT INTO T SELECT PARSE_JSON('1'), ARRAY_CONSTRUCT(1), OBJECT_CONSTRUCT('a', 1)`);
  const result = await client.run('SELECT * FROM T');
  expect(result.columns.map(({ type }) => type)).toEqual(['VARIANT', 'ARRAY', 'OBJECT']);
  expect(result.rows).toEqual([['1', '[1]', '{"a":1}']]);
});

test('insert, update, delete and merge: answer Snowflake counts', async () => {
  await client.run('CREATE TABLE T (ID INT, NAME VARCHAR)');
  const inserted = await client.run(`INSERT INTO T (ID, NAME) VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
  expect([namesOf(inserted), inserted.rows]).toEqual([['number of rows inserted'], [['3']]]);
  const updated = await client.run(`UPDATE T SET NAME = 'z' WHERE ID > 1`);
  expect([namesOf(updated), updated.rows]).toEqual([
    ['number of rows updated', 'number of multi-joined rows updated'],
    [['2', '0']],
  ]);
  const deleted = await client.run('DELETE FROM T WHERE ID = 3');
  expect([namesOf(deleted), deleted.rows]).toEqual([['number of rows deleted'], [['1']]]);
  const merged = await client.run(
    `MERGE INTO T USING (SELECT 2 AS ID, 'm' AS NAME UNION ALL SELECT 9, 'n') AS S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET T.NAME = S.NAME WHEN NOT MATCHED THEN INSERT (ID, NAME) VALUES (S.ID, S.NAME)`,
  );
  expect([merged.kind, merged.rows]).toEqual(['MERGE', [['1', '1', '0']]]);
  expect((await client.run('SELECT * FROM T ORDER BY ID')).rows).toEqual([
    ['1', 'a'],
    ['2', 'm'],
    ['9', 'n'],
  ]);
  await client.run('TRUNCATE TABLE T');
  expect((await client.run('SELECT COUNT(*) FROM T')).rows).toEqual([['0']]);
});

test('transaction: rollback undoes, commit keeps, and DDL commits', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  await client.run('BEGIN');
  await client.run('INSERT INTO T VALUES (1)');
  await client.run('ROLLBACK');
  await client.run('BEGIN TRANSACTION');
  await client.run('INSERT INTO T VALUES (2)');
  await client.run('CREATE TABLE OTHER (ID INT)');
  await client.run('ROLLBACK');
  expect((await client.run('SELECT ID FROM T')).rows).toEqual([['2']]);
});

test('transaction: a statement that fails while it runs leaves the transaction as it was before it', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  await client.run('BEGIN');
  await client.run('INSERT INTO T VALUES (1)');
  await expect(client.run('INSERT INTO T SELECT 1/0')).rejects.toMatchObject({ code: '100051' });
  await client.run('INSERT INTO T VALUES (2)');
  await client.run('UPDATE T SET ID = ID * 10 WHERE ID = 1');
  await expect(client.run('SELECT 1/0')).rejects.toMatchObject({ code: '100051' });
  expect((await client.run('SELECT ID FROM T ORDER BY 1')).rows).toEqual([['2'], ['10']]);
  await client.run('COMMIT');
  expect((await client.run('SELECT ID FROM T ORDER BY 1')).rows).toEqual([['2'], ['10']]);
});

test('view: reads its own schema whoever asks, and GET_DDL gives its text back', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  await client.run('INSERT INTO T VALUES (4)');
  await client.run(`CREATE VIEW V COMMENT = 'ids' AS SELECT ID / 8 AS PART FROM T`);
  const other = await openAnother();
  const { rows } = await other.run(`SELECT PART FROM ${database()}.PUBLIC.V`);
  expect(rows).toEqual([['0.500000']]);
  const ddl = await client.run(`SELECT GET_DDL('view', 'V')`);
  expect(ddl.rows).toEqual([[`create or replace VIEW V COMMENT = 'ids' AS SELECT ID / 8 AS PART FROM T;`]]);
  const shown = await client.run(`SHOW VIEWS LIKE 'v' IN SCHEMA ${database()}.PUBLIC`);
  expect([columnOf(shown, 'name'), columnOf(shown, 'comment')]).toEqual([['V'], ['ids']]);
});

test('get_ddl: a table comes back with its columns', async () => {
  await client.run(`CREATE TABLE T (ID NUMBER(5,0) NOT NULL, NAME VARCHAR(9)) COMMENT = 'things'`);
  const { rows } = await client.run(`SELECT GET_DDL('TABLE', 'T') AS DDL`);
  expect(rows).toEqual([
    [`create or replace TABLE T (\n\tID NUMBER(5,0) NOT NULL,\n\tNAME VARCHAR(9)\n)COMMENT='things';`],
  ]);
});

test('ctas, like and clone: make tables with the types of their source', async () => {
  await client.run(`CREATE TABLE A (ID NUMBER(4,1), O OBJECT)`);
  await client.run(`INSERT INTO A SELECT 1.5, OBJECT_CONSTRUCT('k', 1)`);
  await client.run('CREATE TABLE B AS SELECT ID, ARRAY_CONSTRUCT(ID) AS L FROM A');
  await client.run('CREATE TABLE C LIKE A');
  await client.run('CREATE TABLE D CLONE A');
  expect(columnOf(await client.run('DESC TABLE B'), 'type')).toEqual(['NUMBER(4,1)', 'ARRAY']);
  expect(columnOf(await client.run('DESC TABLE C'), 'type')).toEqual(['NUMBER(4,1)', 'OBJECT']);
  expect((await client.run('SELECT (SELECT COUNT(*) FROM C) AS C, (SELECT COUNT(*) FROM D) AS D')).rows).toEqual([
    ['0', '1'],
  ]);
});

test('alter table: columns and comment', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  await client.run(`ALTER TABLE T ADD COLUMN NAME VARCHAR(5) COMMENT 'c'`);
  await client.run('ALTER TABLE T RENAME COLUMN ID TO KEY_ID');
  await client.run(`ALTER TABLE T SET COMMENT = 'about'`);
  expect(columnOf(await client.run('DESC TABLE T'), 'name')).toEqual(['KEY_ID', 'NAME']);
  expect(columnOf(await client.run('SHOW TABLES'), 'comment')).toEqual(['about']);
  await client.run('ALTER TABLE T DROP COLUMN NAME');
  await client.run('ALTER TABLE T RENAME TO U');
  expect((await client.run('SELECT * FROM U')).columns.map(({ name }) => name)).toEqual(['KEY_ID']);
});

test('autoincrement: counts rows and is shown as IDENTITY', async () => {
  await client.run('CREATE TABLE T (ID INT AUTOINCREMENT START 10 INCREMENT 5, NAME VARCHAR)');
  await client.run(`INSERT INTO T (NAME) VALUES ('a'), ('b')`);
  expect((await client.run('SELECT ID FROM T ORDER BY 1')).rows).toEqual([['10'], ['15']]);
  expect(columnOf(await client.run('DESC TABLE T'), 'default')[0]).toBe('IDENTITY START 10 INCREMENT 5 NOORDER');
});

test('drop: says what it did, and the thing is gone', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  expect((await client.run('DROP TABLE T')).rows).toEqual([['T successfully dropped.']]);
  expect((await client.run('DROP TABLE IF EXISTS T')).rows).toEqual([
    ['Drop statement executed successfully (T already dropped).'],
  ]);
  await expect(client.run('SELECT * FROM T')).rejects.toMatchObject({ code: '002003', sqlState: '42S02' });
  await client.run(`DROP DATABASE ${database()}`);
  expect(client.session.database).toBeUndefined();
  expect(columnOf(await client.run(`SHOW DATABASES LIKE '${database()}'`), 'name')).toEqual([]);
});

test('use: changes database and schema; unknown ones are 002043', async () => {
  await client.run('USE DATABASE DEMO_DB');
  expect([client.session.database, client.session.schema]).toEqual(['DEMO_DB', 'PUBLIC']);
  await client.run('USE SCHEMA SALES');
  expect(client.session.schema).toBe('SALES');
  await client.run('USE WAREHOUSE REPORTING_WH');
  expect(client.session.warehouse).toBe('REPORTING_WH');
  await expect(client.run('USE DATABASE NOWHERE')).rejects.toMatchObject({ code: '002043', sqlState: '02000' });
});

test('variables and parameters: SET, UNSET and ALTER SESSION', async () => {
  await client.run(`SET (A, B) = (1 + 1, 'x')`);
  expect((await client.run('SELECT $A + 1 AS V, $B AS W')).rows).toEqual([['3', 'x']]);
  await client.run('UNSET A');
  await expect(client.run('SELECT $A')).rejects.toMatchObject({ code: '000904' });
  await client.run(`ALTER SESSION SET QUERY_TAG = 'tag', TIMEZONE = 'UTC'`);
  expect(client.session.parameters.get('QUERY_TAG')).toBe('tag');
});

test('binds: every kind of value, by mark and by number', async () => {
  const binds = [
    { type: 'FIXED', value: '7' },
    { type: 'TEXT', value: `it's; -- not SQL` },
    { type: 'BOOLEAN', value: 'true' },
    { type: 'TEXT', value: null },
    { type: 'REAL', value: '1.5' },
  ];
  const { rows } = await client.run('SELECT ?, ?, ?, ?, ?', binds);
  expect(rows).toEqual([['7', `it's; -- not SQL`, '1', null, '1.5']]);
  expect((await client.run('SELECT :2 AS B, :1 + 1 AS A', binds)).rows).toEqual([[`it's; -- not SQL`, '8']]);
  await expect(client.run('SELECT ?', [])).rejects.toMatchObject({ code: '002049' });
});

test('describe only: columns without rows and without effect', async () => {
  const result = await client.run('SELECT 1 AS A, 2.5 AS B', [], true);
  expect([namesOf(result), result.rows]).toEqual([['A', 'B'], []]);
  await client.run('CREATE TABLE T (ID INT)', [], true);
  await expect(client.run('SELECT * FROM T')).rejects.toMatchObject({ code: '002003' });
});

test('explain: Snowflake columns, and the tables that are read', async () => {
  const result = await client.run('EXPLAIN SELECT * FROM DEMO_DB.SALES.ORDERS');
  expect(namesOf(result).slice(0, 5)).toEqual(['step', 'id', 'parent', 'operation', 'objects']);
  expect(columnOf(result, 'objects')).toContain('DEMO_DB.SALES.ORDERS');
});

test('sample data: TPC-H shape, the same on each start', async () => {
  const { rows } = await client.run(
    'SELECT (SELECT COUNT(*) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.CUSTOMER), (SELECT COUNT(*) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.ORDERS), (SELECT COUNT(*) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.PARTSUPP)',
  );
  expect(rows).toEqual([['1500', '15000', '8000']]);
  const sum =
    'SELECT SUM(L_EXTENDEDPRICE), COUNT(*), SUM(HASH(L_COMMENT)) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.LINEITEM';
  const second = await startEngine();
  try {
    expect((await (await openSession(second)).run(sum)).rows).toEqual((await client.run(sum)).rows);
  } finally {
    second.close();
  }
  const orphans = await client.run(
    'SELECT COUNT(*) FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.LINEITEM L LEFT JOIN SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.PARTSUPP P ON L.L_PARTKEY = P.PS_PARTKEY AND L.L_SUPPKEY = P.PS_SUPPKEY WHERE P.PS_PARTKEY IS NULL',
  );
  expect(orphans.rows).toEqual([['0']]);
});
