/**
 * Date parts and date formats: Snowflake's spellings to DuckDB's.
 */
import { SnowflakeError } from '../errors.ts';

const PARTS: Readonly<Record<string, string>> = {
  year: 'Y YEAR YY YYY YYYY YR YEARS YRS',
  quarter: 'QUARTER Q QTR QTRS QUARTERS',
  month: 'MONTH MM MON MONS MONTHS',
  week: 'WEEK W WK WEEKOFYEAR WOY WY WEEKS',
  day: 'DAY D DD DAYS DAYOFMONTH',
  hour: 'HOUR H HH HR HOURS HRS',
  minute: 'MINUTE M MI MIN MINUTES MINS',
  second: 'SECOND S SEC SECONDS SECS',
  millisecond: 'MILLISECOND MS MSEC MILLISECONDS',
  microsecond: 'MICROSECOND US USEC MICROSECONDS',
  nanosecond: 'NANOSECOND NS NSEC NANOSEC NSECOND NANOSECONDS NANOSECS NSECONDS',
  dow: 'DAYOFWEEK WEEKDAY DOW DW',
  isodow: 'DAYOFWEEKISO WEEKDAY_ISO DOW_ISO DW_ISO DAYOFWEEK_ISO',
  doy: 'DAYOFYEAR YEARDAY DOY DY',
  isoweek: 'WEEKISO WEEK_ISO WEEKOFYEARISO WEEKOFYEAR_ISO',
  isoyear: 'YEAROFWEEK YEAROFWEEKISO',
  epoch: 'EPOCH_SECOND EPOCH EPOCH_SECONDS',
  epoch_ms: 'EPOCH_MILLISECOND EPOCH_MILLISECONDS',
};

const PART_OF = new Map(
  Object.entries(PARTS).flatMap(([part, names]) => names.split(' ').map((name) => [name, part] as const)),
);

/** DuckDB's name of a date part. @throws SnowflakeError 002151 for what is none */
export function datePart(name: string): string {
  const part = PART_OF.get(name.toUpperCase());
  if (part !== undefined) return part;
  throw new SnowflakeError('001003', '22023', `SQL compilation error:\n'${name}' is not a valid date/time component.`);
}

export const DAY_PARTS = new Set(['year', 'quarter', 'month', 'week', 'day']);

/** DuckDB interval for `count` of a part. */
export function intervalOf(part: string, count: string): string {
  const whole = `CAST(round(${count}) AS BIGINT)`;
  switch (part) {
    case 'year':
      return `to_years(CAST(${whole} AS INTEGER))`;
    case 'quarter':
      return `to_months(CAST(3 * ${whole} AS INTEGER))`;
    case 'month':
      return `to_months(CAST(${whole} AS INTEGER))`;
    case 'week':
      return `to_days(CAST(7 * ${whole} AS INTEGER))`;
    case 'day':
      return `to_days(CAST(${whole} AS INTEGER))`;
    case 'hour':
      return `to_hours(${whole})`;
    case 'minute':
      return `to_minutes(${whole})`;
    case 'second':
      return `to_seconds(${whole})`;
    case 'millisecond':
      return `to_microseconds(1000 * ${whole})`;
    case 'microsecond':
      return `to_microseconds(${whole})`;
    case 'nanosecond':
      return `to_microseconds(${whole} // 1000)`;
    default:
      throw new SnowflakeError('001003', '22023', `SQL compilation error:\n'${part}' cannot be added to a date.`);
  }
}

/** `1 year, 3 days` as one DuckDB interval; `isDays` when all of it is days or longer, so that a DATE stays one. */
export function intervalLiteral(text: string): { sql: string; isDays: boolean } {
  let isDays = true;
  const parts = text.split(',').map((each) => {
    const found = /^\s*([+-]?\d+)\s*([a-z]*)\s*$/i.exec(each);
    if (found === null)
      throw new SnowflakeError('001003', '22023', `SQL compilation error:\ninvalid interval '${text}'.`);
    const part = datePart(found[2] === '' ? 'second' : (found[2] ?? ''));
    isDays = isDays && DAY_PARTS.has(part);
    return intervalOf(part, found[1] ?? '0');
  });
  return { sql: `(${parts.join(' + ')})`, isDays };
}

const FORMATS: readonly (readonly [string, string])[] = [
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['MMMM', '%B'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['DY', '%a'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['MI', '%M'],
  ['SS', '%S'],
  ['FF9', '%n'],
  ['FF6', '%f'],
  ['FF3', '%g'],
  ['FF', '%n'],
  ['AM', '%p'],
  ['PM', '%p'],
  ['TZHTZM', '%z'],
  ['TZH:TZM', '%z'],
];

/** `YYYY-MM-DD HH24:MI:SS` to `%Y-%m-%d %H:%M:%S`. */
export function strftimeFormat(format: string): string {
  let out = '';
  for (let at = 0; at < format.length; ) {
    if (format[at] === '"') {
      const close = format.indexOf('"', at + 1);
      const end = close === -1 ? format.length : close;
      out += format.slice(at + 1, end).replaceAll('%', '%%');
      at = end + 1;
      continue;
    }
    const rest = format.slice(at).toUpperCase();
    const found = FORMATS.find(([name]) => rest.startsWith(name));
    out += found?.[1] ?? (format[at] === '%' ? '%%' : format[at]);
    at += found?.[0].length ?? 1;
  }
  return out;
}

/** Whether a TO_CHAR format is one for numbers (`999,990.00`) rather than dates. */
export function isNumberFormat(format: string): boolean {
  return /^[FMSfms$,.\s]*[09X][09XDG,.$SMI%E]*$/i.test(format);
}
