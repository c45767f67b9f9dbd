/** Writes that an operator has opened: which pass, and that nothing else rides along. */
import { expect, test } from 'vitest';
import { createGate, type Gate } from '../../../../src/worker/query/gate.ts';
import { objectPolicy } from '../../../../src/worker/query/objects.ts';
import { DEFAULT_POLICY, type GatePolicy } from '../../../../src/worker/query/policy.ts';
import { readCorpus } from '../../../support/corpus.ts';

const ALL = 'insert update delete merge truncate create alter drop undrop comment grant revoke'.split(' ');

async function openGate(writes: readonly string[], more: Partial<GatePolicy> = {}): Promise<Gate> {
  const gate = createGate({ ...DEFAULT_POLICY, allowedWrites: new Set(writes), ...more });
  await gate.warm();
  return gate;
}

const verdict = (gate: Gate, sql: string) => {
  const decision = gate.checkWrite(sql, { database: 'D', schema: 'S' });
  return decision.verdict === 'allow' ? decision.kind : decision.reason;
};

const GOOD: readonly (readonly [string, string])[] = [
  ["INSERT INTO t VALUES (1, 'a'), (2, NULL)", 'insert'],
  ['INSERT INTO d.s.t (a, "b c") SELECT a, UPPER(b) FROM u WHERE c > 1', 'insert'],
  ['INSERT OVERWRITE INTO t WITH x AS (SELECT 1 AS a) SELECT * FROM x', 'insert'],
  ['INSERT INTO t (SELECT 1)', 'insert'],
  ['UPDATE t SET a = 1, b = COALESCE(b, (SELECT MAX(x) FROM u)) WHERE c = 2', 'update'],
  ["UPDATE d.s.t AS x SET x.a = CASE WHEN y.b > 1 THEN 'from' ELSE 'set' END FROM u y WHERE x.i = y.i", 'update'],
  ["UPDATE t SET v = {'a': 1, 'b': [1, 2]}", 'update'],
  ['DELETE FROM t', 'delete'],
  ['DELETE FROM t x USING u, v WHERE x.i = u.i AND u.j = v.j', 'delete'],
  [
    "MERGE INTO t USING (SELECT * FROM s) s ON t.i = s.i WHEN MATCHED AND s.d THEN DELETE WHEN MATCHED THEN UPDATE SET t.a = s.a, b = CASE WHEN s.b THEN 1 END WHEN NOT MATCHED THEN INSERT (i, a) VALUES (s.i, 'x')",
    'merge',
  ],
  ['TRUNCATE TABLE IF EXISTS d.s.t', 'truncate'],
  ["CREATE TABLE t (a NUMBER(10, 2) NOT NULL, b VARCHAR(10) DEFAULT 'x', PRIMARY KEY (a))", 'create'],
  ['CREATE OR REPLACE TRANSIENT TABLE d.s.t AS SELECT * FROM u', 'create'],
  ['CREATE VIEW IF NOT EXISTS v (a, b) AS SELECT a, b FROM t', 'create'],
  ['CREATE SCHEMA IF NOT EXISTS d.s', 'create'],
  ['ALTER TABLE t ADD COLUMN a INT', 'alter'],
  ['DROP VIEW IF EXISTS v', 'drop'],
  ['UNDROP TABLE t', 'undrop'],
  ["COMMENT IF EXISTS ON TABLE t IS 'x'", 'comment'],
  ['GRANT SELECT ON TABLE t TO ROLE r', 'grant'],
  ['REVOKE SELECT ON TABLE t FROM ROLE r', 'revoke'],
];

test('write: by default nothing is let through', async () => {
  const gate = await openGate([]);
  for (const [sql] of GOOD) expect([sql, verdict(gate, sql)]).toEqual([sql, 'write-kind']);
});

test('write: what the policy opens passes, and each kind opens itself only', async () => {
  const gate = await openGate(ALL);
  for (const [sql, kind] of GOOD) expect([sql, verdict(gate, sql)]).toEqual([sql, kind]);
  for (const kind of ALL) {
    const one = await openGate([kind]);
    const passed = GOOD.filter(([sql]) => !['write-kind', 'parser-unavailable'].includes(verdict(one, sql)));
    expect(passed.map(([, passedKind]) => passedKind)).toEqual(GOOD.flatMap(([, k]) => (k === kind ? [k] : [])));
  }
});

