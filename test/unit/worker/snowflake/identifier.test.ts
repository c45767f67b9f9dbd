import { expect, test } from 'vitest';
import { quoteIdentifier, resolveIdentifier } from '../../../../src/worker/snowflake/identifier.ts';

test.each([
  ['orders', 'ORDERS'],
  ['Orders_2$', 'ORDERS_2$'],
  ['"orders"', 'orders'],
  ['"a""b"', 'a"b'],
  ['my table', 'my table'],
  ['a.b', 'a.b'],
  ['1st', '1st'],
  ['"half', '"half'],
  ['größe', 'größe'],
])('identifier: a caller who writes %j means %j', (written, exact) => {
  expect(resolveIdentifier(written)).toBe(exact);
});

test('identifier: quoting leaves no way out of the quotes', () => {
  expect(quoteIdentifier('x"; DROP TABLE T; --')).toBe('"x""; DROP TABLE T; --"');
});
