/**
 * Casts and reads into VARIANT values: `x::TYPE`, `CAST(x AS TYPE)`, `v:a.b[0]`, `v['key']`.
 *
 * A read stays JSON; where a literal stands next to it in a comparison or a calculation it is turned into that
 * literal's type, as Snowflake does for a VARIANT.
 */

import { intervalLiteral } from './dates.ts';
import {
  endOf,
  isGroup,
  isOp,
  isWord,
  nameOf,
  quoteText,
  render,
  type Sql,
  type SqlNode,
  sqlNode,
  startOf,
  stringOf,
  unexpected,
} from './nodes.ts';
import { endsValue, isKeyword, valueEnd, valueStart } from './operand.ts';
import { type DataType, MAX_TEXT, readType } from './types.ts';

/**
 * DuckDB SQL that casts `value`; NULL instead of an error when `isTry`. With `zoned` the value may be a TIMESTAMP_TZ,
 * which becomes its moment or its clock on the wall first.
 */
export function castTo(value: string, type: DataType, isTry = false, zoned = false): string {
  const cast = isTry ? 'TRY_CAST' : 'CAST';
  switch (type.family) {
    case 'TIMESTAMP_TZ':
      return isTry ? `TRY(SF_TO_TZ(${value}))` : `SF_TO_TZ(${value})`;
    case 'TIMESTAMP_LTZ':
      return `${cast}(${zoned ? `SF_INSTANT(${tidyOffset(value)})` : tidyOffset(value)} AS ${type.duckdb})`;
    case 'TIMESTAMP_NTZ':
    case 'DATE':
    case 'TIME':
      return `${cast}(${zoned ? `SF_WALL(${dropOffset(value)})` : dropOffset(value)} AS ${type.duckdb})`;
    case 'TEXT':
      return type.length === undefined || type.length === MAX_TEXT
        ? `SF_TO_TEXT(${value})`
        : `left(SF_TO_TEXT(${value}), ${type.length})`;
    case 'REAL':
      return `${cast}(${value} AS DOUBLE)`;
    case 'BOOLEAN':
      return `${cast}(${value.replace(/^'on'$/i, 'TRUE').replace(/^'off'$/i, 'FALSE')} AS BOOLEAN)`;
    case 'BINARY':
      return `SF_TO_BINARY(${value})`;
    case 'VARIANT':
      return `to_json(${zoned ? `SF_VARIANT(${value})` : value})`;
    case 'ARRAY':
      return `SF_TO_ARRAY(to_json(${value}))`;
    case 'OBJECT':
      return `to_json(${value})`;
    default:
      return `${cast}(${value} AS ${type.duckdb})`;
  }
}

const OFFSET = /^('\d{4}-\d\d?-\d\d?[ T]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)'$/;

/** A literal's offset without the blank before it, which DuckDB does not read; anything else as it is. */
function tidyOffset(value: string): string {
  return value.replace(OFFSET, "$1$2'");
}

/** A literal without its offset: what has no zone keeps the clock as it is written. */
function dropOffset(value: string): string {
  return value.replace(OFFSET, "$1'");
}

/** Folds `::`, `:` and `[..]` behind values into finished SQL. */
export function foldCasts(items: readonly SqlNode[], zoned = false): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    const isValueBefore = endsValue(out.at(-1));
    const text = stringOf(items[at + 2]);
    if (isOp(item, '+', '-') && isWord(items[at + 1], 'INTERVAL') && text !== undefined && isValueBefore) {
      const { sql, isDays } = intervalLiteral(text);
      const sign = isOp(item, '-') ? '-' : '+';
      replaceValue(out, (value) => {
        const wall = zoned ? `SF_WALL(${value})` : value;
        const sum = isDays ? `cast_to_type(${wall} ${sign} ${sql}, ${wall})` : `(${wall} ${sign} ${sql})`;
        return zoned ? `SF_BACK(${sum}, ${value})` : sum;
      });
      at += 3;
    } else if (isOp(item, '::') && isValueBefore) {
      const { type, next } = readType(items, at + 1);
      replaceValue(out, (value) => castTo(value, type, false, zoned));
      at = next;
    } else if (isOp(item, ':') && isValueBefore) {
      const { path, next } = readPath(items, at + 1);
      readInto(out, path);
      at = next;
    } else if (isGroup(item, '[') && isValueBefore && !isOp(out.at(-1), ',')) {
      readInto(out, subscript(item.items));
      at++;
    } else {
      out.push(item);
      at++;
    }
  }
  return out;
}

type Path = readonly (string | { readonly dynamic: string })[];

function replaceValue(out: SqlNode[], make: (value: string) => string, isPath = false): void {
  const from = valueStart(out, out.length - 1);
  const nodes = out.splice(from);
  const first = nodes[0];
  const last = nodes.at(-1);
  if (first === undefined || last === undefined) throw unexpected('::');
  out.push({ kind: 'sql', text: make(render(nodes)), start: startOf(first), end: endOf(last), isPath });
}

function readInto(out: SqlNode[], path: Path): void {
  replaceValue(
    out,
    (value) => {
      let text = value;
      let fixed = '';
      const flush = () => {
        if (fixed !== '') text = `json_extract(${text}, ${quoteText(`$${fixed}`)})`;
        fixed = '';
      };
      for (const step of path) {
        if (typeof step === 'string') fixed += step;
        else {
          flush();
          text = `SF_GET(${text}, ${step.dynamic})`;
        }
      }
      flush();
      return text;
    },
    true,
  );
}

function readPath(items: readonly SqlNode[], from: number): { path: Path; next: number } {
  const path: Path[number][] = [keyOf(items[from])];
  let next = from + 1;
  for (;;) {
    const item = items[next];
    if (isOp(item, '.')) {
      path.push(keyOf(items[next + 1]));
      next += 2;
    } else if (isGroup(item, '[')) {
      path.push(...subscript(item.items));
      next++;
    } else return { path, next };
  }
}

