/** Every Snowflake type through the real driver: the value, NULL, the type's name and the text form. */
import type { Connection } from 'snowflake-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, HOME, login, logout, run, startTestEmbedded } from '../../support/embedded-driver.ts';

let embedded: Embedded;
let connection: Connection;

beforeAll(async () => {
  embedded = await startTestEmbedded();
  // Otherwise the driver gives the text 'NULL' for a TIME that is NULL.
  connection = await login(embedded.url, { password: embedded.password, ...HOME, representNullAsStringNull: false });
});

afterAll(async () => {
  await logout(connection);
  await embedded.close();
});

const TYPES: readonly (readonly [type: string, wire: string, sql: string, value: unknown])[] = [
  ['NUMBER(10,0)', 'fixed', '42', 42],
  ['NUMBER(38,0)', 'fixed', '-9007199254740991', -9007199254740991],
  ['NUMBER(10,2)', 'fixed', '-1.50', -1.5],
  ['FLOAT', 'real', '1.25', 1.25],
  ['VARCHAR', 'text', "'a ''quoted'' é text'", "a 'quoted' é text"],
  ['BOOLEAN', 'boolean', 'TRUE', true],
  ['BOOLEAN', 'boolean', 'FALSE', false],
  ['DATE', 'date', "'2024-02-29'", new Date('2024-02-29T00:00:00Z')],
  ['DATE', 'date', "'1969-12-31'", new Date('1969-12-31T00:00:00Z')],
  ['TIME', 'time', "'23:59:58'", '23:59:58'],
  ['TIMESTAMP_NTZ', 'timestamp_ntz', "'2024-02-29 12:34:56.789'", new Date('2024-02-29T12:34:56.789Z')],
  ['TIMESTAMP_NTZ', 'timestamp_ntz', "'1960-01-02 03:04:05.500'", new Date('1960-01-02T03:04:05.500Z')],
  ['TIMESTAMP_LTZ', 'timestamp_ltz', "'2024-02-29 12:34:56'", new Date('2024-02-29T12:34:56Z')],
  ['TIMESTAMP_TZ', 'timestamp_tz', "'2024-02-29 12:34:56+00:00'", new Date('2024-02-29T12:34:56Z')],
  ['BINARY', 'binary', "TO_BINARY('CAFE00', 'HEX')", Buffer.from('cafe00', 'hex')],
  ['VARIANT', 'variant', `PARSE_JSON('{"a":[1,null,"x"]}')`, { a: [1, null, 'x'] }],
  ['OBJECT', 'object', "OBJECT_CONSTRUCT('k', 1)", { k: 1 }],
  ['ARRAY', 'array', "ARRAY_CONSTRUCT(1, 'x')", [1, 'x']],
];

test.each(TYPES)('types: %s (%s) from %s comes back as the value it was', async (type, wire, sql, value) => {
  const { rows, statement } = await run(connection, `SELECT ${sql}::${type} AS v`);
  expect(plain(rows[0]?.V)).toEqual(plain(value));
  expect(statement.getColumns()?.[0]?.getType()).toBe(wire);
});

test.each([...new Set(TYPES.map(([type]) => type))])('types: NULL of %s comes back as null', async (type) => {
  const { rows } = await run(connection, `SELECT NULL::${type} AS v UNION ALL SELECT NULL`);
  expect(rows).toEqual([{ V: null }, { V: null }]);
});

test('types: a number of 38 digits keeps every digit as text', async () => {
  const digits = '12345678901234567890123456789012345678';
  const { rows } = await run(connection, `SELECT ${digits}::NUMBER(38,0) AS v`, { fetchAsString: ['Number'] });
  expect(rows).toEqual([{ V: digits }]);
});

test('types: a decimal keeps its scale as text', async () => {
  const { rows } = await run(connection, 'SELECT 1.5::NUMBER(12,4) AS v', { fetchAsString: ['Number'] });
  expect(rows).toEqual([{ V: '1.5000' }]);
});

test('types: binds of every kind the driver has arrive as they were', async () => {
  const binds = [1, 1.5, 'text', true, null] as const;
  const { rows } = await run(connection, 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e', { binds: [...binds] });
  expect(rows).toEqual([{ A: 1, B: 1.5, C: 'text', D: true, E: null }]);
});

test('types: describe-only tells the columns and runs nothing', async () => {
  await run(connection, 'CREATE OR REPLACE TEMPORARY TABLE described (id INT, name VARCHAR)');
  const { rows, statement } = await run(connection, 'SELECT id, name FROM described', { describeOnly: true });
  expect(rows).toEqual([]);
  expect(statement.getColumns()?.map((column) => [column.getName(), column.getType()])).toEqual([
    ['ID', 'fixed'],
    ['NAME', 'text'],
  ]);
});

/** The driver's dates are Date objects with more methods and its buffers have a toString of their own. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return Buffer.isBuffer(value) ? value.toJSON() : value;
}
