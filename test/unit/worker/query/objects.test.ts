/** Object lists: which statements they let through, name by name. */
import { expect, test } from 'vitest';
import { createGate, type Gate } from '../../../../src/worker/query/gate.ts';
import { objectPolicy } from '../../../../src/worker/query/objects.ts';
import { DEFAULT_POLICY } from '../../../../src/worker/query/policy.ts';
import { readCorpus } from '../../../support/corpus.ts';

const HOME = { database: 'SALES', schema: 'MARTS' };
const ALLOWED = ['SALES.MARTS.*', 'SALES.PUBLIC.ORDERS', 'REF.GEO'];
const DENIED = ['SALES.MARTS.PII_*', '*.*.SECRET', '*.AUDIT'];

async function openGate(allowed: readonly string[], denied: readonly string[] = []): Promise<Gate> {
  const gate = createGate({ ...DEFAULT_POLICY, objects: objectPolicy({ allowed, denied }), stageReads: true });
  await gate.warm();
  return gate;
}

const verdict = (gate: Gate, sql: string, home: Parameters<Gate['check']>[1] = HOME) => {
  const decision = gate.check(sql, home);
  return decision.verdict === 'allow' ? 'allow' : decision.reason;
};

test('objects: names that the lists let through are allowed, however they are written', async () => {
  const gate = await openGate(ALLOWED, DENIED);
  for (const sql of [
    'SELECT * FROM sales.marts.revenue',
    'SELECT * FROM "SALES"."MARTS"."REVENUE" r JOIN marts.other o ON r.a = o.a',
    'SELECT * FROM orders',
    'SELECT * FROM sales..orders',
    'SELECT * FROM ref.geo.countries',
    'WITH c AS (SELECT * FROM marts.x), d AS (SELECT * FROM c) SELECT * FROM c, d',
    'WITH secret AS (SELECT 1 AS a) SELECT * FROM secret',
    'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT * FROM t',
    'SELECT 1',
    'SELECT * FROM TABLE(GENERATOR(ROWCOUNT => 1)), LATERAL FLATTEN(INPUT => [1]) f',
    'EXPLAIN SELECT * FROM marts.x',
    'DESCRIBE TABLE sales.marts.revenue',
    'DESCRIBE VIEW ref.geo.v',
    'DESCRIBE WAREHOUSE w',
    'DESCRIBE SCHEMA ref.geo',
    'SHOW TABLES IN SCHEMA sales.marts',
    'SHOW VIEWS IN DATABASE ref',
    'SHOW COLUMNS IN TABLE sales.marts.revenue',
    'SHOW TABLES IN ACCOUNT',
    'SHOW WAREHOUSES',
    "SELECT GET_DDL('VIEW', 'sales.marts.v'), SYSTEM$CLUSTERING_INFORMATION('marts.t')",
  ]) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, 'allow']);
  }
});

