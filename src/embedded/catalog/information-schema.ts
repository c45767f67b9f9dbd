/**
 * INFORMATION_SCHEMA of one database, as a query over DuckDB's catalog with Snowflake's column names.
 */
import { missing } from '../sql/names.ts';
import { quoteText } from '../sql/nodes.ts';
import type { EmbeddedSession } from '../statement.ts';
import { ENTRIES_TABLE, shownSchema } from './read.ts';

const OWNER = `'DEMO_ROLE'`;
const moment = (ms: string) => `make_timestamptz(1000 * CAST(${ms} AS BIGINT))`;
const meta = (key: string) => `json_extract_string("comment", '$.${key}')`;
const orNull = (text: string) => `nullif(${text}, '')`;
const known = (database: string, schema: ShownSchema) =>
  `database_name = ${database} AND ${schema.isVisible} AND NOT internal`;

type ShownSchema = ReturnType<typeof shownSchema>;

const TYPE = `coalesce(${meta('type')}, SF_DECLARED(data_type))`;

/** By view name: the query, given the database as a quoted text and how schemas are shown. */
const VIEWS: Readonly<Record<string, (database: string, schema: ShownSchema) => string>> = {
  DATABASES: () => `
    SELECT "database" AS "DATABASE_NAME", ${OWNER} AS "DATABASE_OWNER", 'NO' AS "IS_TRANSIENT", ${orNull('"comment"')} AS "COMMENT",
      ${moment('created_ms')} AS "CREATED", ${moment('created_ms')} AS "LAST_ALTERED", 1 AS "RETENTION_TIME", 'STANDARD' AS "TYPE"
    FROM ${ENTRIES_TABLE} WHERE "schema" = ''`,
  SCHEMATA: (database) => `
    SELECT "database" AS "CATALOG_NAME", "schema" AS "SCHEMA_NAME", ${OWNER} AS "SCHEMA_OWNER", 'NO' AS "IS_TRANSIENT", 'NO' AS "IS_MANAGED_ACCESS",
      1 AS "RETENTION_TIME", CAST(NULL AS VARCHAR) AS "DEFAULT_CHARACTER_SET_CATALOG", CAST(NULL AS VARCHAR) AS "DEFAULT_CHARACTER_SET_SCHEMA",
      CAST(NULL AS VARCHAR) AS "DEFAULT_CHARACTER_SET_NAME", CAST(NULL AS VARCHAR) AS "SQL_PATH", ${moment('created_ms')} AS "CREATED",
      ${moment('created_ms')} AS "LAST_ALTERED", ${orNull('"comment"')} AS "COMMENT"
    FROM ${ENTRIES_TABLE} WHERE "database" = ${database} AND "schema" <> ''`,
  TABLES: (database, schema) => `
    SELECT database_name AS "TABLE_CATALOG", ${schema.name} AS "TABLE_SCHEMA", table_name AS "TABLE_NAME", ${OWNER} AS "TABLE_OWNER",
      CASE WHEN is_view THEN 'VIEW' WHEN ${meta('kind')} = 'TEMPORARY' THEN 'LOCAL TEMPORARY' ELSE 'BASE TABLE' END AS "TABLE_TYPE",
      CASE WHEN is_view THEN NULL WHEN ${meta('kind')} = 'TRANSIENT' THEN 'YES' ELSE 'NO' END AS "IS_TRANSIENT", CAST(NULL AS VARCHAR) AS "CLUSTERING_KEY",
      CASE WHEN is_view THEN NULL ELSE CAST(estimated_size AS BIGINT) END AS "ROW_COUNT", CASE WHEN is_view THEN NULL ELSE CAST(estimated_size * 64 AS BIGINT) END AS "BYTES",
      CASE WHEN is_view THEN NULL ELSE 1 END AS "RETENTION_TIME", 'YES' AS "IS_INSERTABLE_INTO", 'YES' AS "IS_TYPED",
      ${moment(meta('createdMs'))} AS "CREATED", ${moment(meta('createdMs'))} AS "LAST_ALTERED", ${moment(meta('createdMs'))} AS "LAST_DDL",
      'NO' AS "AUTO_CLUSTERING_ON", ${orNull(meta('comment'))} AS "COMMENT"
    FROM (
      SELECT database_name, schema_name, table_name, false AS is_view, estimated_size, "comment", internal FROM duckdb_tables()
      UNION ALL SELECT database_name, schema_name, view_name, true, 0, "comment", internal FROM duckdb_views()
    ) AS sf_objects WHERE ${known(database, schema)}`,
  VIEWS: (database, schema) => `
    SELECT database_name AS "TABLE_CATALOG", ${schema.name} AS "TABLE_SCHEMA", view_name AS "TABLE_NAME", ${OWNER} AS "TABLE_OWNER", ${meta('ddl')} AS "VIEW_DEFINITION",
      'NONE' AS "CHECK_OPTION", 'NO' AS "IS_UPDATABLE", 'NO' AS "INSERTABLE_INTO", CASE WHEN ${meta('kind')} = 'SECURE VIEW' THEN 'YES' ELSE 'NO' END AS "IS_SECURE",
      ${moment(meta('createdMs'))} AS "CREATED", ${moment(meta('createdMs'))} AS "LAST_ALTERED", ${moment(meta('createdMs'))} AS "LAST_DDL", ${orNull(meta('comment'))} AS "COMMENT"
    FROM duckdb_views() WHERE ${known(database, schema)}`,
  COLUMNS: (database, schema) => `
    SELECT database_name AS "TABLE_CATALOG", ${schema.name} AS "TABLE_SCHEMA", table_name AS "TABLE_NAME", column_name AS "COLUMN_NAME", CAST(column_index AS BIGINT) AS "ORDINAL_POSITION",
      column_default AS "COLUMN_DEFAULT", CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS "IS_NULLABLE",
      CASE WHEN starts_with(sf_type, 'VARCHAR') THEN 'TEXT' ELSE regexp_replace(sf_type, '\\(.*', '') END AS "DATA_TYPE",
      CASE WHEN starts_with(sf_type, 'VARCHAR') OR starts_with(sf_type, 'BINARY') THEN CAST(regexp_extract(sf_type, '\\((\\d+)\\)', 1) AS BIGINT) END AS "CHARACTER_MAXIMUM_LENGTH",
      CASE WHEN starts_with(sf_type, 'VARCHAR') THEN CAST(least(4 * CAST(regexp_extract(sf_type, '\\((\\d+)\\)', 1) AS BIGINT), 16777216) AS BIGINT) END AS "CHARACTER_OCTET_LENGTH",
      CASE WHEN starts_with(sf_type, 'NUMBER') THEN CAST(regexp_extract(sf_type, '\\((\\d+)', 1) AS BIGINT) END AS "NUMERIC_PRECISION",
      CASE WHEN starts_with(sf_type, 'NUMBER') THEN 10 END AS "NUMERIC_PRECISION_RADIX",
      CASE WHEN starts_with(sf_type, 'NUMBER') THEN CAST(regexp_extract(sf_type, ',(\\d+)', 1) AS BIGINT) END AS "NUMERIC_SCALE",
      CASE WHEN starts_with(sf_type, 'TIME') THEN 9 END AS "DATETIME_PRECISION", 'NO' AS "IS_IDENTITY", ${orNull(meta('comment'))} AS "COMMENT"
    FROM (SELECT *, ${TYPE} AS sf_type FROM duckdb_columns()) AS sf_columns WHERE ${known(database, schema)}`,
};

/** The query behind `[database.]INFORMATION_SCHEMA.name`. @throws SnowflakeError 002003 for a view it does not have */
export function informationSchemaQuery(parts: readonly string[], session: EmbeddedSession): string {
  const name = (parts.at(-1) ?? '').toUpperCase();
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
  const database = parts.at(-3) ?? session.database;
  if (view === undefined || database === undefined) throw missing('Object', parts.join('.'));
  return view(quoteText(database), shownSchema(session.connection));
}