/** Keys keep their case: `v:Name` is not `v:name`. */
function keyOf(node: SqlNode | undefined): string {
  if (node?.kind !== 'leaf' || nameOf(node) === undefined) throw unexpected(':');
  return keyStep(node.token.kind === 'quoted' ? node.token.value : node.token.text);
}

function keyStep(key: string): string {
  if (/["\\]/.test(key)) throw unexpected('"');
  return `."${key}"`;
}

function subscript(inside: readonly SqlNode[]): Path {
  const only = inside.length === 1 ? inside[0] : undefined;
  const key = stringOf(only);
  if (key !== undefined) return [keyStep(key)];
  if (only?.kind === 'leaf' && only.token.kind === 'number' && /^\d+$/.test(only.token.text))
    return [`[${only.token.text}]`];
  return [{ dynamic: render(inside) }];
}

const COMPARISONS = ['=', '<>', '!=', '<', '>', '<=', '>='];
const ARITHMETIC = ['+', '-', '*', '/', '%'];

/** Gives a bare read next to a literal, or inside a calculation, that literal's type. */
export function adaptPaths(items: readonly SqlNode[]): SqlNode[] {
  return items.map((item, at) => {
    if (item.kind !== 'sql' || item.isPath !== true) return item;
    const before = items[at - 1];
    const after = items[at + 1];
    if (isOp(after, ...ARITHMETIC) || isOp(before, ...ARITHMETIC)) return asNumber(item);
    if (
      isWord(after, 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP') ||
      (isWord(after, 'NOT') && isWord(items[at + 2], 'LIKE', 'ILIKE', 'RLIKE'))
    ) {
      return asText(item);
    }
    const other = otherSide(items, at);
    const only = other.length === 1 ? other[0] : undefined;
    if (other.length === 0) return item;
    if (stringOf(only) !== undefined) return asText(item);
    if (only?.kind === 'leaf' && only.token.kind === 'number') return asNumber(item);
    if (isWord(only, 'TRUE', 'FALSE')) return sqlNode(`CAST(${item.text} AS BOOLEAN)`, item);
    if (isWord(only, 'NULL') || (only?.kind === 'sql' && only.isPath === true)) return item;
    return sqlNode(`SF_AS(${item.text}, ${render(other)})`, item);
  });
}

/** Makes comparisons of values that may be TIMESTAMP_TZ look at the moment. */
export function compareMoments(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  let inSet = false;
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    const next = items[at + 1];
    if (isWord(item, 'SET')) inSet = true;
    else if (isWord(item, 'WHERE', 'FROM', 'WHEN')) inSet = false;
    const isPair = isOp(item, ...COMPARISONS) || isWord(item, 'BETWEEN') || isBetweenAnd(items, at);
    const isIn = isWord(item, 'IN') && isGroup(next) && !isWord(next.items[0], 'SELECT', 'WITH');
    if (inSet || !(isPair || isIn) || out.length === 0) {
      out.push(item);
      at++;
      continue;
    }
    const not = isWord(out.at(-1), 'NOT') ? out.splice(-1) : [];
    out.push(...asMoment(out.splice(valueStart(out, out.length - 1))), ...not, item);
    at++;
    if (isIn) {
      out.push({ ...next, items: next.items.flatMap((each) => (isOp(each, ',') ? [each] : asMoment([each]))) });
      at++;
    } else if (isPair) {
      const end = valueEnd(items, at);
      out.push(...asMoment(items.slice(at, end)));
      at = end;
    }
  }
  return out;
}

/** The AND of a BETWEEN. */
function isBetweenAnd(items: readonly SqlNode[], at: number): boolean {
  if (!isWord(items[at], 'AND')) return false;
  const before = items.slice(0, at).findLastIndex((node) => isWord(node, 'BETWEEN', 'AND', 'OR'));
  return before !== -1 && isWord(items[before], 'BETWEEN');
}

function asMoment(nodes: readonly SqlNode[]): SqlNode[] {
  const [first] = nodes;
  const isOther = first === undefined || isGroup(first) || isKeyword(first) || isOp(first);
  if (isOther || (nodes.length === 1 && isWord(first, 'NULL', 'TRUE', 'FALSE'))) return [...nodes];
  const text = render(nodes);
  return [sqlNode(stringOf(first) === undefined ? `SF_INSTANT(${text})` : tidyOffset(text), first)];
}

/** The value that the read at `at` is compared with, or nothing. */
function otherSide(items: readonly SqlNode[], at: number): readonly SqlNode[] {
  if (isOp(items[at + 1], ...COMPARISONS)) return items.slice(at + 2, valueEnd(items, at + 2));
  if (isOp(items[at - 1], ...COMPARISONS)) return items.slice(valueStart(items, at - 2), at - 1);
  const listed = listedBehind(items, at);
  return listed === undefined ? [] : [listed];
}

/** The first member of `IN (..)` or the lower end of `BETWEEN`. */
function listedBehind(items: readonly SqlNode[], at: number): SqlNode | undefined {
  const verb = isWord(items[at + 1], 'NOT') ? at + 2 : at + 1;
  const next = items[verb + 1];
  if (isWord(items[verb], 'BETWEEN')) return next;
  return isWord(items[verb], 'IN') && isGroup(next) ? next.items[0] : undefined;
}

function asNumber(item: Sql): Sql {
  return sqlNode(`CAST(${item.text} AS DOUBLE)`, item);
}

function asText(item: Sql): Sql {
  return sqlNode(`SF_TO_TEXT(${item.text})`, item);
}
