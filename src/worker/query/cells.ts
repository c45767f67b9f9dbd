/**
 * Cells as JSON: one form per Snowflake type, and nothing lost. Pure; a text that does not fit its type stays a text.
 *
 * | type | form |
 * | --- | --- |
 * | NUMBER, integer | number up to 2^53 - 1 either side of 0, else a string of digits |
 * | NUMBER with decimals | number when a double holds exactly that decimal (trailing zeros aside), else a string |
 * | FLOAT | number; `"NaN"`, `"inf"`, `"-inf"`, `"-0"` |
 * | BOOLEAN | true, false |
 * | DATE | `2026-02-28` |
 * | TIME | `23:59:59.123456789`, the fraction without trailing zeros |
 * | TIMESTAMP_NTZ | `2026-02-28T23:59:59.5` |
 * | TIMESTAMP_LTZ | the instant in UTC: `2026-02-28T22:59:59.5Z` |
 * | TIMESTAMP_TZ | local time and offset: `2026-02-28T23:59:59.5+01:00` |
 * | BINARY | hexadecimal, upper case as Snowflake sends it |
 * | VARIANT, OBJECT, ARRAY, MAP, GEOGRAPHY, VECTOR ... | the JSON text that Snowflake sends, as a string |
 * | TEXT | string |
 * | NULL of any type | null |
 */
import type { Column, RawCell } from '../snowflake/driver.ts';

export type Cell = string | number | boolean | null;
export type ReadCell = (raw: RawCell) => Cell;

/** The reader of a column's cells. */
export function cellReader(column: Pick<Column, 'type' | 'scale'>): ReadCell {
  const read = readerOf(column);
  return (raw) => (raw === null ? null : read(raw));
}

function readerOf({ type, scale = 0 }: Pick<Column, 'type' | 'scale'>): (raw: string) => Cell {
  switch (type) {
    case 'FIXED':
      return scale > 0 ? readDecimal : readInteger;
    case 'REAL':
      return readReal;
    case 'BOOLEAN':
      return readBoolean;
    case 'DATE':
      return dateReader();
    case 'TIME':
      return readTime;
    case 'TIMESTAMP_NTZ':
      return instantReader('');
    case 'TIMESTAMP_LTZ':
      return instantReader('Z');
    case 'TIMESTAMP_TZ':
      return zonedReader();
    default:
      return (raw) => raw;
  }
}

function readInteger(raw: string): Cell {
  const value = Number(raw);
  return Number.isSafeInteger(value) && /^-?\d+$/.test(raw) ? value : raw;
}

/** Fifteen significant digits always survive a double; beyond that the text decides. */
function readDecimal(raw: string): Cell {
  if (!/^-?\d+(?:\.\d+)?$/.test(raw)) return raw;
  const value = Number(raw);
  if (raw.length <= 15) return value;
  const plain = raw.includes('.') ? raw.replace(/\.?0+$/, '') : raw;
  return String(value) === plain ? value : raw;
}

function readReal(raw: string): Cell {
  const value = Number(raw);
  if (!Number.isFinite(value) || raw.trim() === '') return raw;
  // JSON would lose the sign of -0.
  return Object.is(value, -0) ? '-0' : value;
}

function readBoolean(raw: string): Cell {
  if (raw === '1' || raw === 'true' || raw === 'TRUE') return true;
  return raw === '0' || raw === 'false' || raw === 'FALSE' ? false : raw;
}

const DAY_SECONDS = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** Remembers the last day, because neighbouring rows often share it. */
function dayText(): (days: number) => string {
  let lastDays = Number.NaN;
  let lastText = '';
  return (days) => {
    if (days !== lastDays) {
      lastDays = days;
      lastText = civilDate(days);
    }
    return lastText;
  };
}

/** Days since 1970-01-01 as a date of the proleptic Gregorian calendar, years counted from March within 400-year eras. */
function civilDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const yearText = year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
  return `${yearText}-${TWO_DIGITS[month]}-${TWO_DIGITS[day]}`;
}

function dateReader(): (raw: string) => Cell {
  const day = dayText();
  return (raw) => (/^-?\d{1,9}$/.test(raw) ? day(Number(raw)) : raw);
}

/** Whole seconds, rounded down, and the digits after the point of what is left; undefined for another form. */
function splitSeconds(text: string): { seconds: number; fraction: string } | undefined {
  const point = text.indexOf('.');
  const whole = point === -1 ? text : text.slice(0, point);
  const digits = point === -1 ? '' : text.slice(point + 1).replace(/0+$/, '');
  if (!/^-?\d{1,15}$/.test(whole) || !/^\d{0,9}$/.test(digits)) return undefined;
  const seconds = Number(whole);
  if (digits === '' || !whole.startsWith('-')) return { seconds, fraction: digits };
  const rest = String(10 ** digits.length - Number(digits)).padStart(digits.length, '0');
  return { seconds: seconds - 1, fraction: rest };
}

function clockText(secondsOfDay: number, fraction: string): string {
  const hours = Math.floor(secondsOfDay / 3600);
  const minutes = Math.floor((secondsOfDay - hours * 3600) / 60);
  const text = `${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes]}:${TWO_DIGITS[secondsOfDay - hours * 3600 - minutes * 60]}`;
  return fraction === '' ? text : `${text}.${fraction}`;
}

function readTime(raw: string): Cell {
  const parts = splitSeconds(raw);
  if (parts === undefined || parts.seconds < 0 || parts.seconds >= DAY_SECONDS) return raw;
  return clockText(parts.seconds, parts.fraction);
}

function momentText(day: (days: number) => string, seconds: number, fraction: string): string {
  const days = Math.floor(seconds / DAY_SECONDS);
  return `${day(days)}T${clockText(seconds - days * DAY_SECONDS, fraction)}`;
}

function instantReader(suffix: '' | 'Z'): (raw: string) => Cell {
  const day = dayText();
  return (raw) => {
    const parts = splitSeconds(raw);
    return parts === undefined ? raw : `${momentText(day, parts.seconds, parts.fraction)}${suffix}`;
  };
}

/** `epoch.fraction offset`, the offset in minutes plus 1440. */
function zonedReader(): (raw: string) => Cell {
  const day = dayText();
  return (raw) => {
    const space = raw.indexOf(' ');
    const parts = splitSeconds(raw.slice(0, Math.max(0, space)));
    const index = raw.slice(space + 1);
    if (parts === undefined || !/^\d{1,4}$/.test(index) || Number(index) > 2880) return raw;
    const minutes = Number(index) - 1440;
    const [sign, away] = minutes < 0 ? ['-', -minutes] : ['+', minutes];
    const offset = `${sign}${TWO_DIGITS[Math.floor(away / 60)]}:${TWO_DIGITS[away % 60]}`;
    return `${momentText(day, parts.seconds + minutes * 60, parts.fraction)}${offset}`;
  };
}
