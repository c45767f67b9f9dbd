/**
 * SEQ of FLATTEN and SPLIT_TO_TABLE: the number of the input row.
 *
 * DuckDB runs such a function once for equal inputs, so a row is told from its twin only by a number of its own: each table
 * to the left becomes a numbered subquery, and stars leave those columns out. Nothing changes in a FROM without FLATTEN.
 */
import { hasAlias } from './alias.ts';
import { isGroup, isOp, isWord, nameOf, quoteName, render, type SqlNode, sqlNode } from './nodes.ts';

/** Stands in a call where the number of its input row goes; on its own it is the only row. */
export const INPUT_ROW = '1 /* row */';

/** The nodes of one table in FROM, its alias not included; `to` is exclusive. */
export interface TablePlace {
  readonly from: number;
  readonly to: number;
}

interface Numbered extends TablePlace {
  readonly text: string;
  readonly alias: string | undefined;
  readonly column: string;
}

/** @param places of the tables in `items`, in order */
export function numberInputRows(items: readonly SqlNode[], places: readonly TablePlace[]): SqlNode[] {
  if (!places.some((place) => isCall(items, place))) return [...items];
  const out = [...items];
  // From the end, so that the places before keep theirs.
  for (const select of selectsOf(items, places).reverse()) numberSelect(out, items, select);
  return out.filter((node) => node !== GONE);
}

/** In place of nodes that became part of another. */
const GONE: SqlNode = sqlNode('');

interface Select {
  readonly at: number;
  readonly places: readonly TablePlace[];
}

function selectsOf(items: readonly SqlNode[], places: readonly TablePlace[]): Select[] {
  const found = new Map<number, TablePlace[]>();
  for (const place of places) {
    const at = items.findLastIndex((item, index) => index < place.from && isWord(item, 'SELECT'));
    found.set(at, [...(found.get(at) ?? []), place]);
  }
  return [...found].filter(([at]) => at !== -1).map(([at, own]) => ({ at, places: own }));
}

function numberSelect(out: SqlNode[], items: readonly SqlNode[], select: Select): void {
  const last = select.places.findLastIndex((place) => isCall(items, place));
  const numbered: Numbered[] = [];
  select.places.slice(0, last + 1).forEach((place, index) => {
    const node = items[place.to - 1];
    if (isCall(items, place) && node !== undefined) {
      const row = numbered.map(({ column }) => quoteName(column)).reduce(combined, '');
      out[place.to - 1] = sqlNode(render([node]).replace(INPUT_ROW, row === '' ? '1' : row), node);
    }
    if (index === last) return;
    const table = numberTable(out, place, `SF$R${numbered.length + 1}`);
    if (table === undefined) return;
    for (let at = table.from; at < table.to; at++) out[at] = GONE;
    out[table.from] = sqlNode(table.text, items[table.from]);
    numbered.push(table);
  });
  if (numbered.length > 0) leaveOut(out, select, numbered);
}

/** One number for a pair of rows; no table of the engine has as many rows as the factor. */
function combined(outer: string, inner: string): string {
  return outer === '' ? inner : `(${outer}) * 16777216::HUGEINT + ${inner}`;
}

function isCall(items: readonly SqlNode[], { to }: TablePlace): boolean {
  const node = items[to - 1];
  return node?.kind === 'sql' && node.text.includes(INPUT_ROW);
}

