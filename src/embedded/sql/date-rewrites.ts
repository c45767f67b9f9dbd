/**
 * Calls about dates and times: parts, differences, conversions from and to text.
 */
import { argOf, type Call, type CallRewrite, plainCall, wallOf } from './call.ts';
import { DAY_PARTS, datePart, intervalOf, isNumberFormat, strftimeFormat } from './dates.ts';
import { isWord, nameOf, quoteText, render, type SqlNode, stringOf } from './nodes.ts';

/** A date part is written as a word, a quoted name or a string. */
function partOf(arg: readonly SqlNode[] | undefined): string {
  return datePart(nameOf(arg?.[0]) ?? stringOf(arg?.[0]) ?? '');
}

/** A string literal means a timestamp here; a TIMESTAMP_TZ stands for its clock on the wall. */
function moment(call: Call, at: number): string {
  return stringOf(call.args[at]?.[0]) !== undefined && call.args[at]?.length === 1
    ? `CAST(${argOf(call, at)} AS TIMESTAMP)`
    : wallOf(call, at);
}

/** The result of a change of the argument at `at`: with its offset when that was a TIMESTAMP_TZ. */
function likeBefore(call: Call, at: number, result: string): string {
  return call.scope.isZoned ? `SF_BACK(${result}, ${argOf(call, at)})` : result;
}

function dateAdd(call: Call): string {
  const part = partOf(call.args[0]);
  const value = moment(call, 2);
  const sum = `${value} + ${intervalOf(part, argOf(call, 1))}`;
  return likeBefore(call, 2, DAY_PARTS.has(part) ? `cast_to_type(${sum}, ${value})` : `(${sum})`);
}

function dateDiff(call: Call): string {
  const part = partOf(call.args[0]);
  // Days and longer are told by the wall clocks, hours and shorter by the moments.
  const read = (at: number) =>
    call.scope.isZoned && !DAY_PARTS.has(part) ? `SF_INSTANT(${argOf(call, at)})` : wallOf(call, at);
  const [from, to] = [1, 2].map((at) => `CAST(${read(at)} AS TIMESTAMP)`);
  // Snowflake counts Mondays between the two, DuckDB whole weeks.
  if (part === 'week') return `date_diff('week', date_trunc('week', ${from}), date_trunc('week', ${to}))`;
  return part === 'nanosecond'
    ? `(date_diff('microsecond', ${from}, ${to}) * 1000)`
    : `date_diff('${part}', ${from}, ${to})`;
}

function dateTrunc(call: Call): string {
  const isPartFirst =
    (stringOf(call.args[0]?.[0]) !== undefined && call.name === 'DATE_TRUNC') ||
    (call.args[0]?.length === 1 && nameOf(call.args[0]?.[0]) !== undefined && call.name === 'DATE_TRUNC');
  const part = partOf(call.args[isPartFirst ? 0 : 1]);
  const at = isPartFirst ? 1 : 0;
  const value = moment(call, at);
  return likeBefore(call, at, `cast_to_type(date_trunc('${part}', ${value}), ${value})`);
}

/** CAST to DOUBLE and back keeps `epoch` whole, as Snowflake gives it. */
function datePartOf(part: string, value: string): string {
  if (part === 'nanosecond') return `(date_part('microsecond', ${value}) % 1000000 * 1000)`;
  if (part === 'isoweek') return `CAST(date_part('week', ${value}) AS BIGINT)`;
  return `CAST(floor(date_part('${part}', ${value})) AS BIGINT)`;
}

function extract(call: Call): string {
  const items = call.args[0] ?? [];
  const from = items.findIndex((node) => isWord(node, 'FROM'));
  const inside = render(items.slice(from + 1));
  const value = from === -1 ? moment(call, 1) : call.scope.isZoned ? `SF_WALL(${inside})` : inside;
  return datePartOf(partOf(items.slice(0, 1)), value);
}

