/**
 * Folds function calls, with their WITHIN GROUP and OVER, into finished SQL.
 *
 * A call is a name followed by a group where a name can be a function's; any function that functions.ts does not list
 * is refused. Runs on lists whose inner lists are finished.
 */
import { SnowflakeError } from '../errors.ts';
import { type Call, type CallScope, plainCall } from './call.ts';
import { CALL_REWRITES } from './call-rewrites.ts';
import { contextValue } from './context.ts';
import { CONTEXT, MACROS, PLAIN, RENAMED } from './functions.ts';
import {
  endOf,
  type Group,
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
  wordOf,
} from './nodes.ts';
import { endsValue } from './operand.ts';

/** Words before a group that are no function. */
const NOT_FUNCTIONS = new Set(
  (
    'SELECT DISTINCT ALL FROM WHERE AND OR NOT IN IS LIKE ILIKE BETWEEN ON USING JOIN LATERAL BY HAVING QUALIFY LIMIT OFFSET UNION EXCEPT ' +
    'INTERSECT MINUS WHEN THEN ELSE CASE AS VALUES INTO OVER ANY SOME EXISTS PIVOT UNPIVOT EXCLUDE RENAME TABLESAMPLE SAMPLE BERNOULLI SYSTEM ' +
    'BLOCK ROW SEED REPEATABLE SETS ROLLUP CUBE TABLE GROUP WITH SET MATCHED DEFAULT RETURNING UPDATE TOP MATERIALIZED END TRUE FALSE NULL INTERVAL ESCAPE ALL'
  ).split(' '),
);

export function foldCalls(items: readonly SqlNode[], scope: CallScope): SqlNode[] {
  const out: SqlNode[] = [];
  for (let at = 0; at < items.length; ) {
    const item = items[at];
    const group = items[at + 1];
    if (item === undefined) break;
    if (isGroup(group) && isCallName(items, at, out)) {
      const { text, next } = readCall(items, at, group, scope);
      out.push(sqlNodeBetween(text, item, items[next - 1]));
      at = next;
    } else {
      out.push(bareContext(item, items, at, scope));
      at++;
    }
  }
  return out;
}

function sqlNodeBetween(text: string, first: SqlNode, last: SqlNode | undefined): SqlNode {
  return { kind: 'sql', text, start: startOf(first), end: endOf(last ?? first) };
}

function isCallName(items: readonly SqlNode[], at: number, out: readonly SqlNode[]): boolean {
  const item = items[at];
  const name = nameOf(item);
  if (name === undefined) return false;
  const before = out.at(-1);
  if (isOp(before, '.') && isWord(out.at(-2), 'INFORMATION_SCHEMA'))
    throw new SnowflakeError(
      '000002',
      '0A000',
      'Unsupported feature: table functions of INFORMATION_SCHEMA are not in the embedded engine.',
    );
  if (isOp(before, '.'))
    throw new SnowflakeError('002141', '42601', `SQL compilation error:\nUnknown user-defined function ${name}.`);
  if (isOp(before, '::') || isWord(before, 'AS', 'WITH', 'RECURSIVE', 'INTO')) return false;
  const word = wordOf(item);
  if (word === 'INSERT' && isWord(items[at + 2], 'VALUES')) return false;
  if (word !== undefined && NOT_FUNCTIONS.has(word)) return false;
  if (isWord(items[at + 2], 'AS') && isGroup(items[at + 3]) && isInWith(items, at)) return false;
  return !endsValue(before);
}

/** Whether `at` stands in a list of common table expressions: behind WITH and before its SELECT. */
function isInWith(items: readonly SqlNode[], at: number): boolean {
  const before = items.slice(0, at);
  const start = before.findLastIndex((node) => isWord(node, 'WITH'));
  return start !== -1 && !before.slice(start).some((node) => isWord(node, 'SELECT', 'FROM'));
}

function readCall(
  items: readonly SqlNode[],
  at: number,
  group: Group,
  scope: CallScope,
): { text: string; next: number } {
  const name = wordOf(items[at]) ?? quoteName(nameOf(items[at]) ?? '');
  let next = at + 2;
  let within: string | undefined;
  let over = '';
  let nulls = '';
  for (;;) {
    const behind = items[next + 1];
    if (isWord(items[next], 'WITHIN') && isGroup(items[next + 2])) {
      const order = items[next + 2];
      within = isGroup(order) ? render(order.items) : '';
      next += 3;
    } else if (isWord(items[next], 'IGNORE', 'RESPECT') && isWord(behind, 'NULLS')) {
      nulls = ` ${wordOf(items[next])} NULLS`;
      next += 2;
    } else if (isWord(items[next], 'OVER') && behind !== undefined) {
      over = ` OVER ${isGroup(behind) ? `(${windowOf(name, behind)})` : render([behind])}`;
      next += 2;
    } else break;
  }
  const isDistinct = isWord(group.items[0], 'DISTINCT');
  const args = splitCommas(isDistinct || isWord(group.items[0], 'ALL') ? group.items.slice(1) : group.items);
  const text = args.map((arg) => (SUMS.has(name) ? sumArgument(arg) : render(arg)) + nulls);
  return { text: callText({ name, args, text, isDistinct, within, over, scope }), next };
}

