/**
 * Calls that need more than another name: those with a date part, a type, a format or any number of arguments.
 */
import { SnowflakeError } from '../errors.ts';
import { argOf, type Call, type CallRewrite } from './call.ts';
import { castTo } from './casts.ts';
import { DATE_REWRITES } from './date-rewrites.ts';
import { INPUT_ROW } from './input-rows.ts';
import { isOp, isWord, quoteText, render, type SqlNode, stringOf, unexpected } from './nodes.ts';
import { resultScan } from './result-scan.ts';
import { type DataType, readType } from './types.ts';

function numberType(precision = '38', scale = '0'): DataType {
  if (!/^\d+$/.test(precision) || !/^\d+$/.test(scale)) throw unexpected(precision);
  return { declared: 'NUMBER', duckdb: `DECIMAL(${precision},${scale})`, family: 'FIXED' };
}

const SIMPLE_TYPES: Readonly<Record<string, DataType>> = {
  DOUBLE: { declared: 'FLOAT', duckdb: 'DOUBLE', family: 'REAL' },
  BOOLEAN: { declared: 'BOOLEAN', duckdb: 'BOOLEAN', family: 'BOOLEAN' },
  TIME: { declared: 'TIME', duckdb: 'TIME', family: 'TIME' },
};

function cast(call: Call, isTry: boolean): string {
  const items = call.args[0] ?? [];
  const as = items.findLastIndex((node) => isWord(node, 'AS'));
  if (as === -1 && !isTry) throw unexpected(')');
  const { type } = readType(call.args.length > 1 ? [...items, ...(call.args[1] ?? [])] : items, as + 1);
  return castTo(render(items.slice(0, as)), type, isTry, call.scope.isZoned);
}

/** TO_NUMBER(x [, format] [, precision [, scale]]); a format only strips `$` and `,`. */
function toNumber(call: Call, isTry: boolean): string {
  const hasFormat = stringOf(call.args[1]?.[0]) !== undefined;
  const sizes = call.text.slice(hasFormat ? 2 : 1);
  const value = hasFormat ? `replace(replace(SF_TO_TEXT(${argOf(call, 0)}), '$', ''), ',', '')` : argOf(call, 0);
  return castTo(value, numberType(sizes[0], sizes[1]), isTry);
}

function decode(call: Call): string {
  const [value, ...rest] = call.text;
  if (value === undefined || rest.length < 2) return argOf(call, 2);
  let text = 'CASE';
  let at = 0;
  for (; at + 1 < rest.length; at += 2) text += ` WHEN ${value} IS NOT DISTINCT FROM ${rest[at]} THEN ${rest[at + 1]}`;
  return `${text} ELSE ${rest[at] ?? 'NULL'} END`;
}

/** GREATEST and LEAST are NULL as soon as one argument is. */
function extreme(call: Call): string {
  const nulls = call.text.map((text) => `(${text}) IS NULL`).join(' OR ');
  return `CASE WHEN ${nulls} THEN NULL ELSE ${call.name}(${call.text.join(', ')}) END`;
}

/** As a sum divided by a count, which is exact and has the scale of a division. */
function average(call: Call): string {
  const value = `${call.isDistinct ? 'DISTINCT ' : ''}${argOf(call, 0)}`;
  return `(sum(${value})${call.over} / nullif(count(${value})${call.over}, 0))`;
}

/** CEIL and FLOOR to `n` digits: the rounded value, and one step on where that went the wrong way. */
function roundTowards(sign: '+' | '-'): CallRewrite {
  return (call) => {
    const value = argOf(call, 0);
    const name = sign === '+' ? 'ceil' : 'floor';
    const digits = Number((call.text[1] ?? '0').replaceAll(' ', ''));
    if (digits === 0) return `${name}(${value})`;
    if (!Number.isInteger(digits) || Math.abs(digits) > 12) throw unexpected(call.text[1] ?? '');
    const step = digits > 0 ? `0.${'0'.repeat(digits - 1)}1` : `1${'0'.repeat(-digits)}`;
    const rounded = `round(${value}, ${digits})`;
    const isWrong = `${rounded} ${sign === '+' ? '<' : '>'} ${value}`;
    return `cast_to_type(CASE WHEN ${isWrong} THEN ${rounded} ${sign} ${step} ELSE ${rounded} END, ${rounded})`;
  };
}

/** CONCAT and CONCAT_WS are NULL as soon as one argument is. */
function concat(call: Call): string {
  const isWith = call.name === 'CONCAT_WS';
  const parts = (isWith ? call.text.slice(1) : call.text).map((text) => `SF_TO_TEXT(${text})`);
  return `CAST(${parts.join(isWith ? ` || ${argOf(call, 0)} || ` : ' || ')} AS VARCHAR)`;
}

