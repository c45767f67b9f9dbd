/**
 * DESCRIBE TABLE and VIEW, and a declared type as the JSON that SHOW COLUMNS gives.
 */

import { SnowflakeError } from '../errors.ts';
import { completeObject, expectDotted, missing } from '../sql/names.ts';
import { isWord, type SqlNode } from '../sql/nodes.ts';
import { textColumn } from '../sql/table-result.ts';
import type { EmbeddedSession, StatementResult } from '../statement.ts';
import { readColumns } from './read.ts';

const COLUMNS = [
  'name',
  'type',
  'kind',
  'null?',
  'default',
  'primary key',
  'unique key',
  'check',
  'expression',
  'comment',
  'policy name',
  'privacy domain',
].map(textColumn);

/** @throws SnowflakeError 002003 when there is no such table or view, 0A000 for other kinds of object */
export async function describe(items: readonly SqlNode[], session: EmbeddedSession): Promise<StatementResult> {
  const isKind = isWord(items[1], 'TABLE', 'VIEW');
  if (
    !isKind &&
    items.length > 2 &&
    isWord(items[1], 'SCHEMA', 'DATABASE', 'WAREHOUSE', 'USER', 'RESULT', 'FUNCTION', 'PROCEDURE', 'STAGE')
  ) {
    throw new SnowflakeError(
      '000002',
      '0A000',
      'Unsupported feature: DESCRIBE of other objects than tables and views is not in the embedded engine.',
    );
  }
  const { parts } = expectDotted(items, isKind ? 2 : 1);
  const object = completeObject(parts, session);
  const found = await readColumns(session.connection, object);
  if (found.length === 0) throw missing(isWord(items[1], 'VIEW') ? 'View' : 'Table', parts.join('.'));
  const rows = found.map((column) => [
    column.name,
    column.declared,
    'COLUMN',
    column.nullable ? 'Y' : 'N',
    column.default ?? null,
    column.meta.primaryKey === true ? 'Y' : 'N',
    column.meta.uniqueKey === true ? 'Y' : 'N',
    null,
    null,
    column.meta.comment === undefined || column.meta.comment === '' ? null : column.meta.comment,
    null,
    null,
  ]);
  return { kind: 'DESCRIBE', columns: COLUMNS, rows };
}

/** `NUMBER(38,0)` as {"type":"FIXED","precision":38,...}. */
export function typeJson(declared: string, nullable: boolean): string {
  const [name = '', sizes = ''] = declared.replace(')', '').split('(');
  const [first, second] = sizes.split(',').map(Number);
  switch (name) {
    case 'NUMBER':
      return JSON.stringify({ type: 'FIXED', precision: first, scale: second, nullable });
    case 'VARCHAR':
      return JSON.stringify({
        type: 'TEXT',
        length: first,
        byteLength: Math.min(4 * (first ?? 0), 16_777_216),
        nullable,
        fixed: false,
      });
    case 'BINARY':
      return JSON.stringify({ type: 'BINARY', length: first, byteLength: first, nullable, fixed: false });
    case 'FLOAT':
      return JSON.stringify({ type: 'REAL', nullable });
    default:
      return JSON.stringify(
        /^TIME/.test(name) ? { type: name, precision: 0, scale: first, nullable } : { type: name, nullable },
      );
  }
}
