/**
 * Array binds: one INSERT .. VALUES (?, ?) with a list per mark becomes an INSERT of as many rows, in portions.
 */
import { SnowflakeError } from '../errors.ts';
import type { Bind } from '../statement.ts';
import { isGroup, isWord, type SqlNode } from './nodes.ts';

interface Portion {
  readonly items: SqlNode[];
  readonly binds: Bind[];
}

const ROWS_PER_STATEMENT = 1_000;

export function hasArrayBinds(binds: readonly Bind[]): boolean {
  return binds.some(({ values }) => values !== undefined);
}

/** The statements that stand for it. @throws SnowflakeError when it is no INSERT of one row of marks */
export function expandArrayBinds(items: readonly SqlNode[], binds: readonly Bind[]): Portion[] {
  const row = items.at(-1);
  if (!isWord(items[0], 'INSERT') || !isWord(items.at(-2), 'VALUES') || !isGroup(row)) {
    throw new SnowflakeError(
      '000002',
      '0A000',
      'Unsupported feature: array binds of other statements than INSERT .. VALUES are not in the embedded engine.',
    );
  }
  const counts = new Set(binds.flatMap(({ values }) => (values === undefined ? [] : [values.length])));
  const [count = 0] = counts;
  if (counts.size !== 1) {
    throw new SnowflakeError('100132', 'P0000', 'The lists of an array bind differ in length.');
  }
  const portions: Portion[] = [];
  for (let from = 0; from < count; from += ROWS_PER_STATEMENT) {
    const to = Math.min(count, from + ROWS_PER_STATEMENT);
    const flat: Bind[] = [];
    const rows: SqlNode[] = [];
    for (let at = from; at < to; at++) {
      if (rows.length > 0) rows.push(comma(row));
      rows.push(shiftMarks(row, flat.length, { count: 0 }));
      flat.push(
        ...binds.map(({ type, value, values }) => ({
          type,
          value: values === undefined ? value : (values[at] ?? null),
        })),
      );
    }
    portions.push({ items: [...items.slice(0, -1), ...rows], binds: flat });
  }
  return portions;
}

/** The row with its marks counted on from `by`. */
function shiftMarks(node: SqlNode, by: number, seen: { count: number }): SqlNode {
  if (node.kind === 'group') return { ...node, items: node.items.map((item) => shiftMarks(item, by, seen)) };
  if (node.kind !== 'leaf' || node.token.kind !== 'bind') return node;
  const own = node.token.text === '?' ? ++seen.count : Number(node.token.text.slice(1));
  return { ...node, token: { ...node.token, text: `:${own + by}`, value: `:${own + by}` } };
}

function comma(like: SqlNode): SqlNode {
  const start = like.kind === 'leaf' ? like.token.start : like.start;
  return { kind: 'leaf', token: { kind: 'op', text: ',', value: ',', start, end: start, glued: false } };
}