function lastDay(call: Call): string {
  const part = call.args[1] === undefined ? 'month' : partOf(call.args[1]);
  const value = `CAST(${wallOf(call, 0)} AS DATE)`;
  if (part === 'month') return `last_day(${value})`;
  return `CAST(date_trunc('${part}', ${value}) + ${intervalOf(part, '1')} - to_days(1) AS DATE)`;
}

type Target = 'DATE' | 'TIMESTAMP' | 'TIMESTAMP WITH TIME ZONE' | 'ZONED';

/** TO_DATE, TO_TIMESTAMP_..: an optional format, or for a number seconds since 1970. */
function toMoment(target: Target, isTry: boolean): CallRewrite {
  return (call) => {
    if (target === 'ZONED') return toZoned(call, isTry);
    const value = target === 'TIMESTAMP WITH TIME ZONE' ? instantOf(call) : wallOf(call, 0);
    const format = stringOf(call.args[1]?.[0]);
    if (format !== undefined && !/^auto$/i.test(format)) {
      const parse = isTry ? 'try_strptime' : 'strptime';
      return `CAST(${parse}(SF_TO_TEXT(${value}), ${quoteText(strftimeFormat(format))}) AS ${target})`;
    }
    if (isTry) return `TRY_CAST(${value} AS ${target})`;
    const scale = call.text[1];
    if (scale !== undefined && /^\d$/.test(scale))
      return `CAST(SF_TO_TS(${value} / CAST(1e${scale} AS DOUBLE)) AS ${target})`;
    if (target === 'TIMESTAMP' || /^-?\s*\d/.test(value)) return `CAST(SF_TO_TS(${value}) AS ${target})`;
    return target === 'DATE' ? `CAST(left(SF_TO_TEXT(${value}), 10) AS DATE)` : `CAST(${value} AS ${target})`;
  };
}

function instantOf(call: Call): string {
  return call.scope.isZoned ? `SF_INSTANT(${argOf(call, 0)})` : argOf(call, 0);
}

/** TO_TIMESTAMP_TZ: an offset that is not written is that of UTC. */
function toZoned(call: Call, isTry: boolean): string {
  const value = argOf(call, 0);
  const format = stringOf(call.args[1]?.[0]);
  const scale = call.text[1];
  let text = `SF_TO_TZ(${value})`;
  if (format !== undefined && !/^auto$/i.test(format)) {
    const offset = /TZH/i.test(format) ? `regexp_extract(${value}, '([+-]\\d{2}:?\\d{0,2})$', 1)` : "''";
    text = `SF_ZONED(CAST(strptime(${value}, ${quoteText(strftimeFormat(format))}) AS TIMESTAMP WITH TIME ZONE), SF_OFFSET(${offset}))`;
  } else if (/^-?\s*\d/.test(value)) {
    const seconds = scale !== undefined && /^\d$/.test(scale) ? `${value} / CAST(1e${scale} AS DOUBLE)` : value;
    text = `SF_TO_TZ(SF_TO_TS(${seconds}))`;
  }
  return isTry ? `TRY(${text})` : text;
}

/** TO_CHAR: a date format gives strftime, a number format is filled in, none is the plain text. */
function toText(call: Call): string {
  const value = argOf(call, 0);
  const format = stringOf(call.args[1]?.[0]);
  if (format === undefined) return `SF_TO_TEXT(${value})`;
  return isNumberFormat(format) ? numberText(value, format) : dateText(call, format);
}

/** The offset of a TIMESTAMP_TZ is put in afterwards: DuckDB would write that of UTC. */
function dateText(call: Call, format: string): string {
  const offset = /TZH(:?)TZM/i.exec(format);
  const own = call.scope.isZoned && offset !== null ? format.replace(offset[0], '"\u0001"') : format;
  const text = `strftime(CAST(${wallOf(call, 0)} AS TIMESTAMP), ${quoteText(strftimeFormat(own))})`;
  if (own === format) return text;
  return `replace(${text}, chr(1), SF_WRITTEN_OFFSET(${argOf(call, 0)}, '${offset?.[1] ?? ''}'))`;
}

