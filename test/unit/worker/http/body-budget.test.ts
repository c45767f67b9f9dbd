import { expect, test } from 'vitest';
import { BodyBudget } from '../../../../src/worker/http/body-budget.ts';

const KB = 1024;

test('bodies: small ones always pass, large ones while there is room, and one alone whatever its size', () => {
  const budget = new BodyBudget(300 * KB);
  const [one, two, three, small] = [budget.open(), budget.open(), budget.open(), budget.open()];
  expect([one.grow(400 * KB), two.grow(64 * KB), two.grow(KB)]).toEqual([true, true, false]);
  expect(small.grow(64 * KB)).toBe(true);
  one.release();
  expect([two.grow(100 * KB), three.grow(200 * KB)]).toEqual([true, false]);
  two.release();
  two.release();
  expect(three.grow(KB)).toBe(true);
});
