/**
 * DuckDB values to the text the driver expects in a cell.
 *
 * One encoder is chosen per column, not per cell, and long results are encoded in slices so that other sessions are
 * answered meanwhile. The forms: FIXED as decimal text, DATE as days, times as "seconds.nnnnnnnnn", TIMESTAMP_TZ with
 * its offset + 1440 minutes, BINARY as upper-case hex, semi-structured values as JSON text.
 */
import type { EngineResult } from '../engine.ts';
import type { ResultColumn } from '../statement.ts';

export type CellEncoder = (value: unknown) => string | null;

const SLICE_ROWS = 5_000;

export async function encodeRows(result: EngineResult, columns: readonly ResultColumn[]): Promise<(string | null)[][]> {
  const encoders = columns.map((column, at) => encoderOf(column, result.columns[at]?.type ?? ''));
  const rows: (string | null)[][] = [];
  for (let from = 0; from < result.rows.length; from += SLICE_ROWS) {
    if (from > 0) await new Promise((resume) => setImmediate(resume));
    for (const row of result.rows.slice(from, from + SLICE_ROWS)) {
      const cells: (string | null)[] = new Array(encoders.length);
      for (let at = 0; at < encoders.length; at++) cells[at] = encoders[at]?.(row[at]) ?? null;
      rows.push(cells);
    }
  }
  return rows;
}

/** The encoder for a column of Snowflake's type that DuckDB gives as `duckdbType`. */
export function encoderOf(column: ResultColumn, duckdbType: string): CellEncoder {
  const encode = plainEncoder(column, duckdbType);
  return (value) => (value === null || value === undefined ? null : encode(value));
}

function plainEncoder(column: ResultColumn, duckdbType: string): (value: unknown) => string {
  switch (column.type) {
    case 'FIXED':
      return duckdbType.startsWith('DECIMAL') ? decimalText : String;
    case 'REAL':
      return realText;
    case 'BOOLEAN':
      return (value) => (value === true ? '1' : '0');
    case 'DATE':
      return (value) => String(fieldOf(value, 'days'));
    case 'TIME':
      return duckdbType === 'TIME_NS'
        ? (value) => epochText(bigOf(fieldOf(value, 'nanos')), 9)
        : (value) => epochText(bigOf(fieldOf(value, 'micros')), 6);
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
      return timestampEncoder(duckdbType);
    case 'TIMESTAMP_TZ':
      return zonedText;
    case 'BINARY':
      return (value) => Buffer.from(bytesOf(value)).toString('hex').toUpperCase();
    default:
      return textOf;
  }
}

/** DuckDB's decimals are a whole number and a scale. */
function decimalText(value: unknown): string {
  const scale = Number(fieldOf(value, 'scale'));
  const whole = String(fieldOf(value, 'value'));
  if (scale === 0) return whole;
  const sign = whole.startsWith('-') ? '-' : '';
  const digits = whole.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function realText(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The pair of macros-zoned.ts. */
function zonedText(value: unknown): string {
  const pair = fieldOf(value, 'entries');
  const micros = bigOf(fieldOf(fieldOf(pair, 'sf_utc'), 'micros'));
  return `${epochText(micros, 6)} ${1440 + Number(fieldOf(pair, 'sf_min'))}`;
}

function timestampEncoder(duckdbType: string): (value: unknown) => string {
  if (duckdbType === 'TIMESTAMP_S') return (value) => epochText(bigOf(fieldOf(value, 'seconds')), 0);
  if (duckdbType === 'TIMESTAMP_MS') return (value) => epochText(bigOf(fieldOf(value, 'millis')), 3);
  if (duckdbType === 'TIMESTAMP_NS') return (value) => epochText(bigOf(fieldOf(value, 'nanos')), 9);
  return (value) => epochText(bigOf(fieldOf(value, 'micros')), 6);
}

/** `count` units of 10^-digits seconds as "seconds.nnnnnnnnn"; below zero the sign stands before the whole. */
function epochText(count: bigint, digits: number): string {
  const isNegative = count < 0n;
  const text = String(isNegative ? -count : count).padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${isNegative ? '-' : ''}${text.slice(0, cut)}.${text.slice(cut).padEnd(9, '0')}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)) {
    return `[${value.items.map(jsonOf).join(',')}]`;
  }
  return String(value);
}

function jsonOf(value: unknown): string {
  if (value === null || value === undefined) return 'undefined';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && 'items' in value) return textOf(value);
  return JSON.stringify(String(value));
}

function fieldOf(value: unknown, field: string): unknown {
  return (value as Record<string, unknown>)[field];
}

function bigOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number(value));
}

function bytesOf(value: unknown): Uint8Array {
  const bytes = fieldOf(value, 'bytes') ?? value;
  return bytes instanceof Uint8Array ? bytes : Buffer.from(String(bytes));
}
