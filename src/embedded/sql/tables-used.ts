/**
 * Which tables a statement names, and what is declared of their columns. Over-inclusive on purpose: a name that is no
 * table has no columns.
 */
import { isZonedDeclaration, readColumns } from '../catalog/read.ts';
import type { EmbeddedSession, SnowflakeType } from '../statement.ts';
import { readDotted } from './names.ts';
import { isOp, isWord, type SqlNode, wordOf } from './nodes.ts';
import { stateOf } from './state.ts';

const TABLE_FOLLOWS = ['FROM', 'JOIN', 'INTO', 'UPDATE', 'USING'];
const FAMILIES: readonly SnowflakeType[] = ['ARRAY', 'OBJECT', 'VARIANT', 'TIMESTAMP_TZ', 'TIMESTAMP_LTZ'];

function tablesOf(items: readonly SqlNode[]): string[][] {
  const found: string[][] = [];
  let inFrom = false;
  items.forEach((item, at) => {
    if (item.kind === 'group') found.push(...tablesOf(item.items));
    if (isWord(item, ...TABLE_FOLLOWS)) inFrom = true;
    else if (isWord(item, 'WHERE', 'SELECT', 'GROUP', 'ORDER', 'SET', 'WHEN')) inFrom = false;
    const isPlace = isWord(item, ...TABLE_FOLLOWS) || (inFrom && isOp(item, ','));
    if (!isPlace || isWord(items[at + 1], 'TABLE', 'LATERAL', 'VALUES')) return;
    const dotted = readDotted(items, at + 1);
    if (dotted !== undefined && dotted.parts.length <= 3) found.push(dotted.parts);
  });
  return found;
}

function scopeOf(parts: readonly string[], session: EmbeddedSession) {
  return { database: parts.at(-3) ?? session.database, schema: parts.at(-2) ?? session.schema, name: parts.at(-1) };
}

/** Declared types of the columns of all tables that the query names, where they agree. */
export async function declaredTypes(
  items: readonly SqlNode[],
  session: EmbeddedSession,
): Promise<Map<string, SnowflakeType>> {
  const types = new Map<string, SnowflakeType>();
  for (const parts of tablesOf(items)) {
    for (const column of await readColumns(session.connection, scopeOf(parts, session))) {
      const family = FAMILIES.find((name) => column.declared.startsWith(name));
      if (family !== undefined) types.set(column.name, family);
    }
  }
  return types;
}

const ZONED_WORDS = new Set('TIMESTAMP_TZ TIMESTAMPTZ TO_TIMESTAMP_TZ TRY_TO_TIMESTAMP_TZ CONVERT_TIMEZONE'.split(' '));

/** Whether a value of the statement may be a TIMESTAMP_TZ: by a word in it or by a column of a table it names. */
export async function isZonedStatement(items: readonly SqlNode[], session: EmbeddedSession): Promise<boolean> {
  if (mentionsZoned(items)) return true;
  if ([...stateOf(session).results.values()].some(({ columns }) => columns.some(({ type }) => type === 'TIMESTAMP_TZ')))
    return true;
  if (!session.connection.shared.hasOffsets) return false;
  for (const parts of tablesOf(items)) {
    const columns = await readColumns(session.connection, scopeOf(parts, session));
    if (columns.some(({ declared }) => isZonedDeclaration(declared))) return true;
  }
  return false;
}

export function mentionsZoned(items: readonly SqlNode[]): boolean {
  return items.some((item) =>
    item.kind === 'group' ? mentionsZoned(item.items) : ZONED_WORDS.has(wordOf(item) ?? ''),
  );
}
