/**
 * What DuckDB cannot keep about an object (declared types, comments, the text of a view, creation time) is kept as
 * JSON in DuckDB's own comments, so that it lives and dies with the object and every session sees it.
 */
import type { EngineConnection } from '../engine.ts';
import { type ObjectName, quoteObject } from '../sql/names.ts';
import { quoteName, quoteText } from '../sql/nodes.ts';

export interface ObjectMeta {
  readonly comment: string;
  /** TRANSIENT, TEMPORARY or TABLE; VIEW or a SECURE one. */
  readonly kind: string;
  readonly createdMs: number;
  /** The statement that made a view, as written. */
  readonly ddl?: string;
}

export interface ColumnMeta {
  readonly type: string;
  readonly comment: string;
  readonly primaryKey?: boolean;
  readonly uniqueKey?: boolean;
  /** Shown in place of DuckDB's own default. */
  readonly default?: string;
}

export async function writeObjectMeta(
  connection: EngineConnection,
  what: 'TABLE' | 'VIEW',
  object: ObjectName | string,
  meta: ObjectMeta,
): Promise<void> {
  await connection.run(objectMetaSql(what, object, meta));
}

/** The statement that keeps what is known of a table or view. */
export function objectMetaSql(what: 'TABLE' | 'VIEW', object: ObjectName | string, meta: ObjectMeta): string {
  const name = typeof object === 'string' ? object : quoteObject(object);
  return `COMMENT ON ${what} ${name} IS ${quoteText(JSON.stringify(meta))}`;
}

export async function writeColumnMeta(
  connection: EngineConnection,
  object: ObjectName | string,
  column: string,
  meta: ColumnMeta,
): Promise<void> {
  await connection.run(columnMetaSql(object, column, meta));
}

/** The statement that keeps what is known of a column. */
export function columnMetaSql(object: ObjectName | string, column: string, meta: ColumnMeta): string {
  const name = typeof object === 'string' ? object : quoteObject(object);
  return `COMMENT ON COLUMN ${name}.${quoteName(column)} IS ${quoteText(JSON.stringify(meta))}`;
}

export function readObjectMeta(comment: unknown): ObjectMeta {
  const meta = parse(comment);
  return {
    comment: typeof meta.comment === 'string' ? meta.comment : '',
    kind: typeof meta.kind === 'string' ? meta.kind : 'TABLE',
    createdMs: typeof meta.createdMs === 'number' ? meta.createdMs : 0,
    ...(typeof meta.ddl === 'string' ? { ddl: meta.ddl } : {}),
  };
}

export function readColumnMeta(comment: unknown): Partial<ColumnMeta> {
  return parse(comment);
}

function parse(comment: unknown): Record<string, unknown> {
  if (typeof comment !== 'string' || !comment.startsWith('{')) return {};
  return JSON.parse(comment) as Record<string, unknown>;
}