function listAgg(call: Call): string {
  const text = `SF_TO_TEXT(${argOf(call, 0)})`;
  // With DISTINCT, DuckDB orders by the argument itself only.
  const within = call.isDistinct
    ? call.within?.replace(`ORDER BY ${argOf(call, 0)}`, () => `ORDER BY ${text}`)
    : call.within;
  const order = within === undefined ? '' : ` ${within}`;
  const distinct = call.isDistinct ? 'DISTINCT ' : '';
  return `coalesce(string_agg(${distinct}${text}, ${call.text[1] ?? "''"}${order})${call.over}, '')`;
}

function arrayAgg(call: Call): string {
  const order = call.within === undefined ? '' : ` ${call.within}`;
  const value = argOf(call, 0);
  return `SF_ARRAY_AGG(list(${call.isDistinct ? 'DISTINCT ' : ''}${value}${order}) FILTER (WHERE ${value} IS NOT NULL)${call.over})`;
}

/** Keys with a NULL value are left out; literal keys come out in order, as Snowflake shows objects. */
function objectConstruct(call: Call, keepsNull: boolean): string {
  if (call.text.length % 2 === 1) throw unexpected(')');
  const pairs: { key: string; value: string }[] = [];
  for (let at = 0; at < call.text.length; at += 2) pairs.push({ key: argOf(call, at), value: argOf(call, at + 1) });
  if (pairs.every(({ key }) => key.startsWith("'"))) pairs.sort((a, b) => (a.key < b.key ? -1 : 1));
  const parts = pairs.map(({ key, value }) => {
    const json = keepsNull ? `coalesce(to_json(${value}), 'null'::JSON)` : `to_json(${value})`;
    return `to_json(CAST(${key} AS VARCHAR)) || ':' || ${json}`;
  });
  return `CAST('{' || concat_ws(',', ${parts.length === 0 ? 'NULL' : parts.join(', ')}) || '}' AS JSON)`;
}

function objectPick(call: Call): string {
  const [object = 'NULL', ...keys] = call.text;
  const pairs = keys.map((key) => `to_json(${key}) || ':' || json_extract(${object}, '$."' || ${key} || '"')`);
  return `CAST('{' || concat_ws(',', ${pairs.join(', ')}) || '}' AS JSON)`;
}

function objectDelete(call: Call): string {
  const [object = 'NULL', ...keys] = call.text;
  return `json_merge_patch(${object}, json_object(${keys.map((key) => `${key}, NULL`).join(', ')}))`;
}

function countOf(call: Call): string {
  if (call.text.length < 2) return `COUNT(${call.isDistinct ? 'DISTINCT ' : ''}${call.text.join(', ')})${call.over}`;
  const present = call.text.map((text) => `${text} IS NOT NULL`).join(' AND ');
  return `COUNT(${call.isDistinct ? 'DISTINCT ' : ''}CASE WHEN ${present} THEN ROW(${call.text.join(', ')}) END)${call.over}`;
}

/** Numbers 0, 1, 2 ..: the generator's own counter where there is one. */
function sequence(call: Call): string {
  return call.scope.isGenerated ? '"SF$I"' : '(row_number() OVER () - 1)';
}

function uniform(call: Call): string {
  const [low, high] = [argOf(call, 0), argOf(call, 1)];
  const isWhole = /^-?\s*\d+$/.test(low) && /^-?\s*\d+$/.test(high);
  const range = `random() * ((${high}) - (${low})${isWhole ? ' + 1' : ''}) + (${low})`;
  return isWhole ? `CAST(floor(${range}) AS BIGINT)` : `(${range})`;
}

/** `name => value` arguments by upper-case name; plain ones by their position in `order`. */
function namedArgs(call: Call, order: readonly string[]): Map<string, readonly SqlNode[]> {
  const named = new Map<string, readonly SqlNode[]>();
  call.args.forEach((arg, at) => {
    const first = arg[0];
    if (isOp(arg[1], '=>') && first?.kind === 'leaf') named.set(first.token.value, arg.slice(2));
    else named.set(order[at] ?? '', arg);
  });
  return named;
}

function flatten(call: Call): string {
  const args = namedArgs(call, ['INPUT', 'PATH', 'OUTER', 'RECURSIVE', 'MODE']);
  const path = stringOf(args.get('PATH')?.[0]) ?? '';
  const input = render(args.get('INPUT') ?? []);
  const json = `to_json(${input === '' ? argOf(call, 0) : input})`;
  const inner = path === '' ? json : `SF_GET_PATH(${json}, ${quoteText(path)})`;
  const flag = (name: string) => (/^TRUE$/i.test(render(args.get(name) ?? [])) ? 'true' : 'false');
  const mode = (stringOf(args.get('MODE')?.[0]) ?? 'BOTH').toUpperCase();
  return `SF_FLATTEN(${inner}, ${quoteText(path)}, ${flag('OUTER')}, ${flag('RECURSIVE')}, ${quoteText(mode)}, ${INPUT_ROW})`;
}