/** The table with its alias as a numbered subquery; undefined where that cannot be written. */
function numberTable(out: readonly SqlNode[], { from, to }: TablePlace, column: string): Numbered | undefined {
  const nodes = out.slice(from, to);
  const source = render(nodes);
  const wrap = (inside: string) => `(SELECT *, row_number() OVER () AS ${quoteName(column)} FROM ${inside})`;
  const own = /^AS ("(?:[^"]|"")+")/.exec(textOf(nodes.at(-1)))?.[1];
  if (own !== undefined && nodes.length > 1) {
    return { from, to, column, alias: own, text: `${wrap(source)} AS ${own}` };
  }
  const bare = afterShape(out, to);
  if (bare === to && !hasAlias(out, to)) {
    const name = ownName(source);
    if (name !== undefined && source !== name && isCalledInFull(out, name)) return undefined;
    return { from, to, column, alias: name, text: name === undefined ? wrap(source) : `${wrap(source)} AS ${name}` };
  }
  const first = bare === to ? aliasAt(out, to) : undefined;
  const shaped = bare === to ? afterShape(out, first?.end ?? to) : bare;
  const isSampled = /^TABLESAMPLE/.test(textOf(out[shaped - 1]));
  const second = shaped > (first?.end ?? to) && !isSampled && hasAlias(out, shaped) ? aliasAt(out, shaped) : undefined;
  const end = second?.end ?? shaped;
  // What PIVOT makes has no name but its own.
  const alias = second?.alias ?? (isSampled || shaped === first?.end ? (first?.alias ?? ownName(source)) : undefined);
  if (first === undefined && alias !== undefined && source !== alias && isCalledInFull(out, alias)) return undefined;
  const text = wrap(render(out.slice(from, end)));
  return { from, to: end, column, alias, text: alias === undefined ? text : `${text} AS ${alias}` };
}

/** The name that a table has without an alias. */
function ownName(source: string): string | undefined {
  return /^(?:"(?:[^"]|"")+"\.)*("(?:[^"]|"")+")$/.exec(source)?.[1];
}

/** The alias at `at`, and the index after it and the names of its columns. */
function aliasAt(out: readonly SqlNode[], at: number): { alias: string; end: number } {
  const nameAt = isWord(out[at], 'AS') ? at + 1 : at;
  return { alias: quoteName(nameOf(out[nameAt]) ?? ''), end: isGroup(out[nameAt + 1]) ? nameAt + 2 : nameAt + 1 };
}

/** The index after PIVOT (..), UNPIVOT (..) and TABLESAMPLE at `from`, which is `from` where none stands. */
function afterShape(out: readonly SqlNode[], from: number): number {
  let at = from;
  for (;;) {
    let group = at + 1;
    while (isWord(out[group], 'INCLUDE', 'EXCLUDE', 'NULLS')) group++;
    if (isWord(out[at], 'PIVOT', 'UNPIVOT') && isGroup(out[group])) at = group + 1;
    else if (/^TABLESAMPLE/.test(textOf(out[at]))) at++;
    else return at;
  }
}

/** Whether a column is written with the schema of its table, which an alias would hide. */
function isCalledInFull(items: readonly SqlNode[], table: string): boolean {
  return items.some((item, at) => {
    if (item.kind === 'group') return isCalledInFull(item.items, table);
    const name = item.kind === 'leaf' ? nameOf(item) : undefined;
    return name !== undefined && quoteName(name) === table && isOp(items[at - 1], '.') && isOp(items[at + 1], '.');
  });
}

function textOf(node: SqlNode | undefined): string {
  return node?.kind === 'sql' ? node.text : '';
}

/** `*` and `t.*` of the select list without the numbers. */
function leaveOut(out: SqlNode[], { at: select, places }: Select, numbered: readonly Numbered[]): void {
  for (let at = select + 1; at < (places[0]?.from ?? 0); at++) {
    if (!isOp(out[at], '*')) continue;
    const isQualified = isOp(out[at - 1], '.');
    const isStar = isQualified || isOp(out[at - 1], ',') || isWord(out[at - 1], 'SELECT', 'DISTINCT', 'ALL');
    const owner = isQualified ? quoteName(nameOf(out[at - 2]) ?? '').toUpperCase() : undefined;
    const columns = numbered
      .filter(({ alias }) => owner === undefined || alias?.toUpperCase() === owner)
      .map(({ column }) => quoteName(column));
    if (!isStar || columns.length === 0 || isWord(out[at + 1], 'ILIKE')) continue;
    const list = out[at + 2];
    if (!isWord(out[at + 1], 'EXCLUDE') || list === undefined) {
      out[at] = sqlNode(`* EXCLUDE (${columns.join(', ')})`, out[at]);
      continue;
    }
    const given = isGroup(list) ? render(list.items) : render([list]);
    out[at + 1] = GONE;
    out[at + 2] = sqlNode(`EXCLUDE (${[given, ...columns].join(', ')})`, list);
  }
}