test('write: the reads inside a write are judged like any read', async () => {
  const gate = await openGate(ALL);
  for (const [sql, reason] of [
    ['INSERT INTO t VALUES (my_udf(1))', 'function'],
    ['INSERT INTO t (a) SELECT my_udf(1)', 'function'],
    ['INSERT INTO t (my_udf(1)) VALUES (1)', 'syntax'],
    ['INSERT INTO t SELECT * FROM @stage', 'stage'],
    ['INSERT INTO t SELECT seq.NEXTVAL', 'function'],
    ["INSERT INTO IDENTIFIER('t') SELECT 1", 'dynamic-name'],
    ['UPDATE t SET a = my_udf(1)', 'function'],
    ['UPDATE t SET a = 1 WHERE SYSTEM$WAIT(1) = 1', 'function'],
    ['UPDATE t SET a = 1 FROM TABLE(my_udtf(1)) WHERE TRUE', 'function'],
    ['DELETE FROM t WHERE a = my_udf(1)', 'function'],
    ['DELETE FROM t USING TABLE(my_udtf(1)) x WHERE TRUE', 'function'],
    ['MERGE INTO t USING s ON my_udf(1) WHEN MATCHED THEN DELETE', 'function'],
    ['MERGE INTO t USING s ON t.i = s.i WHEN MATCHED AND my_udf(1) THEN DELETE', 'function'],
    ['MERGE INTO t USING s ON t.i = s.i WHEN MATCHED THEN UPDATE SET a = my_udf(1)', 'function'],
    ['MERGE INTO t USING s ON t.i = s.i WHEN NOT MATCHED THEN INSERT (a) VALUES (my_udf(1))', 'function'],
    ['CREATE TABLE t AS SELECT my_udf(1)', 'function'],
    ['CREATE VIEW v AS SELECT * FROM TABLE(my_udtf())', 'function'],
    ['CREATE TABLE t USING TEMPLATE (SELECT my_udf(1))', 'syntax'],
    ['ALTER TABLE t ADD COLUMN a INT DEFAULT (SELECT my_udf(1))', 'syntax'],
  ] as const) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, reason]);
  }
});

test('write: the expressions of a definition call no functions of anybody', async () => {
  const gate = await openGate(ALL);
  for (const [sql, want] of [
    ['CREATE TABLE t (a INT DEFAULT my_udf(1))', 'function'],
    ['CREATE TABLE t (a INT NOT NULL DEFAULT (1 + d.s.my_udf(1)), b INT)', 'function'],
    ['ALTER TABLE t ADD COLUMN a INT DEFAULT my_udf(1)', 'function'],
    ['CREATE TABLE t CLONE u AT (OFFSET => my_udf(1))', 'function'],
    ['CREATE TABLE t CLONE u BEFORE (STATEMENT => my_udf())', 'function'],
    ['CREATE TABLE t (a INT) CLUSTER BY (my_udf(a))', 'function'],
    [
      "CREATE TABLE t (a INT DEFAULT 1 REFERENCES u (id), b DATE DEFAULT CURRENT_DATE(), c VARCHAR(9) DEFAULT UPPER('x') COMMENT 'y')",
      'create',
    ],
    ['CREATE TABLE t (a INT, b DATE) CLUSTER BY (DATE_TRUNC(month, b), a)', 'create'],
    ['CREATE TABLE t CLONE u AT (OFFSET => -60 * 5)', 'create'],
    ["ALTER TABLE t ADD COLUMN c TIMESTAMP_NTZ(9) DEFAULT TO_TIMESTAMP_NTZ('2026-01-01')", 'alter'],
  ] as const) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, want]);
  }
});

test('write: several statements, scripts, files, calls and unknown kinds stay out, whatever the policy opens', async () => {
  const gate = await openGate(ALL);
  for (const sql of [
    'DELETE FROM t; DELETE FROM u',
    'DELETE FROM t ->> SELECT 1',
    'BEGIN DELETE FROM t; END',
    'CALL p()',
    "EXECUTE IMMEDIATE 'DELETE FROM t'",
    'PUT file:///etc/passwd @s',
    'GET @s file:///tmp',
    'COPY INTO t FROM @s',
    'RM @s',
    'SELECT 1',
    'SHOW TABLES',
    'USE ROLE accountadmin',
    'SET a = 1',
    'ALTER SESSION SET a = 1',
    "ALTER USER u SET PASSWORD = 'x'",
    'ALTER ACCOUNT SET x = 1',
    'CREATE USER u',
    'CREATE TASK t AS DELETE FROM x',
    "CREATE FUNCTION f() RETURNS INT AS '1'",
    'CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS $$ BEGIN END $$',
    "CREATE STAGE s URL = 's3://x'",
    'DROP DATABASE d',
    'INSERT ALL INTO a INTO b SELECT 1',
    'TRUNCATE t u',
    'DELETE t',
    'MERGE INTO t USING s ON TRUE WHEN MATCHED THEN CALL p()',
    'UPDATE t SET a := 1',
    '',
  ]) {
    expect([sql, gate.checkWrite(sql).verdict]).toEqual([sql, 'refuse']);
  }
});

