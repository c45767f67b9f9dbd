/**
 * Clauses that Snowflake words otherwise than DuckDB: TOP, FETCH, MINUS, LIKE ANY, RLIKE, `SET t.col =`.
 */
import {
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteName,
  render,
  type SqlNode,
  splitCommas,
  sqlNode,
  startOf,
  unexpected,
} from './nodes.ts';
import { valueEnd, valueStart } from './operand.ts';

const SET_OPERATIONS = ['UNION', 'EXCEPT', 'INTERSECT', 'MINUS'];

/** Rewrites the clauses of one list whose inner lists are finished. */
export function rewriteClauses(items: readonly SqlNode[]): SqlNode[] {
  return foldLikes(stripSetTargets(moveTop(foldAsof(items).map(minusToExcept))).flatMap(fetchToLimit));
}

/** `ASOF JOIN t MATCH_CONDITION (c) [ON d]` keeps rows without a match, and the condition joins the others. */
function foldAsof(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    const match = items[at + 1];
    if (isWord(item, 'ASOF') && isWord(match, 'JOIN')) out.push(sqlNode('ASOF LEFT', item));
    else if (isWord(item, 'MATCH_CONDITION') && isGroup(match)) {
      const behind = items[at + 2];
      if (isWord(behind, 'USING')) throw unexpected('USING');
      out.push(sqlNode('ON', item), match);
      if (isWord(behind, 'ON')) out.push(sqlNode('AND', behind));
      at += isWord(behind, 'ON') ? 2 : 1;
    } else out.push(item);
  }
  return out;
}

function minusToExcept(item: SqlNode): SqlNode {
  return isWord(item, 'MINUS') ? sqlNode('EXCEPT', item) : item;
}

/** SELECT TOP n .. becomes .. LIMIT n at the end of that SELECT. */
function moveTop(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  let limit: SqlNode | undefined;
  const flush = () => {
    if (limit !== undefined) out.push(sqlNode('LIMIT'), limit);
    limit = undefined;
  };
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    const count = items[at + 1];
    const isTop = isWord(item, 'TOP') && (isWord(items[at - 1], 'SELECT') || isWord(items[at - 1], 'DISTINCT', 'ALL'));
    if (isTop && count?.kind === 'leaf' && count.token.kind === 'number') {
      limit = count;
      at++;
      continue;
    }
    if (isWord(item, ...SET_OPERATIONS)) flush();
    out.push(item);
  }
  flush();
  return out;
}

/** FETCH [FIRST | NEXT] n [ROW | ROWS] [ONLY] */
function fetchToLimit(item: SqlNode, at: number, items: readonly SqlNode[]): SqlNode[] {
  if (isWord(item, 'FETCH') && isWord(items[at + 1], 'FIRST', 'NEXT')) return [sqlNode('LIMIT', item)];
  const isTail =
    (isWord(item, 'FIRST', 'NEXT') && isWord(items[at - 1], 'FETCH')) ||
    (isWord(item, 'ROW', 'ROWS') && (isWord(items[at - 2], 'OFFSET') || isWord(items[at - 3], 'FETCH'))) ||
    (isWord(item, 'ONLY') && isWord(items[at - 4], 'FETCH'));
  return isTail ? [] : [item];
}

/** UPDATE's and MERGE's SET takes no table name before the column. */
function stripSetTargets(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  let inSet = false;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item === undefined) break;
    if (isWord(item, 'SET')) inSet = true;
    else if (isWord(item, 'WHERE', 'FROM', 'WHEN')) inSet = false;
    out.push(item);
    const isTarget = inSet && (isWord(item, 'SET') || isOp(item, ','));
    if (isTarget && nameOf(items[at + 1]) !== undefined && isOp(items[at + 2], '.') && isOp(items[at + 4], '='))
      at += 2;
  }
  return out;
}

/** `x [NOT] LIKE ANY (..)`, `x [NOT] RLIKE p`, `x LIKE p` on anything that is not text. */
function foldLikes(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    const isLike =
      isWord(item, 'LIKE', 'ILIKE') && isWord(items[at + 1], 'ANY', 'ALL', 'SOME') && isGroup(items[at + 2]);
    const isRegexp = isWord(item, 'RLIKE', 'REGEXP') && out.length > 0;
    if (!isLike && !isRegexp) {
      out.push(item);
      at++;
      continue;
    }
    const isNot = isWord(out.at(-1), 'NOT');
    if (isNot) out.pop();
    const value = out.splice(valueStart(out, out.length - 1));
    const text = render(value);
    let test: string;
    if (isRegexp) {
      const end = valueEnd(items, at + 1);
      test = `regexp_full_match(${text}, ${render(items.slice(at + 1, end))}, 's')`;
      at = end;
    } else {
      const group = items[at + 2];
      const verb = item.kind === 'leaf' ? item.token.value : '';
      const parts = isGroup(group) ? splitCommas(group.items) : [];
      const joint = isWord(items[at + 1], 'ALL') ? ' AND ' : ' OR ';
      test = parts.map((part) => `${text} ${verb} ${render(part)}`).join(joint);
      at += 3;
    }
    const first = value[0];
    const place = first === undefined ? 0 : startOf(first);
    out.push({ kind: 'sql', text: `${isNot ? 'NOT ' : ''}(${test})`, start: place, end: place });
  }
  return out;
}

/** `$1` reads the first column of VALUES. */
export function positionalColumn(text: string): string | undefined {
  return /^\$\d{1,3}$/.test(text) ? quoteName(`COLUMN${text.slice(1)}`) : undefined;
}
