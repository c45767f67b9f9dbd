/** What SHOW and the information schema tell, with the columns Snowflake gives them. */
import { expect, test } from 'vitest';
import { columnOf, embeddedScene, namesOf } from '../../support/embedded-scene.ts';

const { client, database } = embeddedScene();

test('show: databases, schemas and tables with filters, limits and TERSE', async () => {
  await client.run('CREATE SCHEMA S2');
  await client.run('CREATE TABLE B1 (ID INT)');
  await client.run('CREATE TABLE B2 (ID INT)');
  await client.run('CREATE TRANSIENT TABLE C1 (ID INT)');
  expect(columnOf(await client.run('SHOW SCHEMAS'), 'name')).toEqual(['INFORMATION_SCHEMA', 'PUBLIC', 'S2']);
  expect(columnOf(await client.run(`SHOW TABLES STARTS WITH 'B'`), 'name')).toEqual(['B1', 'B2']);
  expect(columnOf(await client.run(`SHOW TABLES LIMIT 1 FROM 'B1'`), 'name')).toEqual(['B2']);
  const terse = await client.run(`SHOW TERSE TABLES IN DATABASE ${database()}`);
  expect(namesOf(terse)).toEqual(['created_on', 'name', 'kind', 'database_name', 'schema_name']);
  expect(columnOf(terse, 'kind')).toEqual(['TABLE', 'TABLE', 'TRANSIENT']);
  const all = await client.run('SHOW DATABASES');
  expect(namesOf(all).slice(0, 8)).toEqual([
    'created_on',
    'name',
    'is_default',
    'is_current',
    'origin',
    'owner',
    'comment',
    'options',
  ]);
  expect(columnOf(all, 'name')).toEqual(expect.arrayContaining(['DEMO_DB', 'SNOWFLAKE_SAMPLE_DATA']));
});

const OF_TABLES =
  'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time automatic_clustering change_tracking search_optimization search_optimization_progress search_optimization_bytes is_external enable_schema_evolution owner_role_type is_event is_hybrid is_iceberg is_dynamic is_immutable';
const OF_SCHEMAS =
  'created_on name is_default is_current database_name owner comment options retention_time owner_role_type classification_profile_database classification_profile_schema classification_profile object_visibility is_nested';
const OF_DATABASES =
  'created_on name is_default is_current origin owner comment options retention_time kind owner_role_type object_visibility';
const OF_TERSE = 'created_on name kind database_name schema_name';

test.each([
  ['DATABASES', OF_DATABASES],
  ['DATABASES HISTORY', OF_DATABASES.replace('retention_time', 'retention_time dropped_on')],
  ['TERSE DATABASES', OF_TERSE],
  ['SCHEMAS', OF_SCHEMAS],
  ['SCHEMAS HISTORY', OF_SCHEMAS.replace('retention_time', 'retention_time dropped_on')],
  ['TERSE SCHEMAS', OF_TERSE],
  ['TABLES', OF_TABLES],
  ['TABLES HISTORY', OF_TABLES.replace('retention_time', 'retention_time dropped_on')],
  ['TERSE TABLES', OF_TERSE],
  [
    'VIEWS',
    'created_on name reserved database_name schema_name owner comment text is_secure is_materialized owner_role_type change_tracking',
  ],
  ['TERSE VIEWS', OF_TERSE],
  [
    'OBJECTS',
    'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time owner_role_type is_hybrid is_dynamic is_iceberg is_interactive',
  ],
  [
    'COLUMNS',
    'table_name schema_name column_name data_type null? default kind expression comment database_name autoincrement schema_evolution_record',
  ],
  [
    'WAREHOUSES',
    'name state type size min_cluster_count max_cluster_count started_clusters running queued is_default is_current auto_suspend auto_resume available provisioning quiescing other created_on resumed_on updated_on owner comment enable_query_acceleration query_acceleration_max_scale_factor resource_monitor actives pendings failed suspended uuid scaling_policy owner_role_type resource_constraint generation query_throughput_multiplier max_query_performance_level disabled_reasons tables',
  ],
  [
    'ROLES',
    'created_on name is_default is_current is_inherited assigned_to_users granted_to_roles granted_roles owner comment is_from_organization_user_group',
  ],
  ['PARAMETERS', 'key value default level description type'],
])('show %s: the columns of Snowflake in its order, moments and numbers as such', async (what, names) => {
  const { columns, rows } = await client.run(`SHOW ${what}`);
  expect(columns.map(({ name }) => name)).toEqual(names.split(' '));
  for (const row of rows) expect(row).toHaveLength(columns.length);
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  for (const name of ['created_on', 'dropped_on', 'resumed_on']) {
    if (typeOf.has(name)) expect([name, typeOf.get(name)]).toEqual([name, 'TIMESTAMP_LTZ']);
  }
  for (const name of ['rows', 'bytes', 'running', 'queued', 'auto_suspend', 'granted_roles']) {
    if (typeOf.has(name)) expect([name, typeOf.get(name)]).toEqual([name, 'FIXED']);
  }
  for (const name of ['retention_time', 'is_default', 'auto_resume', 'data_type']) {
    if (typeOf.has(name)) expect([name, typeOf.get(name)]).toEqual([name, 'TEXT']);
  }
});