test('objects: every other name is refused, wherever in the statement it stands', async () => {
  const gate = await openGate(ALLOWED, DENIED);
  for (const sql of [
    'SELECT * FROM hr.people.salary',
    'SELECT * FROM sales.public.customers',
    'SELECT * FROM sales.marts.pii_names',
    'SELECT * FROM sales.marts."pii_names"',
    'SELECT * FROM sales.marts.secret',
    'SELECT * FROM customers',
    'SELECT * FROM ref.audit.log',
    'SELECT (SELECT MAX(a) FROM hr.people.salary) FROM orders',
    'SELECT * FROM orders WHERE a IN (SELECT a FROM hr.people.salary)',
    'SELECT * FROM orders JOIN hr.people.salary s USING (a)',
    'SELECT * FROM orders UNION ALL SELECT * FROM hr.people.salary',
    'WITH c AS (SELECT * FROM hr.people.salary) SELECT * FROM c',
    'WITH c AS (SELECT * FROM orders) SELECT * FROM c, hr.people.c',
    'WITH secret AS (SELECT * FROM secret) SELECT * FROM secret',
    'WITH RECURSIVE secret AS (SELECT * FROM secret UNION ALL SELECT 1 FROM secret) SELECT * FROM secret',
    'WITH RECURSIVE secret AS (SELECT * FROM secret) SELECT 1',
    'WITH a AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM a',
    'SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) x, secret',
    'SELECT * FROM orders PIVOT (SUM(a) FOR b IN (SELECT a FROM hr.people.salary))',
    'SELECT * FROM SEMANTIC_VIEW(hr.people.sv METRICS a.b)',
    'SELECT * FROM hr.people.salary AT (OFFSET => -60)',
    'SELECT * FROM information_schema.tables',
    "SELECT * FROM TABLE(sales.INFORMATION_SCHEMA.TAG_REFERENCES('hr.people.salary', 'table'))",
    'SELECT * FROM @marts.stage/file.csv',
    'EXPLAIN SELECT * FROM hr.people.salary',
    'DESCRIBE TABLE hr.people.salary',
    'DESC VIEW secret',
    'DESCRIBE SCHEMA sales.hr',
    'DESCRIBE FUNCTION hr.people.f(NUMBER)',
    'SHOW TABLES IN SCHEMA hr.people',
    'SHOW TABLES IN DATABASE hr',
    'SHOW SCHEMAS IN hr',
    'SHOW COLUMNS IN TABLE hr.people.salary',
    'SHOW GRANTS ON TABLE hr.people.salary',
    'SHOW TABLES IN ACCOUNT ->> SELECT * FROM $1',
    "SELECT GET_DDL('TABLE', 'hr.people.salary')",
    "SELECT GET_DDL('SCHEMA', 'sales.marts')",
    "SELECT GET_DDL('TABLE', a) FROM orders",
    "SELECT GET_DDL('TABLE', 'orders' || a) FROM orders",
    "SELECT SYSTEM$CLUSTERING_INFORMATION('hr.people.salary')",
  ]) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, 'object']);
  }
});

test('objects: no statement of the corpus reaches what the lists keep back', async () => {
  const allowing = await openGate(ALLOWED, DENIED);
  const denied = ['HR', 'SNOWFLAKE', '*.*.SALARY', '*.*.PII_*', '*.*.SECRET', '*.*.SV'];
  const denying = await openGate([], [...denied, '"$DB"', '*.*."$1"', '*.*."$secret"', '*.*."@secret"']);
  const statements = readCorpus('refuse-objects.sql');
  expect(statements.length).toBeGreaterThanOrEqual(110);
  for (const gate of [allowing, denying]) {
    expect(statements.filter((sql) => gate.check(sql, HOME).verdict === 'allow')).toEqual([]);
  }
});

test('objects: a name whose database or schema is not known is refused while a list is set', async () => {
  const gate = await openGate(['SALES.*.*'], []);
  const nowhere = { database: undefined, schema: undefined };
  expect(verdict(gate, 'SELECT * FROM orders', nowhere)).toBe('object');
  expect(verdict(gate, 'SELECT * FROM marts.orders', nowhere)).toBe('object');
  expect(verdict(gate, 'SELECT * FROM sales.marts.orders', nowhere)).toBe('allow');
  expect(verdict(gate, 'SELECT * FROM marts.orders', { database: 'SALES', schema: undefined })).toBe('allow');
  expect(verdict(gate, 'SELECT * FROM orders', { database: 'SALES', schema: undefined })).toBe('object');
});

test('objects: a name without a schema must be allowed in PUBLIC too, where Snowflake also looks', async () => {
  const gate = await openGate([], ['SALES.PUBLIC.SALARY']);
  expect(verdict(gate, 'SELECT * FROM salary')).toBe('object');
  expect(verdict(gate, 'SELECT * FROM marts.salary')).toBe('allow');
});

test('objects: without lists nothing is asked', async () => {
  const gate = await openGate([], []);
  expect(verdict(gate, 'SELECT * FROM anything.at.all, @stage/x', undefined)).toBe('allow');
});