test('write: other kinds of objects are opened by name', async () => {
  const gate = await openGate(['create task', 'alter warehouse', 'create dynamic table']);
  expect(verdict(gate, 'CREATE OR REPLACE TASK t AS SELECT 1')).toBe('create');
  expect(verdict(gate, 'ALTER WAREHOUSE w RESUME')).toBe('alter');
  expect(verdict(gate, "CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' WAREHOUSE = w AS SELECT 1")).toBe('create');
  expect(verdict(gate, 'CREATE TABLE t (a INT)')).toBe('write-kind');
});

test('write: object lists hold for what is written, read, copied and renamed', async () => {
  const gate = await openGate(ALL, {
    objects: objectPolicy({ allowed: ['D.S.*', 'D.PUBLIC.*'], denied: ['*.*.SECRET'] }),
  });
  for (const [sql, kind] of [
    ['INSERT INTO t SELECT * FROM s.u', 'insert'],
    ['UPDATE t SET a = 1', 'update'],
    ['CREATE TABLE d.s.x AS SELECT 1', 'create'],
    ['ALTER TABLE t RENAME TO d.s.x', 'alter'],
    ['INSERT INTO x.y.z VALUES (1)', 'object'],
    ['INSERT INTO t SELECT * FROM secret', 'object'],
    ['UPDATE secret SET a = 1', 'object'],
    ['DELETE FROM t USING x.y.z WHERE TRUE', 'object'],
    ['MERGE INTO t USING x.y.z s ON TRUE WHEN MATCHED THEN DELETE', 'object'],
    ['TRUNCATE TABLE x.y.z', 'object'],
    ['CREATE TABLE d.s.x CLONE x.y.z', 'object'],
    ['CREATE TABLE d.s.x LIKE secret', 'object'],
    ['ALTER TABLE t SWAP WITH x.y.z', 'object'],
    ['ALTER TABLE t RENAME TO x.y.z', 'object'],
    ['DROP SCHEMA x.y', 'object'],
    ['CREATE SCHEMA d.s CLONE x.y', 'object'],
    ['GRANT SELECT ON t TO ROLE r', 'object'],
  ] as const) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, kind]);
  }
});

test('write: what is done to a schema is done to all in it, so the lists must let all of it through', async () => {
  const denied = await openGate(ALL, { objects: objectPolicy({ allowed: [], denied: ['D.S.SECRET'] }) });
  const allowed = await openGate(ALL, {
    objects: objectPolicy({ allowed: ['D.S.ORDERS', 'D.T', 'D.U.*'], denied: [] }),
  });
  for (const [gate, sql, want] of [
    [denied, 'CREATE SCHEMA d.copy CLONE d.s', 'object'],
    [denied, 'CREATE SCHEMA d.copy CLONE d.s AT (OFFSET => -60)', 'object'],
    [denied, 'ALTER SCHEMA d.s RENAME TO d.other', 'object'],
    [denied, 'ALTER SCHEMA d.t SWAP WITH d.s', 'object'],
    [denied, 'DROP SCHEMA d.s', 'object'],
    [denied, 'CREATE OR REPLACE SCHEMA d.s', 'object'],
    [denied, 'CREATE SCHEMA d.copy CLONE d.t', 'create'],
    [denied, 'DROP SCHEMA d.t', 'drop'],
    [denied, 'CREATE SCHEMA IF NOT EXISTS d.s', 'create'],
    [allowed, 'DROP SCHEMA d.s', 'object'],
    [allowed, 'CREATE SCHEMA d.t CLONE d.s', 'object'],
    [allowed, 'DROP SCHEMA d.t', 'drop'],
    [allowed, 'ALTER SCHEMA d.t RENAME TO d.u', 'alter'],
    [allowed, 'CREATE SCHEMA d.s', 'create'],
  ] as const) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, want]);
  }
});

test('write: nothing of the read corpus passes as a write, and no write as a read', async () => {
  const gate = await openGate(ALL);
  expect(readCorpus('allow.sql').filter((sql) => gate.checkWrite(sql).verdict === 'allow')).toEqual([]);
  expect(GOOD.filter(([sql]) => gate.check(sql).verdict === 'allow')).toEqual([]);
});

test('write: a permission names what is written and read', async () => {
  const gate = await openGate(ALL);
  expect(gate.checkWrite('INSERT INTO d.s.t SELECT * FROM "u v"')).toEqual({
    verdict: 'allow',
    kind: 'insert',
    objects: ['D.S.T', '"u v"'],
  });
});
