/**
 * CREATE TABLE: columns, CTAS, LIKE and CLONE.
 *
 * Keys are recorded for DESCRIBE and GET_DDL and not enforced, as in Snowflake; NOT NULL is enforced.
 */

import { randomUUID } from 'node:crypto';
import { type ColumnMeta, writeColumnMeta, writeObjectMeta } from '../catalog/declared.ts';
import { readColumns } from '../catalog/read.ts';
import type { EmbeddedSession } from '../statement.ts';
import { completeObject, type ObjectName, quoteObject } from './names.ts';
import {
  endOf,
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteName,
  quoteText,
  render,
  type SqlNode,
  splitCommas,
  startOf,
  stringOf,
} from './nodes.ts';
import { Reader } from './reader.ts';
import { type RewriteScope, rewrite } from './rewrite.ts';
import { selectHints } from './select-names.ts';
import { type DataType, readType } from './types.ts';

interface ColumnDefinition {
  readonly name: string;
  readonly type: DataType | undefined;
  readonly sql: string;
  readonly meta: ColumnMeta;
  readonly identity?: Identity;
}

/** AUTOINCREMENT: where it starts and what it adds. */
interface Identity {
  readonly start: string;
  readonly step: string;
}

export interface TableCreation {
  readonly object: ObjectName;
  readonly orReplace: boolean;
  readonly kind: 'TABLE' | 'TRANSIENT' | 'TEMPORARY';
}