test('show: what TERSE leaves empty, and a transient table, which only SHOW TABLES tells', async () => {
  await client.run('CREATE TRANSIENT TABLE C1 (ID INT)');
  await client.run('CREATE VIEW V1 AS SELECT 1 AS ONE');
  const terse = await client.run('SHOW TERSE SCHEMAS');
  expect(terse.rows.map(([, , ...rest]) => rest)).toContainEqual([null, client.session.database, null]);
  expect(columnOf(await client.run('SHOW TERSE VIEWS'), 'kind')).toEqual(['VIEW']);
  expect(columnOf(await client.run('SHOW TABLES'), 'kind')).toEqual(['TRANSIENT']);
  expect(columnOf(await client.run('SHOW OBJECTS'), 'kind')).toEqual(['TABLE', 'VIEW']);
  await expect(client.run('SHOW VIEWS HISTORY')).rejects.toMatchObject({ code: '001003' });
});

test('show columns: Snowflake columns and data types as JSON', async () => {
  await client.run('CREATE TABLE T (ID NUMBER(38,0) NOT NULL)');
  const result = await client.run('SHOW COLUMNS IN TABLE T');
  expect(namesOf(result).slice(0, 5)).toEqual(['table_name', 'schema_name', 'column_name', 'data_type', 'null?']);
  expect(JSON.parse(columnOf(result, 'data_type')[0] ?? '')).toEqual({
    type: 'FIXED',
    precision: 38,
    scale: 0,
    nullable: false,
  });
});

test('result_scan: reads the result of SHOW again', async () => {
  await client.run('CREATE TABLE T (ID INT)');
  await client.run('SHOW TABLES', [], false, '01b');
  client.session.queryIds.push('01b');
  const { rows } = await client.run('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))');
  expect(rows).toEqual([['T']]);
});

test('information schema: tables, columns, views and schemata of one database', async () => {
  await client.run(`CREATE TABLE T (ID NUMBER(12,2) NOT NULL, NAME VARCHAR(7), V VARIANT)`);
  await client.run('CREATE VIEW W AS SELECT 1 AS ONE');
  const tables = await client.run('SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY 1');
  expect(tables.rows).toEqual([
    ['T', 'BASE TABLE'],
    ['W', 'VIEW'],
  ]);
  const columns = await client.run(
    `SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE FROM ${database()}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T' ORDER BY 2`,
  );
  expect(columns.rows).toEqual([
    ['ID', '1', 'NO', 'NUMBER', null, '12', '2'],
    ['NAME', '2', 'YES', 'TEXT', '7', null, null],
    ['V', '3', 'YES', 'VARIANT', null, null, null],
  ]);
  const views = await client.run('SELECT TABLE_NAME, VIEW_DEFINITION FROM INFORMATION_SCHEMA.VIEWS');
  expect(views.rows).toEqual([['W', 'CREATE VIEW W AS SELECT 1 AS ONE']]);
  const schemata = await client.run('SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA ORDER BY 1');
  expect(schemata.rows).toEqual([['INFORMATION_SCHEMA'], ['PUBLIC']]);
});