test('objects: the decision of one place is not used for another', async () => {
  const gate = await openGate(['SALES.MARTS', 'SALES.PUBLIC']);
  expect(verdict(gate, 'SELECT * FROM t')).toBe('allow');
  expect(verdict(gate, 'SELECT * FROM t', { database: 'HR', schema: 'PEOPLE' })).toBe('object');
  expect(verdict(gate, 'SELECT * FROM t')).toBe('allow');
});

test('objects: a refusal names the object and what to do', async () => {
  const gate = await openGate(ALLOWED);
  expect(gate.check('SELECT * FROM hr.people.salary', HOME)).toMatchObject({
    detail: 'HR.PEOPLE.SALARY is not an object that may be read',
    next: expect.stringContaining('policy.allowed_objects'),
  });
});

test("objects: statements of the server's own may read INFORMATION_SCHEMA and nothing that the lists keep back", async () => {
  const gate = await openGate(ALLOWED, DENIED);
  for (const sql of [
    'SHOW DATABASES',
    'SHOW VIEWS IN DATABASE "SALES"',
    'SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME FROM "SALES".INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME ILIKE ?',
    'DESCRIBE VIEW "SALES"."MARTS"."V"',
  ]) {
    expect([sql, gate.checkCatalog(sql, HOME)]).toEqual([sql, undefined]);
  }
  for (const sql of ['DESCRIBE VIEW "HR"."PEOPLE"."V"', 'SHOW VIEWS IN DATABASE "HR"', 'SELECT * FROM "HR"."P"."T"']) {
    expect([sql, gate.checkCatalog(sql, HOME)?.reason]).toEqual([sql, 'object']);
  }
});

test('objects: lists of objects lose the rows of what may not be read', () => {
  const policy = objectPolicy({ allowed: ALLOWED, denied: DENIED });
  const tables = policy.rowFilter(['created_on', 'name', 'database_name', 'schema_name']);
  expect(tables?.(['x', 'REVENUE', 'SALES', 'MARTS'])).toBe(true);
  expect(tables?.(['x', 'SECRET', 'SALES', 'MARTS'])).toBe(false);
  expect(tables?.(['x', 'SALARY', 'HR', 'PEOPLE'])).toBe(false);
  const columns = policy.rowFilter(['table_name', 'schema_name', 'column_name', 'database_name']);
  expect([columns?.(['REVENUE', 'MARTS', 'A', 'SALES']), columns?.(['PII_X', 'MARTS', 'A', 'SALES'])]).toEqual([
    true,
    false,
  ]);
  const schemas = policy.rowFilter(['created_on', 'name', 'database_name']);
  expect([
    schemas?.(['x', 'MARTS', 'SALES']),
    schemas?.(['x', 'PEOPLE', 'HR']),
    schemas?.(['x', 'AUDIT', 'REF']),
  ]).toEqual([true, false, false]);
  const databases = policy.rowFilter(['created_on', 'name', 'is_default', 'is_current', 'origin']);
  expect([databases?.(['x', 'SALES']), databases?.(['x', 'HR'])]).toEqual([true, false]);
  expect(policy.rowFilter(['name', 'state', 'type'])).toBeUndefined();
  const terse = policy.rowFilter(['created_on', 'name', 'kind', 'database_name', 'schema_name']);
  const shown = [
    ['MARTS', 'SALES'],
    ['PEOPLE', 'HR'],
    ['AUDIT', 'REF'],
    ['SALES', null],
    ['HR', null],
  ].filter(([name, database]) => terse?.(['x', name, null, database, null]));
  expect(shown).toEqual([
    ['MARTS', 'SALES'],
    ['SALES', null],
  ]);
});

