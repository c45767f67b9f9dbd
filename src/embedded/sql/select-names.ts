/**
 * Names the columns of a SELECT as Snowflake does: an item without an alias is called by its own text in upper case.
 *
 * Also tells from the text of the outermost SELECT what DuckDB's types cannot: which JSON column is an ARRAY or an
 * OBJECT and which zoned timestamp is a TIMESTAMP_TZ.
 */
import type { SnowflakeType } from '../statement.ts';
import {
  endOf,
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteName,
  type SqlNode,
  splitCommas,
  sqlNode,
  startOf,
  wordOf,
} from './nodes.ts';
import { isKeyword } from './operand.ts';

const LIST_ENDS = new Set(
  'FROM WHERE GROUP HAVING QUALIFY ORDER LIMIT OFFSET FETCH UNION EXCEPT INTERSECT MINUS INTO WINDOW'.split(' '),
);

/** Index after the select list that begins at `from`. */
function selectListEnd(items: readonly SqlNode[], from: number): number {
  let at = from;
  while (at < items.length) {
    const word = wordOf(items[at]);
    const isName =
      isOp(items[at - 1], '.') ||
      (word === 'GROUP' && isWord(items[at - 1], 'WITHIN')) ||
      (word === 'FROM' && isWord(items[at - 1], 'DISTINCT') && isWord(items[at - 2], 'IS', 'NOT'));
    if (word !== undefined && LIST_ENDS.has(word) && !isName) break;
    at++;
  }
  return at;
}

/** Index of the first item behind SELECT: past DISTINCT, ALL and TOP n. */
function selectListStart(items: readonly SqlNode[], select: number): number {
  let at = select + 1;
  if (isWord(items[at], 'DISTINCT', 'ALL')) at++;
  if (isWord(items[at], 'TOP') && items[at + 1] !== undefined) at += 2;
  return at;
}

const COMMA: SqlNode = {
  kind: 'leaf',
  token: { kind: 'op', text: ',', value: ',', start: 0, end: 0, glued: false },
};

/** Gives every SELECT in `items`, at any depth, its column names; returns new nodes. */
export function nameSelectItems(items: readonly SqlNode[], source: string): SqlNode[] {
  const named: SqlNode[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    if (!isWord(item, 'SELECT') || isOp(items[at - 1], '.')) {
      named.push(deeper(item, source));
      continue;
    }
    const from = selectListStart(items, at);
    const to = selectListEnd(items, from);
    named.push(...items.slice(at, from));
    splitCommas(items.slice(from, to)).forEach((part, index) => {
      if (index > 0) named.push(COMMA);
      named.push(...part.map((node) => deeper(node, source)));
      const first = part[0];
      const last = part.at(-1);
      if (first === undefined || last === undefined || !needsName(part)) return;
      named.push(sqlNode(`AS ${quoteName(itemText(source, startOf(first), endOf(last)))}`));
    });
    at = to - 1;
  }
  return named;
}

function deeper(node: SqlNode, source: string): SqlNode {
  return node.kind === 'group' ? { ...node, items: nameSelectItems(node.items, source) } : node;
}

function itemText(source: string, start: number, end: number): string {
  return source.slice(start, end).replace(/\s+/g, ' ').toUpperCase();
}

function needsName(part: readonly SqlNode[]): boolean {
  return !isStar(part) && !isPlainColumn(part) && aliasAt(part) === undefined;
}

/** `*`, `t.*`, and what may follow it: ILIKE, EXCLUDE, REPLACE, RENAME. */
function isStar(part: readonly SqlNode[]): boolean {
  return isOp(part[0], '*') || part.some((node, at) => isOp(node, '*') && isOp(part[at - 1], '.'));
}

function isPlainColumn(part: readonly SqlNode[]): boolean {
  if (part.length % 2 === 0) return false;
  return part.every((node, at) => (at % 2 === 0 ? nameOf(node) !== undefined && !isConstant(node) : isOp(node, '.')));
}

