/**
 * Casts and reads into VARIANT values: `x::TYPE`, `CAST(x AS TYPE)`, `v:a.b[0]`, `v['key']`.
 *
 * A read stays JSON; where a literal stands next to it in a comparison or a calculation it is turned into that
 * literal's type, as Snowflake does for a VARIANT.
 */
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
import { endsValue, valueEnd, valueStart } from './operand.ts';
import { type DataType, MAX_TEXT, readType } from './types.ts';

/** DuckDB SQL that casts `value`; NULL instead of an error when `isTry`. */
export function castTo(value: string, type: DataType, isTry = false): string {
  const cast = isTry ? 'TRY_CAST' : 'CAST';
  switch (type.family) {
    case 'TEXT':
      return type.length === undefined || type.length === MAX_TEXT
        ? `SF_TO_TEXT(${value})`
        : `left(SF_TO_TEXT(${value}), ${type.length})`;
    case 'FIXED':
      return type.duckdb === 'BIGINT'
        ? `${cast}(${cast}(${value} AS DECIMAL(38,0)) AS BIGINT)`
        : `${cast}(${value} AS ${type.duckdb})`;
    case 'REAL':
      return `${cast}(${value} AS DOUBLE)`;
    case 'BINARY':
      return `SF_TO_BINARY(${value})`;
    case 'VARIANT':
      return `to_json(${value})`;
    case 'ARRAY':
      return `SF_TO_ARRAY(to_json(${value}))`;
    case 'OBJECT':
      return `to_json(${value})`;
    default:
      return `${cast}(${value} AS ${type.duckdb})`;
  }
}

/** Folds `::`, `:` and `[..]` behind values into finished SQL. */
export function foldCasts(items: readonly SqlNode[]): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    if (item === undefined) break;
    const isValueBefore = endsValue(out.at(-1));
    if (isOp(item, '::') && isValueBefore) {
      const { type, next } = readType(items, at + 1);
      replaceValue(out, (value) => castTo(value, type));
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
