/**
 * DuckDB values to the driver's cells, and DuckDB types to the driver's column types.
 */
import { expect, test } from 'vitest';
import { encodeRows, encoderOf } from '../../../src/embedded/sql/encode.ts';
import { ZONED_TYPE } from '../../../src/embedded/sql/macros-zoned.ts';
import { declaredOf, resultColumn } from '../../../src/embedded/sql/types.ts';

const encode = (type: string, value: unknown, hint?: 'TIMESTAMP_TZ') =>
  encoderOf(resultColumn({ name: 'C', type }, hint), type)(value);

test.each([
  ['INTEGER', 42, '42'],
  ['HUGEINT', 12345678901234567890123456789012345678n, '12345678901234567890123456789012345678'],
  ['DECIMAL(38,2)', { width: 38, scale: 2, value: -5n }, '-0.05'],
  ['DECIMAL(10,0)', { width: 10, scale: 0, value: 7n }, '7'],
  ['DECIMAL(38,38)', { width: 38, scale: 38, value: 1n }, `0.${'0'.repeat(37)}1`],
  ['DOUBLE', 1.5, '1.5'],
  ['DOUBLE', Number.POSITIVE_INFINITY, 'inf'],
  ['DOUBLE', Number.NEGATIVE_INFINITY, '-inf'],
  ['DOUBLE', Number.NaN, 'NaN'],
  ['DOUBLE', -0, '-0'],
  ['DOUBLE', 0, '0'],
  ['BOOLEAN', true, '1'],
  ['BOOLEAN', false, '0'],
  ['DATE', { days: -1 }, '-1'],
  ['TIME', { micros: 3_723_000_001n }, '3723.000001000'],
  ['TIMESTAMP', { micros: 1_704_067_200_123_456n }, '1704067200.123456000'],
  ['TIMESTAMP', { micros: -1_500_000n }, '-1.500000000'],
  ['TIMESTAMP_NS', { nanos: 1_000_000_001n }, '1.000000001'],
  ['TIMESTAMP WITH TIME ZONE', { micros: 0n }, '0.000000000'],
  ['BLOB', { bytes: new Uint8Array([0xde, 0xad]) }, 'DEAD'],
  ['VARCHAR', 'text', 'text'],
  ['JSON', '{"a":1}', '{"a":1}'],
  ['INTEGER[]', { items: [1, 2] }, '[1,2]'],
  ['VARCHAR', null, null],
])('encode: %s %o', (type, value, cell) => {
  expect(encode(type, value)).toBe(cell);
});

test('encode: a TIMESTAMP_TZ carries its offset plus 1440 minutes', () => {
  const pair = { entries: { sf_utc: { micros: 1_000_000n }, sf_min: -90 } };
  expect(encode(ZONED_TYPE, pair)).toBe('1.000000000 1350');
});

test('encode: rows of several slices keep their order and their number', async () => {
  const rows = Array.from({ length: 12_001 }, (_, at) => [at]);
  const encoded = await encodeRows({ columns: [{ name: 'N', type: 'INTEGER' }], rows, rowsChanged: 0 }, [
    resultColumn({ name: 'N', type: 'INTEGER' }),
  ]);
  expect(encoded.length).toBe(12_001);
  expect([encoded[0], encoded[5_000], encoded[12_000]]).toEqual([['0'], ['5000'], ['12000']]);
});

test.each([
  ['BIGINT', 'NUMBER(38,0)'],
  ['DECIMAL(12,2)', 'NUMBER(12,2)'],
  ['DOUBLE', 'FLOAT'],
  ['VARCHAR', 'VARCHAR(16777216)'],
  ['JSON', 'VARIANT'],
  ['TIMESTAMP', 'TIMESTAMP_NTZ(9)'],
  ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_LTZ(9)'],
  ['BLOB', 'BINARY(8388608)'],
])('types: %s is declared as %s', (duckdb, snowflake) => {
  expect(declaredOf(duckdb)).toBe(snowflake);
});
