import { expect, test } from 'vitest';
import { readObjectPattern } from '../../../../src/shared/config/object-pattern.ts';

const matches = (pattern: string, name: readonly [string, string, string]) =>
  readObjectPattern(pattern)?.parts.every((part, at) => part.test(name[at] ?? ''));

test.each([
  ['SALES.PUBLIC.ORDERS', ['SALES', 'PUBLIC', 'ORDERS'], true],
  ['sales.public.orders', ['SALES', 'PUBLIC', 'ORDERS'], true],
  ['sales.public.orders', ['SALES', 'PUBLIC', 'orders'], false],
  ['SALES', ['SALES', 'ANY', 'any thing'], true],
  ['SALES.PUBLIC', ['SALES', 'HR', 'T'], false],
  ['*.*.PII_*', ['A', 'B', 'PII_NAMES'], true],
  ['*.*.PII_*', ['A', 'B', 'XPII_NAMES'], false],
  ['*.*.*X*', ['A', 'B', 'aXb\nc'], true],
  ['a."b.c"."d*"', ['A', 'b.c', 'd*'], true],
  ['a."b.c"."d*"', ['A', 'b.c', 'dd'], false],
  ['A$.B_1.C', ['A$', 'B_1', 'C'], true],
  ['A.B."say ""x"""', ['A', 'B', 'say "x"'], true],
] as const)('object pattern: %s and %j: %s', (pattern, name, isMatch) => {
  expect(matches(pattern, name)).toBe(isMatch);
});

test.each(['', '.', 'a.', '.a', 'a..b', 'a.b.c.d', 'a b', 'a.b;c', '"a', 'a."', '1a', "a'b"])(
  'object pattern: %j is none',
  (written) => {
    expect(readObjectPattern(written)).toBeUndefined();
  },
);
