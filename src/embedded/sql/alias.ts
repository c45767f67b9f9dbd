/** Where a table's place in FROM ends, and whether a name of its own follows it. */
import { isWord, nameOf, type SqlNode } from './nodes.ts';
import { endsValue } from './operand.ts';

/** The clauses that come after a whole FROM. */
export const AFTER_FROM = [
  'WHERE',
  'GROUP',
  'HAVING',
  'QUALIFY',
  'ORDER',
  'LIMIT',
  'FETCH',
  'OFFSET',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'MINUS',
  'WINDOW',
];

/** What ends one table's place in it. */
export const ENDS_FROM = [...AFTER_FROM, 'SELECT', 'ON', 'SET', 'WHEN', 'VALUES'];

/** Whether the table that ends before `at` has an alias there. */
export function hasAlias(items: readonly SqlNode[], at: number): boolean {
  const next = items[at];
  if (isWord(next, 'AS')) return true;
  return (
    nameOf(next) !== undefined &&
    endsValue(next) &&
    !isWord(next, ...ENDS_FROM, 'SAMPLE', 'TABLESAMPLE', 'START', 'CONNECT', 'AT', 'BEFORE')
  );
}
