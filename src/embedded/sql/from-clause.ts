/**
 * What may stand behind FROM and JOIN in Snowflake and not in DuckDB: TABLE(..), bare VALUES, SAMPLE, IDENTIFIER(..),
 * INFORMATION_SCHEMA, AT and BEFORE. Names of the engine's own are refused here.
 */

import { informationSchemaQuery } from '../catalog/information-schema.ts';
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';
import { ENDS_FROM, hasAlias } from './alias.ts';
import { numberInputRows, type TablePlace } from './input-rows.ts';
import { assertVisible, namedObject, readDotted } from './names.ts';
import {
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteName,
  quoteText,
  render,
  type SqlNode,
  splitCommas,
  sqlNode,
  unexpected,
} from './nodes.ts';
import { isKeyword } from './operand.ts';
import { stateOf, temporaryKey } from './state.ts';

const TABLE_FOLLOWS = ['FROM', 'JOIN', 'USING', 'INTO', 'UPDATE', 'LATERAL'];
const UNSUPPORTED = ['MATCH_RECOGNIZE', 'CHANGES', 'MATCH_CONDITION'];

/** Rewrites the table positions of a list; in other lists nothing changes. */
export function rewriteTables(items: readonly SqlNode[], session: EmbeddedSession): SqlNode[] {
  const out: SqlNode[] = [];
  const places: TablePlace[] = [];
  let inFrom = false;
  let expectsTable = false;
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    assertSupported(items, at, inFrom);
    if (isWord(item, ...TABLE_FOLLOWS) && !isOp(items[at - 1], '.') && !isDistinctFrom(items, at)) {
      if (!isWord(item, 'USING') || !isGroup(items[at + 1])) [inFrom, expectsTable] = [true, true];
      out.push(item);
      at++;
    } else if (expectsTable) {
      const from = out.length;
      at = readTable(items, at, out, session);
      expectsTable = isWord(item, 'LATERAL', 'TABLE') && out.at(-1) === item;
      if (!expectsTable) places.push({ from, to: out.length });
    } else if (inFrom && isWord(item, ...ENDS_FROM)) {
      inFrom = false;
      out.push(item);
      at++;
      if (isWord(item, 'ON')) inFrom = true;
    } else if (inFrom && isWord(item, 'SAMPLE', 'TABLESAMPLE')) {
      at = readSample(items, at, out);
    } else {
      expectsTable = inFrom && isOp(item, ',');
      out.push(item);
      at++;
    }
  }
  return addLateralConditions(numberInputRows(out, places));
}

function isDistinctFrom(items: readonly SqlNode[], at: number): boolean {
  return isWord(items[at], 'FROM') && isWord(items[at - 1], 'DISTINCT') && isWord(items[at - 2], 'IS', 'NOT');
}

function assertSupported(items: readonly SqlNode[], at: number, inFrom: boolean): void {
  const item = items[at];
  const group = items[at + 1];
  const isTravel =
    inFrom && isWord(item, 'AT', 'BEFORE') && isGroup(group) && group.items.some((node) => isOp(node, '=>'));
  const isOther = inFrom && isWord(item, ...UNSUPPORTED) && isGroup(group);
  const isConnect = isWord(item, 'CONNECT') && isWord(group, 'BY');
  if (!isTravel && !isOther && !isConnect) return;
  const what = isTravel ? 'Time travel (AT, BEFORE)' : isConnect ? 'CONNECT BY' : nameOf(item);
  throw new SnowflakeError('000002', '0A000', `Unsupported feature: ${what} is not in the embedded engine.`);
}

/** One table reference; returns the index behind what it read. */
function readTable(items: readonly SqlNode[], at: number, out: SqlNode[], session: EmbeddedSession): number {
  const item = items[at];
  const group = items[at + 1];
  if (item === undefined) return at + 1;
  if (isWord(item, 'TABLE') && isGroup(group)) {
    out.push(sqlNode(tableFunction(group.items), item));
    return at + 2;
  }
  if (isWord(item, 'VALUES') && isGroup(group)) {
    let end = at + 1;
    while (isGroup(items[end]) || isOp(items[end], ',')) end++;
    return readValues(items.slice(at, end), items, end, out);
  }
  if (isGroup(item) && isWord(item.items[0], 'VALUES')) return readValues(item.items, items, at + 1, out);
  if (item.kind === 'leaf' && (item.token.kind === 'string' || item.token.kind === 'number'))
    throw unexpected(item.token.text);
  const dotted = readDotted(items, at);
  if (dotted === undefined || isKeyword(item)) {
    out.push(item);
    return at + 1;
  }
  assertVisible(dotted.parts);
  if (dotted.parts.at(-2)?.toUpperCase() === 'INFORMATION_SCHEMA') {
    out.push(sqlNode(`(${informationSchemaQuery(dotted.parts, session)})`, item));
    if (!hasAlias(items, dotted.next)) out.push(sqlNode(`AS ${quoteName(dotted.parts.at(-1) ?? '')}`));
    return dotted.next;
  }
  const stored =
    dotted.parts.length > 1 && dotted.parts.length <= 3 ? storedParts(dotted.parts, session) : dotted.parts;
  out.push(sqlNode(stored.map(quoteName).join('.'), item));
  return dotted.next;
}