test('objects: keys, grants, functions and streams are listed only when all that they name may be read', () => {
  const policy = objectPolicy({ allowed: ALLOWED, denied: DENIED });
  const keys = policy.rowFilter([
    ...['created_on', 'pk_database_name', 'pk_schema_name', 'pk_table_name', 'pk_column_name'],
    ...['fk_database_name', 'fk_schema_name', 'fk_table_name', 'fk_column_name', 'key_sequence'],
  ]);
  const [own, foreign] = [
    ['SALES', 'MARTS', 'REVENUE', 'ID'],
    ['HR', 'PEOPLE', 'SALARY', 'ID'],
  ] as const;
  expect(keys?.(['x', ...own, ...own, '1'])).toBe(true);
  expect(keys?.(['x', ...own, ...foreign, '1'])).toBe(false);
  expect(keys?.(['x', ...foreign, ...own, '1'])).toBe(false);

  const grants = policy.rowFilter(['created_on', 'privilege', 'granted_on', 'name', 'granted_to']);
  const isShown = (type: string, name: string) => grants?.(['x', 'SELECT', type, name, 'ROLE']);
  expect(isShown('TABLE', 'SALES.MARTS.REVENUE')).toBe(true);
  expect(isShown('TABLE', 'HR.PEOPLE.SALARY')).toBe(false);
  expect(isShown('TABLE', 'SALES.MARTS."PII_X"')).toBe(false);
  expect(isShown('FUNCTION', 'HR.PEOPLE."F(A NUMBER):NUMBER"')).toBe(false);
  expect(isShown('SCHEMA', 'SALES.MARTS')).toBe(true);
  expect(isShown('DATABASE', 'HR')).toBe(false);
  expect(isShown('WAREHOUSE', 'WH')).toBe(true);
  expect(isShown('SOMETHING NEW', 'not a name')).toBe(false);

  const future = policy.rowFilter(['created_on', 'privilege', 'grant_on', 'name', 'grant_to', 'grantee_name']);
  expect(future?.(['x', 'SELECT', 'TABLE', 'HR.PEOPLE.<TABLE>', 'ROLE', 'R'])).toBe(false);

  const functions = policy.rowFilter(['created_on', 'name', 'schema_name', 'is_builtin', 'arguments', 'catalog_name']);
  expect(functions?.(['x', 'ABS', '', 'Y', '', ''])).toBe(true);
  expect(functions?.(['x', 'F', 'MARTS', 'N', '', 'SALES'])).toBe(true);
  expect(functions?.(['x', 'F', 'PEOPLE', 'N', '', 'HR'])).toBe(false);

  const streams = policy.rowFilter(['created_on', 'name', 'database_name', 'schema_name', 'owner', 'table_name']);
  expect(streams?.(['x', 'S', 'SALES', 'MARTS', 'me', 'SALES.MARTS.REVENUE'])).toBe(true);
  expect(streams?.(['x', 'S', 'SALES', 'MARTS', 'me', 'HR.PEOPLE.SALARY'])).toBe(false);

  const metrics = policy.rowFilter(['database_name', 'schema_name', 'semantic_view_name', 'table_name', 'name']);
  expect(metrics?.(['SALES', 'MARTS', 'SV', 'REVENUE', 'M'])).toBe(true);
  expect(metrics?.(['SALES', 'MARTS', 'PII_SV', 'REVENUE', 'M'])).toBe(false);
});

test('objects: the query history, where clients of one login see each other, can be denied', async () => {
  const gate = await openGate([], ['*.INFORMATION_SCHEMA.QUERY_HISTORY*', 'SNOWFLAKE']);
  for (const sql of [
    'SELECT * FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY())',
    "SELECT * FROM TABLE(sales.information_schema.query_history_by_user('U'))",
    'SELECT * FROM TABLE("My Db".INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION())',
    'SELECT * FROM snowflake.account_usage.query_history',
    'SELECT * FROM "SNOWFLAKE".ACCOUNT_USAGE.ACCESS_HISTORY',
  ]) {
    expect([sql, verdict(gate, sql)]).toEqual([sql, 'object']);
  }
  expect(verdict(gate, 'SELECT * FROM sales.information_schema.tables')).toBe('allow');
});