const SUMS = new Set([
  'SUM',
  'AVG',
  'MEDIAN',
  'STDDEV',
  'STDDEV_SAMP',
  'STDDEV_POP',
  'VARIANCE',
  'VAR_SAMP',
  'VAR_POP',
]);

/** A VARIANT that is added up counts as a number. */
function sumArgument(arg: readonly SqlNode[]): string {
  const only = arg.length === 1 ? arg[0] : undefined;
  return only?.kind === 'sql' && only.isPath === true ? `CAST(${only.text} AS DOUBLE)` : render(arg);
}

/** FIRST_VALUE and its kin see the whole partition unless a frame is written. */
function windowOf(name: string, window: Group): string {
  const text = render(window.items);
  const isWhole = /^(FIRST|LAST|NTH)_VALUE$/.test(name) && window.items.some((node) => isWord(node, 'ORDER'));
  const hasFrame = window.items.some((node) => isWord(node, 'ROWS', 'RANGE', 'GROUPS'));
  return isWhole && !hasFrame ? `${text} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING` : text;
}

/** Functions of a date that take a TIMESTAMP_TZ at its clock on the wall. */
const OF_DATES = new Set(
  (
    'YEAR MONTH DAY HOUR MINUTE SECOND QUARTER DAYOFMONTH DAYOFWEEK DAYOFWEEKISO DAYOFWEEK_ISO DAYOFYEAR WEEK WEEKISO WEEKOFYEAR ' +
    'YEAROFWEEK YEAROFWEEKISO MONTHNAME DAYNAME ADD_MONTHS NEXT_DAY PREVIOUS_DAY MONTHS_BETWEEN'
  ).split(' '),
);

/** Where a function of DuckDB wants a whole number and Snowflake any number. */
const WHOLE_ARGUMENTS: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...['SUBSTR', 'SUBSTRING', 'INSERT', 'ARRAY_SLICE'].map((name) => [name, [1, 2]] as const),
  ...[
    'ARRAY_INSERT',
    'ARRAY_REMOVE_AT',
    'LEFT',
    'RIGHT',
    'REPEAT',
    'ROUND',
    'TRUNC',
    'TRUNCATE',
    'LAG',
    'LEAD',
    'NTH_VALUE',
  ].map((name) => [name, [1]] as const),
  ...['CHR', 'CHAR', 'SPACE', 'NTILE', 'FACTORIAL'].map((name) => [name, [0]] as const),
  ...['SPLIT_PART', 'STRTOK', 'CHARINDEX', 'REGEXP_COUNT', 'REGEXP_INSTR'].map((name) => [name, [2]] as const),
  ['REGEXP_REPLACE', [3]],
  ['REGEXP_SUBSTR', [2, 3, 5]],
  ...['DATE_FROM_PARTS', 'DATEFROMPARTS', 'TIME_FROM_PARTS', 'TIMEFROMPARTS', 'ARRAY_GENERATE_RANGE'].map(
    (name) => [name, [0, 1, 2]] as const,
  ),
  ...['TIMESTAMP_FROM_PARTS', 'TIMESTAMPFROMPARTS', 'TIMESTAMP_NTZ_FROM_PARTS'].map(
    (name) => [name, [0, 1, 2, 3, 4, 6]] as const,
  ),
]);

function adaptArguments(call: Call): Call {
  const whole = WHOLE_ARGUMENTS.get(call.name);
  const isOfDates = call.scope.isZoned && OF_DATES.has(call.name);
  if (whole === undefined && !isOfDates) return call;
  const text = call.text.map((each, at) => {
    if (isOfDates) return `SF_WALL(${each})`;
    return whole?.includes(at) !== true || /^-?\s*\d+$|^'|^NULL$/.test(each) ? each : `CAST(${each} AS INTEGER)`;
  });
  return { ...call, text };
}

function callText(given: Call): string {
  const call = adaptArguments(given);
  if (CONTEXT.has(call.name)) return contextValue(call.name, call.text, call.scope.session);
  const rewrite = CALL_REWRITES.get(call.name);
  if (rewrite !== undefined) return rewrite(call);
  if (MACROS.has(call.name)) return plainCall(`SF_${call.name}`, call);
  const renamed = Object.hasOwn(RENAMED, call.name) ? RENAMED[call.name] : undefined;
  if (renamed !== undefined) return plainCall(renamed, call);
  if (PLAIN.has(call.name)) return plainCall(call.name, call);
  throw new SnowflakeError('002140', '42601', `SQL compilation error:\nUnknown function ${call.name}.`);
}

const BARE = new Set(['CURRENT_DATABASE', 'CURRENT_SCHEMA', 'CURRENT_USER', 'CURRENT_ROLE', 'CURRENT_WAREHOUSE']);

/** CURRENT_USER and the like may be written without parentheses. */
function bareContext(item: SqlNode, items: readonly SqlNode[], at: number, scope: CallScope): SqlNode {
  const word = wordOf(item);
  if (word === undefined || !BARE.has(word) || isOp(items[at - 1], '.') || isWord(items[at - 1], 'AS')) return item;
  return sqlNode(contextValue(word, [], scope.session), item);
}