/** Creates the table that `reader`, standing behind the name, describes. */
export async function createTable(
  reader: Reader,
  creation: TableCreation,
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<void> {
  const { connection } = session;
  const target = quoteObject(creation.object);
  const create = `CREATE ${creation.orReplace ? 'OR REPLACE ' : ''}TABLE ${target}`;
  let metas: { name: string; meta: ColumnMeta }[] = [];
  let comment = '';
  if (reader.takeAny('LIKE', 'CLONE')) {
    const isClone = isWord(reader.items[reader.at - 1], 'CLONE');
    const source = completeObject(reader.dotted(), session);
    await connection.run(`${create} AS SELECT * FROM ${quoteObject(source)}${isClone ? '' : ' LIMIT 0'}`);
    const columns = await readColumns(connection, source);
    metas = columns.map(({ name, declared, meta }) => ({
      name,
      meta: { type: declared, comment: meta.comment ?? '' },
    }));
  } else {
    const group = reader.takeGroup();
    const columns = group === undefined ? [] : readDefinitions(group, scope);
    comment = readOptions(reader);
    if (reader.take('AS')) metas = await createAs(reader.rest(), create, target, columns, session, scope);
    else {
      reader.end();
      if (columns.length === 0) reader.fail();
      const definitions: ColumnDefinition[] = [];
      for (const column of columns) definitions.push(await withSequence(column, creation.object, session));
      await connection.run(`${create} (${definitions.map(({ sql }) => sql).join(', ')})`);
      metas = definitions.map(({ name, meta }) => ({ name, meta }));
    }
  }
  await writeObjectMeta(connection, 'TABLE', creation.object, { comment, kind: creation.kind, createdMs: Date.now() });
  for (const { name, meta } of metas) await writeColumnMeta(connection, creation.object, name, meta);
}

async function createAs(
  query: readonly SqlNode[],
  create: string,
  target: string,
  columns: readonly ColumnDefinition[],
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<{ name: string; meta: ColumnMeta }[]> {
  const sql = rewrite(query, scope);
  const typed = columns.filter(({ type }) => type !== undefined);
  if (typed.length > 0) {
    await session.connection.run(`${create} (${columns.map((column) => column.sql).join(', ')})`);
    await session.connection.run(`INSERT INTO ${target} ${sql}`);
    return typed.map(({ name, meta }) => ({ name, meta }));
  }
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  await session.connection.run(`${create} AS ${names === '' ? sql : `SELECT * FROM (${sql}) AS sf_query(${names})`}`);
  const { columns: made } = await session.connection.run(`SELECT * FROM ${target} LIMIT 0`);
  return selectHints(query).flatMap(({ hint }, at) => {
    const name = made[at]?.name;
    if (hint === undefined || name === undefined) return [];
    return [{ name, meta: { type: hint.startsWith('TIMESTAMP') ? `${hint}(9)` : hint, comment: '' } }];
  });
}

/** Column definitions and keys of the table; other constraints are read and left out. */
function readDefinitions(group: readonly SqlNode[], scope: RewriteScope): ColumnDefinition[] {
  const columns: ColumnDefinition[] = [];
  const primary = new Set<string>();
  const unique = new Set<string>();
  for (const part of splitCommas(group)) {
    const list = part.find((node) => isGroup(node));
    const isConstraint =
      isWord(part[0], 'CONSTRAINT') ||
      (isWord(part[0], 'PRIMARY', 'FOREIGN', 'UNIQUE', 'CHECK') && (isGroup(part[1]) || isWord(part[1], 'KEY')));
    if (!isConstraint) {
      columns.push(readColumn(part, scope));
      continue;
    }
    const names = isGroup(list) ? splitCommas(list.items).map((items) => nameOf(items[0]) ?? '') : [];
    const keys = part.some((node) => isWord(node, 'PRIMARY'))
      ? primary
      : part.some((node) => isWord(node, 'UNIQUE'))
        ? unique
        : undefined;
    for (const name of names) keys?.add(name);
  }
  return columns.map((column) => ({
    ...column,
    sql: primary.has(column.name) ? `${column.sql} NOT NULL` : column.sql,
    meta: {
      ...column.meta,
      ...(primary.has(column.name) ? { primaryKey: true } : {}),
      ...(unique.has(column.name) ? { uniqueKey: true } : {}),
    },
  }));
}

/** `name type [NOT NULL] [DEFAULT value] [PRIMARY KEY] [COMMENT 'text'] ..`; also for ALTER TABLE ADD COLUMN. */
export function readColumn(part: readonly SqlNode[], scope: RewriteScope): ColumnDefinition {
  const reader = new Reader(part);
  const name = reader.name();
  if (reader.isDone) return { name, type: undefined, sql: quoteName(name), meta: { type: '', comment: '' } };
  const { type, next } = readType(part, reader.at);
  reader.at = next;
  let sql = `${quoteName(name)} ${type.duckdb}`;
  let comment = '';
  let primaryKey = false;
  let uniqueKey = false;
  let identity: Identity | undefined;
  let fallback: string | undefined;
  while (!reader.isDone) {
    if (reader.take('NOT', 'NULL')) sql += ' NOT NULL';
    else if (reader.take('PRIMARY', 'KEY')) {
      primaryKey = true;
      sql += ' NOT NULL';
    } else if (reader.take('UNIQUE')) uniqueKey = true;
    else if (reader.take('DEFAULT')) {
      const from = reader.at;
      while (
        !reader.isDone &&
        !isWord(reader.peek(), 'NOT', 'COMMENT', 'PRIMARY', 'UNIQUE', 'COLLATE', 'CONSTRAINT', 'REFERENCES')
      )
        reader.at++;
      const value = rewrite(part.slice(from, reader.at), scope);
      if (type.family === 'TIMESTAMP_TZ') fallback = sourceOf(part.slice(from, reader.at), scope);
      sql += ` DEFAULT (${type.family === 'TIMESTAMP_TZ' ? `SF_TO_TZ(${value})` : value})`;
    } else if (reader.take('COMMENT')) {
      reader.takeOp('=');
      comment = reader.string();
    } else if (reader.takeAny('NULL')) continue;
    else if (reader.take('COLLATE')) reader.string();
    else if (reader.takeAny('AUTOINCREMENT', 'IDENTITY')) identity = readIdentity(reader);
    else if (reader.takeAny('ORDER', 'NOORDER')) continue;
    else if (reader.takeAny('CONSTRAINT')) reader.name();
    else if (reader.takeAny('REFERENCES')) {
      reader.dotted();
      reader.takeGroup();
    } else reader.fail();
  }
  const keys = { ...(primaryKey ? { primaryKey } : {}), ...(uniqueKey ? { uniqueKey } : {}) };
  const counter = identity === undefined ? {} : { identity };
  const shown = fallback === undefined ? {} : { default: fallback };
  return { name, type, sql, meta: { type: type.declared, comment, ...keys, ...shown }, ...counter };
}

function sourceOf(nodes: readonly SqlNode[], scope: RewriteScope): string {
  const [first] = nodes;
  const last = nodes.at(-1);
  return first === undefined || last === undefined ? '' : scope.source.slice(startOf(first), endOf(last));
}

/** `[(start, step)] | [START n] [INCREMENT n]` */
function readIdentity(reader: Reader): Identity {
  const [start = '1', step = '1'] = splitCommas(reader.takeGroup() ?? []).map(render);
  const identity = { start, step };
  for (;;) {
    const isStart = reader.takeAny('START');
    if (!isStart && !reader.takeAny('INCREMENT')) break;
    reader.takeAny('WITH', 'BY');
    identity[isStart ? 'start' : 'step'] = render(reader.items.slice(reader.at, reader.at + 1));
    reader.at++;
  }
  if (!/^\d{1,18}$/.test(identity.start) || !/^\d{1,18}$/.test(identity.step)) reader.fail();
  return identity;
}

/** The column with a sequence of its own behind it. */
async function withSequence(
  column: ColumnDefinition,
  object: ObjectName,
  session: EmbeddedSession,
): Promise<ColumnDefinition> {
  if (column.identity === undefined) return column;
  const { start, step } = column.identity;
  const sequence = quoteObject({ ...object, name: `SF$SEQUENCE_${randomUUID()}` });
  await session.connection.run(`CREATE SEQUENCE ${sequence} START ${start} INCREMENT ${step}`);
  const shown = `IDENTITY START ${start} INCREMENT ${step} NOORDER`;
  return {
    ...column,
    sql: `${column.sql} DEFAULT nextval(${quoteText(sequence)})`,
    meta: { ...column.meta, default: shown },
  };
}

/** Options up to AS or the end: `COMMENT = 'x'`, `CLUSTER BY (..)`, `COPY GRANTS`, `NAME = value`. Gives the comment. */
export function readOptions(reader: Reader): string {
  let comment = '';
  while (!reader.isDone && !isWord(reader.peek(), 'AS')) {
    if (reader.take('COPY', 'GRANTS')) continue;
    if (reader.take('CLUSTER', 'BY')) reader.takeGroup();
    else if (isOp(reader.peek(1), '=')) {
      const option = reader.name();
      reader.at++;
      if (option === 'COMMENT') comment = stringOf(reader.peek()) ?? reader.fail();
      reader.at++;
    } else reader.fail();
  }
  return comment;
}
