/**
 * Data types: Snowflake's names to DuckDB's and back, and a result column's type as the driver is told it.
 *
 * DuckDB has one JSON type for VARIANT, OBJECT and ARRAY; what was declared is kept beside the column
 * (catalog/declared.ts). A TIMESTAMP_TZ is a pair (macros-zoned.ts).
 */
import type { EngineColumn } from '../engine.ts';
import { SnowflakeError } from '../errors.ts';
import type { ResultColumn, SnowflakeType } from '../statement.ts';
import { isZonedType, ZONED_TYPE } from './macros-zoned.ts';
import { isGroup, isWord, render, type SqlNode, splitCommas, wordOf } from './nodes.ts';

export interface DataType {
  /** As Snowflake shows it: NUMBER(38,0), VARCHAR(16777216), TIMESTAMP_NTZ(9) ... */
  readonly declared: string;
  readonly duckdb: string;
  readonly family: SnowflakeType;
  readonly length?: number;
}

const INTEGERS = 'INT INTEGER BIGINT SMALLINT TINYINT BYTEINT'.split(' ');
const FLOATS = 'FLOAT FLOAT4 FLOAT8 DOUBLE REAL'.split(' ');
const TEXTS = 'VARCHAR STRING TEXT NVARCHAR NVARCHAR2 CHAR CHARACTER NCHAR'.split(' ');
const TIMESTAMPS: Readonly<Record<string, 'NTZ' | 'LTZ' | 'TZ'>> = {
  TIMESTAMP: 'NTZ',
  DATETIME: 'NTZ',
  TIMESTAMP_NTZ: 'NTZ',
  TIMESTAMPNTZ: 'NTZ',
  TIMESTAMP_LTZ: 'LTZ',
  TIMESTAMPLTZ: 'LTZ',
  TIMESTAMP_TZ: 'TZ',
  TIMESTAMPTZ: 'TZ',
};
export const MAX_TEXT = 16_777_216;
const MAX_BINARY = 8_388_608;

/** Reads a type at `at`: its words and the group behind them. @throws SnowflakeError 002040 for an unknown one. */
export function readType(items: readonly SqlNode[], at: number): { type: DataType; next: number } {
  const word = wordOf(items[at]) ?? '';
  let next = at + 1;
  if (isWord(items[next], 'PRECISION', 'VARYING')) next++;
  let sizes: string[] = [];
  const group = items[next];
  if (isGroup(group)) {
    sizes = splitCommas(group.items).map(render);
    next++;
  }
  return { type: typeOf(word, sizes), next };
}

function typeOf(word: string, sizes: readonly string[]): DataType {
  const first = sizes[0] === undefined ? undefined : wholeNumber(sizes[0]);
  if (['NUMBER', 'NUMERIC', 'DECIMAL', 'DEC'].includes(word)) {
    const precision = first ?? 38;
    const scale = wholeNumber(sizes[1] ?? '0');
    const size = `(${precision},${scale})`;
    return { declared: `NUMBER${size}`, duckdb: `DECIMAL${size}`, family: 'FIXED' };
  }
  if (INTEGERS.includes(word)) return { declared: 'NUMBER(38,0)', duckdb: 'DECIMAL(38,0)', family: 'FIXED' };
  if (FLOATS.includes(word)) return { declared: 'FLOAT', duckdb: 'DOUBLE', family: 'REAL' };
  if (TEXTS.includes(word)) {
    const length = first ?? (/^(CHAR|CHARACTER|NCHAR)$/.test(word) ? 1 : MAX_TEXT);
    return { declared: `VARCHAR(${length})`, duckdb: 'VARCHAR', family: 'TEXT', length };
  }
  const zone = TIMESTAMPS[word];
  if (zone !== undefined) {
    const duckdb = { NTZ: 'TIMESTAMP', LTZ: 'TIMESTAMP WITH TIME ZONE', TZ: ZONED_TYPE }[zone];
    return { declared: `TIMESTAMP_${zone}(${first ?? 9})`, duckdb, family: `TIMESTAMP_${zone}` };
  }
  switch (word) {
    case 'BOOLEAN':
    case 'DATE':
      return { declared: word, duckdb: word, family: word };
    case 'TIME':
      return { declared: `TIME(${first ?? 9})`, duckdb: 'TIME', family: 'TIME' };
    case 'BINARY':
    case 'VARBINARY':
      return { declared: `BINARY(${first ?? MAX_BINARY})`, duckdb: 'BLOB', family: 'BINARY' };
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return { declared: word, duckdb: 'JSON', family: word };
    default:
      throw new SnowflakeError('002040', '42601', `SQL compilation error:\nUnsupported data type '${word}'.`);
  }
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SnowflakeError('001003', '42000', 'SQL compilation error:\nsyntax error in the size of a data type.');
}

const INTEGER_TYPES = /^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$|^BIGNUM$/;

/** What the driver is told of a result column of DuckDB's type. */
export function resultColumn(column: EngineColumn, hint?: SnowflakeType): ResultColumn {
  const { name, type } = column;
  const nullable = true;
  if (isZonedType(type)) return { name, type: 'TIMESTAMP_TZ', nullable, scale: 9 };
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)/.exec(type);
  if (decimal) return { name, type: 'FIXED', nullable, precision: 38, scale: Number(decimal[2]) };
  if (INTEGER_TYPES.test(type)) return { name, type: 'FIXED', nullable, precision: 38, scale: 0 };
  if (type === 'DOUBLE' || type === 'FLOAT') return { name, type: 'REAL', nullable };
  if (type === 'BOOLEAN' || type === 'DATE') return { name, type, nullable };
  if (type === 'TIME' || type === 'TIME_NS') return { name, type: 'TIME', nullable, scale: 9 };
  if (type === 'BLOB') return { name, type: 'BINARY', nullable, length: MAX_BINARY };
  if (type === 'JSON') return { name, type: isJsonHint(hint) ? hint : 'VARIANT', nullable };
  if (/WITH TIME ZONE|^TIMESTAMPTZ/.test(type)) return { name, type: 'TIMESTAMP_LTZ', nullable, scale: 9 };
  if (type.startsWith('TIMESTAMP')) return { name, type: 'TIMESTAMP_NTZ', nullable, scale: 9 };
  if (/\[\d*\]$|^(LIST|ARRAY)/.test(type)) return { name, type: 'ARRAY', nullable };
  if (/^(STRUCT|MAP)/.test(type)) return { name, type: 'OBJECT', nullable };
  return { name, type: 'TEXT', nullable, length: MAX_TEXT };
}

function isJsonHint(hint: SnowflakeType | undefined): hint is 'VARIANT' | 'OBJECT' | 'ARRAY' {
  return hint === 'VARIANT' || hint === 'OBJECT' || hint === 'ARRAY';
}

/** A DuckDB column type as DESCRIBE shows it when nothing was declared, as for the columns of a view. */
export function declaredOf(duckdbType: string): string {
  const column = resultColumn({ name: '', type: duckdbType });
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)/.exec(duckdbType);
  switch (column.type) {
    case 'FIXED':
      return decimal ? `NUMBER(${decimal[1]},${decimal[2]})` : 'NUMBER(38,0)';
    case 'REAL':
      return 'FLOAT';
    case 'TEXT':
      return `VARCHAR(${MAX_TEXT})`;
    case 'BINARY':
      return `BINARY(${MAX_BINARY})`;
    case 'BOOLEAN':
    case 'DATE':
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return column.type;
    default:
      return `${column.type}(9)`;
  }
}