function numberText(value: string, format: string): string {
  const isFilled = !/^FM/i.test(format);
  const body = format.replace(/^FM/i, '');
  const [whole = '', fraction = ''] = body.replace(/[$SMI]/gi, '').split('.');
  const dollar = body.includes('$') ? '$' : '';
  const pattern = `${dollar}{:${whole.includes(',') ? ',' : ''}.${fraction.length}f}`;
  let text = `format('${pattern}', CAST(${value} AS DOUBLE))`;
  if (whole.startsWith('0')) text = `lpad(${text}, ${whole.length + (fraction === '' ? 0 : fraction.length + 1)}, '0')`;
  return isFilled ? `lpad(${text}, ${body.length + 1}, ' ')` : text;
}

/** CONVERT_TIMEZONE([from,] to, time): with three arguments wall clock to wall clock, with two the moment with that zone's offset. */
function convertTimezone(call: Call): string {
  if (call.text.length < 3)
    return `SF_AT_ZONE(${argOf(call, 0)}, CAST(SF_INSTANT(${argOf(call, 1)}) AS TIMESTAMP WITH TIME ZONE))`;
  return `timezone(${argOf(call, 1)}, timezone(${argOf(call, 0)}, CAST(${argOf(call, 2)} AS TIMESTAMP)))`;
}

function timeSlice(call: Call): string {
  const part = partOf(call.args[2]);
  const value = moment(call, 0);
  const step = intervalOf(part, argOf(call, 1));
  const start = `time_bucket(${step}, CAST(${value} AS TIMESTAMP), TIMESTAMP '1970-01-01')`;
  const isEnd = stringOf(call.args[3]?.[0])?.toUpperCase() === 'END';
  return likeBefore(call, 0, `cast_to_type(${isEnd ? `${start} + ${step}` : start}, ${value})`);
}

/** TRUNC of a date is DATE_TRUNC with its arguments the other way round. */
function trunc(call: Call): string {
  if (stringOf(call.args[1]?.[0]) !== undefined) return dateTrunc(call);
  return plainCall('SF_TRUNC', call);
}

const now: CallRewrite = () => 'now()';
const plain: Record<string, CallRewrite> = {
  DATEADD: dateAdd,
  TIMEADD: dateAdd,
  TIMESTAMPADD: dateAdd,
  DATEDIFF: dateDiff,
  TIMEDIFF: dateDiff,
  TIMESTAMPDIFF: dateDiff,
  DATE_TRUNC: dateTrunc,
  TRUNC: trunc,
  EXTRACT: extract,
  DATE_PART: extract,
  LAST_DAY: lastDay,
  TIME_SLICE: timeSlice,
  CONVERT_TIMEZONE: convertTimezone,
  TO_CHAR: toText,
  TO_VARCHAR: toText,
  CURRENT_DATE: () => 'current_date',
  CURRENT_TIME: () => 'CAST(now() AS TIME)',
  CURRENT_TIMESTAMP: now,
  LOCALTIMESTAMP: now,
  GETDATE: now,
  SYSTIMESTAMP: now,
  SYSDATE: () => `timezone('UTC', now())`,
};

const TARGETS: Readonly<Record<string, Target>> = {
  TO_DATE: 'DATE',
  DATE: 'DATE',
  TO_TIMESTAMP: 'TIMESTAMP',
  TO_TIMESTAMP_NTZ: 'TIMESTAMP',
  TO_TIMESTAMP_LTZ: 'TIMESTAMP WITH TIME ZONE',
  TO_TIMESTAMP_TZ: 'ZONED',
};

export const DATE_REWRITES: Readonly<Record<string, CallRewrite>> = {
  ...plain,
  ...Object.fromEntries(Object.entries(TARGETS).map(([name, target]) => [name, toMoment(target, false)])),
  ...Object.fromEntries(Object.entries(TARGETS).map(([name, target]) => [`TRY_${name}`, toMoment(target, true)])),
};