const CONSTANTS = new Set(
  'NULL TRUE FALSE CURRENT_DATE CURRENT_TIMESTAMP CURRENT_TIME CURRENT_USER LOCALTIME LOCALTIMESTAMP CURRENT_DATABASE CURRENT_SCHEMA CURRENT_ROLE CURRENT_WAREHOUSE'.split(
    ' ',
  ),
);

function isConstant(node: SqlNode | undefined): boolean {
  return CONSTANTS.has(wordOf(node) ?? '');
}

/** The index where the item's alias begins (at AS or at the name), or undefined. */
function aliasAt(part: readonly SqlNode[]): number | undefined {
  const at = part.length - 1;
  const name = nameOf(part[at]);
  if (name === undefined || at === 0) return undefined;
  const before = part[at - 1];
  if (isWord(before, 'AS')) return at - 1;
  if (isKeyword(part[at]) || isConstant(part[at]) || isWord(part[at], 'END')) return undefined;
  if (isKeyword(before)) return undefined;
  if (before?.kind === 'leaf' && before.token.kind === 'op') return undefined;
  // DATE '2024-01-01' is a literal, x::DATE d a cast with an alias.
  const isLiteral = isWord(before, 'DATE', 'TIME', 'TIMESTAMP') && !isOp(part[at - 2], '::');
  return isLiteral ? undefined : at;
}

const HINTS: readonly (readonly [RegExp, SnowflakeType])[] = [
  [
    /^(TO_ARRAY|SPLIT|STRTOK_TO_ARRAY|FILTER|TRANSFORM|FLATTEN_ARRAY|REGEXP_SUBSTR_ALL|OBJECT_KEYS)$|^ARRAY_(?!SIZE$|CONTAINS$|TO_STRING$|POSITION$|MIN$|MAX$)|^ARRAYS_(?!OVERLAP$)/,
    'ARRAY',
  ],
  [/^(TO_OBJECT|ARRAYS_TO_OBJECT)$|^OBJECT_(?!KEYS$)/, 'OBJECT'],
  [/^(TO_|TRY_TO_)TIMESTAMP_TZ$/, 'TIMESTAMP_TZ'],
];

const CAST_HINTS = new Set<string>(['ARRAY', 'OBJECT', 'TIMESTAMP_TZ']);

/** A hint per column of the outermost SELECT, as far as its text tells; a star ends the list. */
export function selectHints(
  items: readonly SqlNode[],
): { hint: SnowflakeType | undefined; column: string | undefined }[] {
  const select = items.findIndex((item) => isWord(item, 'SELECT'));
  if (select === -1) {
    const group = items[0];
    return items.length === 1 && isGroup(group) ? selectHints(group.items) : [];
  }
  const from = selectListStart(items, select);
  const hints: { hint: SnowflakeType | undefined; column: string | undefined }[] = [];
  for (const part of splitCommas(items.slice(from, selectListEnd(items, from)))) {
    if (isStar(part)) break;
    const value = part.slice(0, aliasAt(part) ?? part.length);
    hints.push({ hint: hintOf(value), column: isPlainColumn(value) ? nameOf(value.at(-1)) : undefined });
  }
  return hints;
}

function hintOf(value: readonly SqlNode[]): SnowflakeType | undefined {
  const cast = value.findLastIndex((node) => isOp(node, '::'));
  if (cast !== -1) {
    const type = wordOf(value[cast + 1]);
    return type !== undefined && CAST_HINTS.has(type) && value.length <= cast + 3 ? (type as SnowflakeType) : undefined;
  }
  const name = wordOf(value[0]);
  if (name === undefined || !isGroup(value[1]) || isGroup(value[2], '[') || isOp(value[2], ':')) return undefined;
  return HINTS.find(([pattern]) => pattern.test(name))?.[1];
}
