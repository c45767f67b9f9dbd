/**
 * Finds where a value begins and ends in a list of nodes: `a.b[0]`, `(..)`, `'x'`, `CASE .. END`, `-5`.
 *
 * Function calls must have been folded into `sql` nodes before, so a name followed by a group is not one.
 */
import { isGroup, isOp, isWord, type SqlNode, wordOf } from './nodes.ts';

/** Words that end a value rather than being one. */
const NOT_VALUES = new Set(
  (
    'SELECT DISTINCT ALL FROM WHERE AND OR NOT IN IS LIKE ILIKE RLIKE REGEXP BETWEEN ON USING JOIN INNER LEFT RIGHT FULL CROSS ' +
    'NATURAL LATERAL GROUP ORDER BY HAVING QUALIFY LIMIT OFFSET FETCH UNION EXCEPT INTERSECT MINUS WHEN THEN ELSE CASE AS SET VALUES ' +
    'INTO OVER ANY SOME EXISTS WITH RECURSIVE PIVOT UNPIVOT FOR ASC DESC NULLS ESCAPE TABLE TABLESAMPLE SAMPLE OUTER ASOF ' +
    'EXCLUDE RENAME REPLACE ILIKE DEFAULT INTERVAL COLLATE FILTER WITHIN MATCHED UPDATE DELETE INSERT MERGE RETURNING ROWS RANGE'
  ).split(' '),
);

export function isKeyword(node: SqlNode | undefined): boolean {
  const word = wordOf(node);
  return word !== undefined && NOT_VALUES.has(word);
}

/** Whether a value may end with this node. */
export function endsValue(node: SqlNode | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind !== 'leaf') return true;
  switch (node.token.kind) {
    case 'op':
      return false;
    case 'word':
      return !isKeyword(node);
    default:
      return true;
  }
}

/** Index of the first node of the value that ends at `end` (inclusive), within `items`. */
export function valueStart(items: readonly SqlNode[], end: number): number {
  let at = end;
  if (isWord(items[at], 'END')) {
    for (let depth = 0; at >= 0; at--) {
      if (isWord(items[at], 'END')) depth++;
      else if (isWord(items[at], 'CASE') && --depth === 0) break;
    }
    return Math.max(at, 0);
  }
  while (isGroup(items[at], '[') && endsValue(items[at - 1])) at--;
  while (isOp(items[at - 1], '.') && endsValue(items[at - 2])) at -= 2;
  return at;
}

/** Index after the value that starts at `start`: sign, name chain, brackets, casts, up to a lower-binding mark. */
export function valueEnd(items: readonly SqlNode[], start: number): number {
  let at = start;
  while (isOp(items[at], '-', '+')) at++;
  if (isWord(items[at], 'CASE')) {
    for (let depth = 0; at < items.length; at++) {
      if (isWord(items[at], 'CASE')) depth++;
      else if (isWord(items[at], 'END') && --depth === 0) return at + 1;
    }
    return at;
  }
  if (isWord(items[at], 'DATE', 'TIME', 'TIMESTAMP', 'INTERVAL') && isStringLeaf(items[at + 1])) return at + 2;
  at++;
  for (;;) {
    if (isOp(items[at], '.')) at += 2;
    else if (isGroup(items[at], '[')) at++;
    else return Math.min(at, items.length);
  }
}

function isStringLeaf(node: SqlNode | undefined): boolean {
  return node?.kind === 'leaf' && node.token.kind === 'string';
}
