/** Snowflake's statements that are no queries, in short sequences: what the last one of each answers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/embedded/engine.ts';
import { openSession, startEngine, type TestSession } from '../../support/embedded-session.ts';

let engine: Engine;
let client: TestSession;
let databases = 0;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(() => engine.close());

type Cells = readonly (string | null)[];

const SEQUENCES: readonly (readonly [says: string, statements: readonly string[], rows: readonly Cells[]])[] = [
  [
    'INSERT fills columns that are not named with their defaults',
    [`CREATE TABLE T (ID INT, V VARCHAR DEFAULT 'd')`, 'INSERT INTO T (ID) VALUES (1)', 'SELECT * FROM T'],
    [['1', 'd']],
  ],
  [
    'INSERT takes DEFAULT as a value',
    [`CREATE TABLE T (ID INT, V VARCHAR DEFAULT 'd')`, 'INSERT INTO T VALUES (1, DEFAULT)', 'SELECT V FROM T'],
    [['d']],
  ],
  [
    'a NUMBER column rounds what is put in',
    ['CREATE TABLE T (N NUMBER(5,2))', 'INSERT INTO T VALUES (1.005), (2.5)', 'SELECT N FROM T ORDER BY 1'],
    [['1.01'], ['2.50']],
  ],
  [
    'INSERT OVERWRITE replaces all rows',
    ['CREATE TABLE T AS SELECT 1 AS ID', 'INSERT OVERWRITE INTO T SELECT 9', 'SELECT ID FROM T'],
    [['9']],
  ],
  [
    'UPDATE FROM joins',
    [
      `CREATE TABLE T AS SELECT 1 AS ID, 'a' AS V`,
      `UPDATE T SET V = S.W FROM (SELECT 1 AS K, 'b' AS W) AS S WHERE T.ID = S.K`,
      'SELECT V FROM T',
    ],
    [['b']],
  ],
  [
    'DELETE USING joins',
    [
      'CREATE TABLE T AS SELECT COLUMN1 AS ID FROM VALUES (1), (2)',
      'DELETE FROM T USING (SELECT 2 AS K) AS S WHERE T.ID = S.K',
      'SELECT ID FROM T',
    ],
    [['1']],
  ],
  [
    'MERGE deletes, updates and inserts by its first condition that holds',
    [
      `CREATE TABLE T AS SELECT COLUMN1 AS ID, COLUMN2 AS V FROM VALUES (1, 'gone'), (2, 'old')`,
      `MERGE INTO T USING (SELECT COLUMN1 AS ID FROM VALUES (1), (2), (3)) AS S ON T.ID = S.ID WHEN MATCHED AND T.V = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET V = 'new' WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (S.ID, 'added')`,
      'SELECT ID, V FROM T ORDER BY 1',
    ],
    [
      ['2', 'new'],
      ['3', 'added'],
    ],
  ],
  [
    'MERGE counts what it did',
    [
      'CREATE TABLE T AS SELECT 1 AS ID',
      'MERGE INTO T USING (SELECT COLUMN1 AS ID FROM VALUES (1), (5), (6)) AS S ON T.ID = S.ID WHEN NOT MATCHED THEN INSERT VALUES (S.ID) WHEN MATCHED THEN DELETE',
    ],
    [['2', '0', '1']],
  ],
  [
    'CREATE TABLE IF NOT EXISTS leaves a table alone',
    ['CREATE TABLE T (A INT)', 'CREATE TABLE IF NOT EXISTS T (B INT)'],
    [['T already exists, statement succeeded.']],
  ],
  [
    'CREATE OR REPLACE makes it anew',
    ['CREATE TABLE T AS SELECT 1 AS A', 'CREATE OR REPLACE TABLE T (B INT)', 'SELECT COUNT(*) FROM T'],
    [['0']],
  ],
  [
    'CREATE TABLE LIKE copies no rows',
    ['CREATE TABLE T AS SELECT 1 AS A', 'CREATE TABLE U LIKE T', 'SELECT COUNT(*) FROM U'],
    [['0']],
  ],
  ['a view may name its columns', ['CREATE VIEW W (A, B) AS SELECT 1, 2', 'SELECT B, A FROM W'], [['2', '1']]],
  [
    'CREATE OR REPLACE VIEW',
    ['CREATE VIEW W AS SELECT 1 AS X', 'CREATE OR REPLACE VIEW W AS SELECT 2 AS X', 'SELECT X FROM W'],
    [['2']],
  ],
  [
    'GET_DDL of a table',
    [`CREATE TABLE T (ID INT NOT NULL, V VARCHAR(5) DEFAULT 'x')`, `SELECT GET_DDL('TABLE', 'T')`],
    [[`create or replace TABLE T (\n\tID NUMBER(38,0) NOT NULL,\n\tV VARCHAR(5) DEFAULT 'x'\n);`]],
  ],
  [
    'ALTER TABLE renames a column',
    [
      'CREATE TABLE T (A INT)',
      'ALTER TABLE T RENAME COLUMN A TO B',
      `SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T'`,
    ],
    [['B']],
  ],
  [
    'a new schema is current, and USE goes back',
    ['CREATE SCHEMA S2', 'USE SCHEMA PUBLIC', 'SELECT CURRENT_SCHEMA()'],
    [['PUBLIC']],
  ],
  [
    'SHOW TABLES counts rows',
    ['CREATE TABLE T AS SELECT 1 AS A', 'SHOW TABLES ->> SELECT "name", "rows", "kind" FROM $1'],
    [['T', '1', 'TABLE']],
  ],
  [
    'SHOW VIEWS gives the text',
    ['CREATE VIEW W AS SELECT 1 AS X', 'SHOW VIEWS ->> SELECT "name", "text" FROM $1'],
    [['W', 'CREATE VIEW W AS SELECT 1 AS X']],
  ],
  [
    'SHOW SCHEMAS LIKE ignores case',
    ['CREATE SCHEMA S2', `SHOW SCHEMAS LIKE 's_' ->> SELECT "name" FROM $1`],
    [['S2']],
  ],
  [
    'SHOW COLUMNS tells NULL and default',
    [
      `CREATE TABLE T (A INT NOT NULL, B VARCHAR DEFAULT 'x')`,
      `SHOW COLUMNS IN TABLE T ->> SELECT "column_name", "null?", "default" FROM $1 ORDER BY 1`,
    ],
    [
      ['A', 'NOT_NULL', ''],
      ['B', 'true', `'x'`],
    ],
  ],
  [
    'INFORMATION_SCHEMA.TABLES tells tables from views',
    [
      'CREATE TABLE T (A INT)',
      'CREATE VIEW W AS SELECT 1 AS X',
      'CREATE TEMPORARY TABLE U (A INT)',
      'SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY 1',
    ],
    [
      ['T', 'BASE TABLE'],
      ['U', 'LOCAL TEMPORARY'],
      ['W', 'VIEW'],
    ],
  ],
  [
    'a TIMESTAMP_TZ column is declared so in a view too',
    [
      'CREATE TABLE T (A TIMESTAMP_TZ)',
      'CREATE VIEW W AS SELECT A FROM T',
      `SELECT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'W'`,
    ],
    [['TIMESTAMP_TZ']],
  ],
  [
    'UPDATE and MERGE put text into a TIMESTAMP_TZ column',
    [
      'CREATE TABLE T (ID INT, A TIMESTAMP_TZ)',
      `INSERT INTO T VALUES (1, '2024-01-01 00:00:00 +01:00')`,
      `UPDATE T SET A = '2024-06-01 00:00:00 -03:00' WHERE A = '2023-12-31 23:00:00+00:00'`,
      `MERGE INTO T USING (SELECT 2 AS ID) AS S ON T.ID = S.ID WHEN NOT MATCHED THEN INSERT (ID, A) VALUES (S.ID, '2025-01-01 00:00:00 +05:30')`,
      'SELECT A::VARCHAR FROM T ORDER BY ID',
    ],
    [['2024-06-01 00:00:00.000 -0300'], ['2025-01-01 00:00:00.000 +0530']],
  ],
  ['TRUNCATE empties', ['CREATE TABLE T AS SELECT 1 AS A', 'TRUNCATE TABLE T', 'SELECT COUNT(*) FROM T'], [['0']]],
  [
    'a name in quotes keeps its case and blanks',
    ['CREATE TABLE "my table" ("a b" INT)', 'INSERT INTO "my table" VALUES (1)', 'SELECT "a b" FROM "my table"'],
    [['1']],
  ],
];

test.each(SEQUENCES)('dialect: %s', async (_says, statements, rows) => {
  client = await openSession(engine);
  databases++;
  await client.run(`CREATE DATABASE SEQ_${databases}`);
  let last: readonly Cells[] = [];
  for (const statement of statements) last = (await client.run(statement)).rows;
  expect(last).toEqual(rows);
});

test.each([
  ['SELECT * FROM DEMO_DB.SALES.ORDERS BEFORE(STATEMENT => $$x$$)', /Time travel/],
  ['SELECT 1 AS A CONNECT BY LEVEL < 3', /CONNECT BY/],
  ['SELECT CODE FROM DEMO_DB.PUBLIC.COUNTRIES WHERE 1 = 1 CONNECT BY PRIOR CODE = NAME', /CONNECT BY/],
  ['SELECT * FROM TABLE(DEMO_DB.INFORMATION_SCHEMA.QUERY_HISTORY())', /INFORMATION_SCHEMA/],
  ['SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY())', /INFORMATION_SCHEMA/],
  [
    'SELECT * FROM DEMO_DB.PUBLIC.COUNTRIES MATCH_RECOGNIZE (ORDER BY CODE MEASURES 1 AS X PATTERN (A) DEFINE A AS TRUE)',
    /MATCH_RECOGNIZE/,
  ],
])('dialect: %s is refused by name', async (sql, words) => {
  client = await openSession(engine);
  await expect(client.run(sql)).rejects.toMatchObject({
    code: '000002',
    sqlState: '0A000',
    message: expect.stringMatching(words),
  });
});

test.each(['SELECT MOD(5, 0)', 'SELECT 5 % 0', 'SELECT 1 / 0', 'SELECT 1.5 / 0.0', 'SELECT 1::FLOAT / 0'])(
  'dialect: %s is a division by zero',
  async (sql) => {
    client = await openSession(engine);
    await expect(client.run(sql)).rejects.toMatchObject({ code: '100051', sqlState: '22012' });
  },
);

test.each(['SELECT 1 ->> SELECT * FROM $2', 'SELECT 1 ->> DELETE FROM DEMO_DB.SALES.NOPE', 'SELECT 1 ->> COPY INTO X'])(
  'dialect: %s fails as its part does',
  async (sql) => {
    client = await openSession(engine);
    await expect(client.run(sql)).rejects.toMatchObject({ name: 'SnowflakeError' });
  },
);
