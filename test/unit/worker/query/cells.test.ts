import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellReader } from '../../../../src/worker/query/cells.ts';

const read = (type: string, raw: string, scale?: number) =>
  cellReader({ type, ...(scale === undefined ? {} : { scale }) })(raw);

test.each([
  ['FIXED', 0, '0', 0],
  ['FIXED', 0, '-42', -42],
  ['FIXED', 0, '9007199254740991', 9007199254740991],
  ['FIXED', 0, '-9007199254740991', -9007199254740991],
  ['FIXED', 0, '9007199254740992', '9007199254740992'],
  ['FIXED', 0, '99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
  ['FIXED', 2, '1.50', 1.5],
  ['FIXED', 2, '-0.05', -0.05],
  ['FIXED', 2, '100.00', 100],
  ['FIXED', 10, '0.0000000001', 1e-10],
  ['FIXED', 2, '123456789012345.67', 123456789012345.67],
  ['FIXED', 2, '12345678901234567.89', '12345678901234567.89'],
  ['FIXED', 20, '0.12345678901234567890', '0.12345678901234567890'],
  ['FIXED', 2, '1e5', '1e5'],
  ['REAL', undefined, '1.5', 1.5],
  ['REAL', undefined, '1.7976931348623157e+308', Number.MAX_VALUE],
  ['REAL', undefined, 'NaN', 'NaN'],
  ['REAL', undefined, '-0', '-0'],
  ['REAL', undefined, '-0.0', '-0'],
  ['REAL', undefined, '-0e0', '-0'],
  ['REAL', undefined, 'inf', 'inf'],
  ['REAL', undefined, '-inf', '-inf'],
  ['REAL', undefined, '', ''],
  ['BOOLEAN', undefined, '1', true],
  ['BOOLEAN', undefined, '0', false],
  ['BOOLEAN', undefined, 'maybe', 'maybe'],
  ['DATE', undefined, '0', '1970-01-01'],
  ['DATE', undefined, '-1', '1969-12-31'],
  ['DATE', undefined, '11016', '2000-02-29'],
  ['DATE', undefined, '-719162', '0001-01-01'],
  ['DATE', undefined, '2932896', '9999-12-31'],
  ['DATE', undefined, 'soon', 'soon'],
  ['TIME', 9, '0.000000000', '00:00:00'],
  ['TIME', 9, '86399.999999999', '23:59:59.999999999'],
  ['TIME', 9, '86400', '86400'],
  ['TIMESTAMP_NTZ', 9, '1365148923.123456789', '2013-04-05T08:02:03.123456789'],
  ['TIMESTAMP_NTZ', 9, '-0.500000000', '1969-12-31T23:59:59.5'],
  ['TIMESTAMP_NTZ', 9, '-1.000000001', '1969-12-31T23:59:58.999999999'],
  ['TIMESTAMP_NTZ', 0, '-86400', '1969-12-31T00:00:00'],
  ['TIMESTAMP_LTZ', 3, '1365148923.120', '2013-04-05T08:02:03.12Z'],
  ['TIMESTAMP_TZ', 9, '1365148923.500000000 1500', '2013-04-05T09:02:03.5+01:00'],
  ['TIMESTAMP_TZ', 9, '0.000000000 1110', '1969-12-31T18:30:00-05:30'],
  ['TIMESTAMP_TZ', 9, '0.000000000 1440', '1970-01-01T00:00:00+00:00'],
  ['TIMESTAMP_TZ', 9, '0.000000000', '0.000000000'],
  ['BINARY', undefined, '00FF', '00FF'],
  ['VARIANT', undefined, '{ "a": 1.0 }', '{ "a": 1.0 }'],
  ['TEXT', undefined, '1', '1'],
  ['A_TYPE_OF_TOMORROW', undefined, 'x', 'x'],
])('cells: %s (scale %s) %j is %j', (type, scale, raw, expected) => {
  expect(read(type, raw, scale)).toBe(expected);
});

test('cells: NULL of any type is null', () => {
  for (const type of ['FIXED', 'DATE', 'TIMESTAMP_TZ', 'VARIANT', 'TEXT'])
    expect(cellReader({ type })(null)).toBeNull();
});

test('cells: a decimal is a number only when the number is that decimal', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      fc.integer({ min: 1, max: 12 }),
      (digits, scale) => {
        const sign = digits < 0n ? '-' : '';
        const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
        const raw = `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
        const cell = read('FIXED', raw, scale);
        if (typeof cell === 'string') expect(cell).toBe(raw);
        else expect(BigInt(Number(cell).toFixed(scale).replace('.', ''))).toBe(digits);
      },
    ),
  );
});

test('cells: dates and instants agree with the calendar of the platform', () => {
  const [date, instant] = [cellReader({ type: 'DATE' }), cellReader({ type: 'TIMESTAMP_LTZ' })];
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
      const expected = new Date(seconds * 1000).toISOString();
      expect(instant(`${seconds}.000000000`)).toBe(`${expected.slice(0, 19)}Z`);
      expect(date(String(Math.floor(seconds / 86_400)))).toBe(expected.slice(0, 10));
    }),
  );
});

test('cells: no text of any type makes a reader throw', () => {
  const types = [
    'FIXED',
    'REAL',
    'BOOLEAN',
    'DATE',
    'TIME',
    'TIMESTAMP_NTZ',
    'TIMESTAMP_LTZ',
    'TIMESTAMP_TZ',
    'VARIANT',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.integer({ min: 0, max: 9 }), fc.string(), (type, scale, raw) => {
      read(type, raw, scale);
    }),
  );
});
