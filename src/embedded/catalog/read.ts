/**
 * Reads the catalog: databases, schemas, tables, views and columns as Snowflake sees them. DuckDB's own databases and
 * the schema `main` of each database are not part of it.
 */
import type { EngineConnection } from '../engine.ts';
import type { ObjectName } from '../sql/names.ts';
import { quoteText } from '../sql/nodes.ts';
import { declaredOf } from '../sql/types.ts';
import { type ColumnMeta, type ObjectMeta, readColumnMeta, readObjectMeta } from './declared.ts';

/** Databases and schemas, which DuckDB cannot comment. */
export const ENTRIES_TABLE = 'memory."SF$CATALOG"."ENTRIES"';

export interface Entry {
  readonly database: string;
  /** Empty for the database itself. */
  readonly schema: string;
  readonly createdMs: number;
  readonly comment: string;
}

export interface CatalogObject {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly isView: boolean;
  readonly rows: number;
  readonly meta: ObjectMeta;
  /** Where DuckDB has it: a temporary table stands in a schema of its session's own. */
  readonly stored: ObjectName;
}

export interface CatalogColumn {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly position: number;
  readonly declared: string;
  readonly nullable: boolean;
  readonly default: string | undefined;
  readonly meta: Partial<ColumnMeta>;
}

/** Exact names; what is left out is not filtered. */
export interface Scope {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
  readonly name?: string | undefined;
}

function where(scope: Scope, names: { database: string; schema?: readonly string[]; name?: string }): string {
  const tests = ['true'];
  const { database, schema, name } = scope;
  if (database !== undefined) tests.push(`${names.database} = ${quoteText(database)}`);
  const schemas = names.schema ?? [];
  if (schema !== undefined && schemas.length > 0)
    tests.push(`(${schemas.map((column) => `${column} = ${quoteText(schema)}`).join(' OR ')})`);
  if (name !== undefined && names.name !== undefined) tests.push(`${names.name} = ${quoteText(name)}`);
  return tests.join(' AND ');
}

/** Whether a declared type is TIMESTAMP_TZ. */
export function isZonedDeclaration(declared: string): boolean {
  return declared.startsWith('TIMESTAMP_TZ');
}

/** SQL for the schema a client sees, and for whether it may: temporary tables of other sessions are not there. */
export function shownSchema(connection: EngineConnection): { name: string; isVisible: string } {
  const prefix = quoteText(connection.temporaryPrefix);
  const isOwn = `starts_with(schema_name, ${prefix})`;
  return {
    name: `CASE WHEN ${isOwn} THEN substr(schema_name, ${connection.temporaryPrefix.length + 1}) ELSE schema_name END`,
    isVisible: `(schema_name <> 'main' AND (${isOwn} OR NOT starts_with(schema_name, 'SF$')))`,
  };
}

/** Databases and schemas, by name; INFORMATION_SCHEMA is in every database. */
export async function readEntries(connection: EngineConnection, scope: Scope): Promise<Entry[]> {
  const { rows } = await connection.run(
    `SELECT "database", "schema", created_ms, "comment" FROM ${ENTRIES_TABLE} WHERE ${where(scope, { database: '"database"', schema: ['"schema"'] })} ORDER BY 1, 2`,
  );
  return rows.map(([database, schema, createdMs, comment]) => ({
    database: String(database),
    schema: String(schema),
    createdMs: Number(createdMs),
    comment: String(comment),
  }));
}

export async function databaseExists(connection: EngineConnection, database: string): Promise<boolean> {
  return (await readEntries(connection, { database, schema: '' })).length > 0;
}

export async function schemaExists(connection: EngineConnection, database: string, schema: string): Promise<boolean> {
  if (schema === '') return false;
  return (await readEntries(connection, { database, schema })).length > 0;
}

/** Tables and views, by database, schema and name. */
export async function readObjects(connection: EngineConnection, scope: Scope): Promise<CatalogObject[]> {
  const known = `IN (SELECT "database" FROM ${ENTRIES_TABLE})`;
  const shown = shownSchema(connection);
  const schema = ['schema_name', shown.name];
  const tables = where(scope, { database: 'database_name', schema, name: 'table_name' });
  const views = where(scope, { database: 'database_name', schema, name: 'view_name' });
  const { rows } = await connection.run(
    `SELECT database_name, ${shown.name}, table_name, false, estimated_size, "comment", schema_name FROM duckdb_tables()
       WHERE database_name ${known} AND ${shown.isVisible} AND ${tables}
     UNION ALL
     SELECT database_name, schema_name, view_name, true, 0, "comment", schema_name FROM duckdb_views()
       WHERE database_name ${known} AND ${shown.isVisible} AND NOT internal AND ${views}
     ORDER BY 1, 2, 3`,
  );
  return rows.map(([database, schema, name, isView, size, comment, stored]) => ({
    database: String(database),
    schema: String(schema),
    name: String(name),
    isView: isView === true,
    rows: Number(size),
    meta: readObjectMeta(comment),
    stored: { database: String(database), schema: String(stored), name: String(name) },
  }));
}

/** Columns in their order. */
export async function readColumns(connection: EngineConnection, scope: Scope): Promise<CatalogColumn[]> {
  const shown = shownSchema(connection);
  const filter = where(scope, { database: 'database_name', schema: ['schema_name', shown.name], name: 'table_name' });
  const { rows } = await connection.run(
    `SELECT database_name, ${shown.name}, table_name, column_name, column_index, data_type, is_nullable, column_default, "comment"
     FROM duckdb_columns() WHERE database_name IN (SELECT "database" FROM ${ENTRIES_TABLE})
       AND ${shown.isVisible} AND NOT internal AND ${filter}
     ORDER BY 1, 2, 3, 5`,
  );
  return rows.map(([database, schema, table, name, position, type, nullable, fallback, comment]) => {
    const meta = readColumnMeta(comment);
    return {
      database: String(database),
      schema: String(schema),
      table: String(table),
      name: String(name),
      position: Number(position),
      declared: meta.type ?? declaredOf(String(type)),
      nullable: nullable === true,
      default: meta.default ?? (fallback === null ? undefined : String(fallback).replace(/^\((.*)\)$/s, '$1')),
      meta,
    };
  });
}
