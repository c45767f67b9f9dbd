/**
 * GET_DDL('table' | 'view' | 'schema' | 'database', 'name'): the statement that would make the object again.
 *
 * Called before a statement is rewritten: each call with literal arguments becomes the text it stands for.
 */

import { SnowflakeError } from '../errors.ts';
import { completeObject, completeSchema, missing } from '../sql/names.ts';
import { isGroup, isWord, quoteText, type SqlNode, splitCommas, stringOf } from '../sql/nodes.ts';
import type { EmbeddedSession } from '../statement.ts';
import { type CatalogObject, databaseExists, readColumns, readObjects, schemaExists } from './read.ts';

export async function fillDdl(items: readonly SqlNode[], session: EmbeddedSession): Promise<SqlNode[]> {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    const group = items[at + 1];
    if (item === undefined) break;
    if (isWord(item, 'GET_DDL') && isGroup(group)) {
      const text = await callText(group.items, session);
      const start = item.kind === 'leaf' ? item.token.start : 0;
      out.push({ kind: 'sql', text: quoteText(text), start, end: group.end });
      at++;
    } else out.push(item.kind === 'group' ? { ...item, items: await fillDdl(item.items, session) } : item);
  }
  return out;
}

async function callText(inside: readonly SqlNode[], session: EmbeddedSession): Promise<string> {
  const [kind, name] = splitCommas(inside).map((arg) => stringOf(arg[0]));
  if (kind === undefined || name === undefined) {
    throw new SnowflakeError(
      '000002',
      '0A000',
      'Unsupported feature: GET_DDL with other arguments than literals is not in the embedded engine.',
    );
  }
  const parts = name.split('.').map((part) => (/^".*"$/.test(part) ? part.slice(1, -1) : part.toUpperCase()));
  switch (kind.toUpperCase()) {
    case 'TABLE':
    case 'VIEW': {
      const object = completeObject(parts, session);
      const [found] = await readObjects(session.connection, object);
      if (found === undefined || found.isView !== (kind.toUpperCase() === 'VIEW'))
        throw missing('Object', parts.join('.'));
      return objectDdl(found, session);
    }
    case 'SCHEMA': {
      const { database, name: schema } = completeSchema(parts, session);
      if (!(await schemaExists(session.connection, database, schema))) throw missing('Schema', parts.join('.'));
      return schemaDdl(database, schema, session);
    }
    case 'DATABASE': {
      const database = parts[0] ?? '';
      if (!(await databaseExists(session.connection, database))) throw missing('Database', database);
      return `create or replace database ${shown(database)};\n`;
    }
    default:
      throw new SnowflakeError(
        '000002',
        '0A000',
        `Unsupported feature: GET_DDL of ${kind} is not in the embedded engine.`,
      );
  }
}

async function schemaDdl(database: string, schema: string, session: EmbeddedSession): Promise<string> {
  let text = `create or replace schema ${shown(schema)};\n`;
  for (const object of await readObjects(session.connection, { database, schema })) {
    text += `\n${await objectDdl(object, session)}\n`;
  }
  return text;
}

async function objectDdl(object: CatalogObject, session: EmbeddedSession): Promise<string> {
  if (object.isView)
    return `${(object.meta.ddl ?? '').replace(/^\s*create\s+(or\s+replace\s+)?/i, 'create or replace ')};`;
  const columns = await readColumns(session.connection, object.stored);
  const lines = columns.map((column) => {
    const notNull = column.nullable ? '' : ' NOT NULL';
    const fallback = column.default === undefined ? '' : ` ${column.meta.default ?? `DEFAULT ${column.default}`}`;
    return `\t${shown(column.name)} ${column.declared}${notNull}${fallback}${commentClause(column.meta.comment, ' COMMENT ')}`;
  });
  const keys = columns.filter((column) => column.meta.primaryKey === true).map((column) => shown(column.name));
  if (keys.length > 0) lines.push(`\tprimary key (${keys.join(', ')})`);
  const kind = object.meta.kind === 'TABLE' ? 'TABLE' : `${object.meta.kind} TABLE`;
  return `create or replace ${kind} ${shown(object.name)} (\n${lines.join(',\n')}\n)${commentClause(object.meta.comment, 'COMMENT=')};`;
}

function commentClause(comment: string | undefined, before: string): string {
  return comment === undefined || comment === '' ? '' : `${before}${quoteText(comment)}`;
}

/** A name as it must be written: quotes only where they are needed. */
function shown(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