function generator(call: Call): string {
  const count = render(namedArgs(call, ['ROWCOUNT']).get('ROWCOUNT') ?? []);
  if (!/^\d{1,9}$/.test(count))
    throw new SnowflakeError('001003', '42000', 'SQL compilation error:\nGENERATOR needs a constant ROWCOUNT.');
  return `(SELECT range AS "SF$I" FROM range(${count}))`;
}

function ratioToReport(call: Call): string {
  const value = argOf(call, 0);
  return `(${value} / nullif(sum(${value})${call.over}, 0))`;
}

function position(call: Call): string {
  const items = call.args[0] ?? [];
  const at = items.findIndex((node) => isWord(node, 'IN'));
  if (at === -1) return `SF_CHARINDEX(${call.text.join(', ')})`;
  return `SF_CHARINDEX(${render(items.slice(0, at))}, ${render(items.slice(at + 1))})`;
}

const table: Readonly<Record<string, CallRewrite>> = {
  CAST: (call) => cast(call, false),
  TRY_CAST: (call) => cast(call, true),
  TO_DOUBLE: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.DOUBLE as DataType),
  TRY_TO_DOUBLE: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.DOUBLE as DataType, true),
  TO_BOOLEAN: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.BOOLEAN as DataType),
  TRY_TO_BOOLEAN: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.BOOLEAN as DataType, true),
  TO_TIME: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.TIME as DataType),
  TRY_TO_TIME: (call) => castTo(argOf(call, 0), SIMPLE_TYPES.TIME as DataType, true),
  TO_BINARY: (call) =>
    /^'utf-?8'$/i.test(call.text[1] ?? '') ? `encode(${argOf(call, 0)})` : `SF_TO_BINARY(${argOf(call, 0)})`,
  IFF: (call) => `CASE WHEN ${argOf(call, 0)} THEN ${argOf(call, 1)} ELSE ${argOf(call, 2)} END`,
  DECODE: decode,
  GREATEST: extreme,
  LEAST: extreme,
  AVG: average,
  COUNT: countOf,
  LISTAGG: listAgg,
  STRING_AGG: listAgg,
  ARRAY_AGG: arrayAgg,
  ARRAYAGG: arrayAgg,
  OBJECT_AGG: (call) => `json_group_object(${argOf(call, 0)}, ${argOf(call, 1)})${call.over}`,
  OBJECT_CONSTRUCT: (call) => objectConstruct(call, false),
  OBJECT_CONSTRUCT_KEEP_NULL: (call) => objectConstruct(call, true),
  OBJECT_PICK: objectPick,
  OBJECT_DELETE: objectDelete,
  HASH: (call) => `SF_HASH(${call.text.length === 1 ? call.text[0] : `concat_ws(chr(2), ${call.text.join(', ')})`})`,
  SEQ1: sequence,
  SEQ2: sequence,
  SEQ4: sequence,
  SEQ8: sequence,
  UNIFORM: uniform,
  RANDOM: () => 'SF_RANDOM()',
  RANDSTR: (call) => `left(repeat(md5(CAST(random() AS VARCHAR)), 8), CAST(${argOf(call, 0)} AS BIGINT))`,
  FLATTEN: flatten,
  SPLIT_TO_TABLE: (call) => `SF_SPLIT_TO_TABLE(${argOf(call, 0)}, ${argOf(call, 1)}, ${INPUT_ROW})`,
  GENERATOR: generator,
  RATIO_TO_REPORT: ratioToReport,
  RESULT_SCAN: (call) => resultScan(argOf(call, 0), call.scope.session),
  POSITION: position,
  CEIL: roundTowards('+'),
  CEILING: roundTowards('+'),
  FLOOR: roundTowards('-'),
  CONCAT: concat,
  CONCAT_WS: concat,
  CONTAINS: (call) => `contains(SF_TO_TEXT(${argOf(call, 0)}), SF_TO_TEXT(${argOf(call, 1)}))`,
};

for (const name of ['TO_NUMBER', 'TO_DECIMAL', 'TO_NUMERIC']) {
  Object.assign(table, {
    [name]: (call: Call) => toNumber(call, false),
    [`TRY_${name}`]: (call: Call) => toNumber(call, true),
  });
}

export const CALL_REWRITES: ReadonlyMap<string, CallRewrite> = new Map(Object.entries({ ...table, ...DATE_REWRITES }));