/** A temporary table of the session under its full name is found where it is stored. */
function storedParts(parts: readonly string[], session: EmbeddedSession): readonly string[] {
  if (parts.length === 2 && session.database === undefined) return parts;
  const stored = stateOf(session).temporary.get(temporaryKey(namedObject(parts, session)));
  return stored === undefined ? parts : [stored.database, stored.schema, stored.name];
}

/** A lateral join may stand without ON in Snowflake. */
function addLateralConditions(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  let due = -1;
  items.forEach((item, at) => {
    if (at === due && !isWord(item, 'ON', 'USING')) out.push(sqlNode('ON TRUE'));
    out.push(item);
    if (!isWord(item, 'JOIN') || !isWord(items[at + 1], 'LATERAL') || isWord(items[at - 1], 'CROSS', 'NATURAL')) return;
    due = at + 3;
    if (hasAlias(items, due)) due += isWord(items[due], 'AS') ? 2 : 1;
    if (isGroup(items[due])) due++;
  });
  if (due === items.length) out.push(sqlNode('ON TRUE'));
  return out;
}

/** Inside TABLE(..): a finished function, or the name of a table as a string or variable. */
function tableFunction(inside: readonly SqlNode[]): string {
  const only = inside.length === 1 ? inside[0] : undefined;
  if (only?.kind === 'sql') return only.text;
  throw new SnowflakeError('002140', '42601', 'SQL compilation error:\nUnknown table function.');
}

/** VALUES gets Snowflake's column names COLUMN1, COLUMN2 .. unless it is followed by a list of names. */
function readValues(values: readonly SqlNode[], items: readonly SqlNode[], next: number, out: SqlNode[]): number {
  const first = values[1];
  const width = isGroup(first) ? splitCommas(first.items).length : 0;
  const columns = Array.from({ length: width }, (_, at) => `COLUMN${at + 1}`).join(', ');
  out.push(sqlNode(`(${render(values)})`, values[0]));
  if (!hasAlias(items, next)) {
    out.push(sqlNode(`AS "VALUES"(${columns})`));
    return next;
  }
  const name = isWord(items[next], 'AS') ? next + 1 : next;
  const alias = nameOf(items[name]) ?? '';
  if (isGroup(items[name + 1])) return next;
  out.push(sqlNode(`AS ${quoteName(alias)}(${columns})`));
  return name + 1;
}

/** SAMPLE [method] (n [ROWS]) [SEED (s)] */
function readSample(items: readonly SqlNode[], from: number, out: SqlNode[]): number {
  let at = from + 1;
  let method = 'bernoulli';
  if (isWord(items[at], 'BERNOULLI', 'ROW', 'SYSTEM', 'BLOCK')) {
    if (isWord(items[at], 'SYSTEM', 'BLOCK')) method = 'system';
    at++;
  }
  const size = items[at];
  if (!isGroup(size)) throw unexpected('SAMPLE');
  const amount = render(size.items.slice(0, 1));
  if (!/^\d+(\.\d+)?$/.test(amount)) throw unexpected(amount);
  const isRows = isWord(size.items[1], 'ROWS');
  at++;
  let seed = '';
  if (isWord(items[at], 'SEED', 'REPEATABLE') && isGroup(items[at + 1])) {
    const group = items[at + 1];
    const text = isGroup(group) ? render(group.items) : '';
    if (!/^\d{1,9}$/.test(text)) throw unexpected('SEED');
    seed = ` REPEATABLE (${text})`;
    at += 2;
  }
  out.push(sqlNode(`TABLESAMPLE ${isRows ? `reservoir(${amount} ROWS)` : `${method}(${amount} PERCENT)`}${seed}`));
  return at;
}

/** A PIVOT's columns are called by the literal as written, quotes included. */
export function namePivotColumns(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  items.forEach((item, at) => {
    const group = items[at + 1];
    const isPivot = isWord(items[at], 'PIVOT') && isGroup(group);
    out.push(item);
    if (!isPivot) return;
    const list = group.items.findLastIndex((node) => isGroup(node));
    const inside = group.items[list];
    if (!isWord(group.items[list - 1], 'IN') || !isGroup(inside)) return;
    const named = splitCommas(inside.items)
      .map((part) => pivotValue(part))
      .join(', ');
    group.items[list] = sqlNode(`(${named})`, inside);
  });
  return out;
}

function pivotValue(part: readonly SqlNode[]): string {
  const only = part.length === 1 ? part[0] : undefined;
  if (only?.kind !== 'leaf' || only.token.kind !== 'string') return render(part);
  return `${quoteText(only.token.value)} AS ${quoteName(`'${only.token.value}'`)}`;
}
