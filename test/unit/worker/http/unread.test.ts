import { expect, test } from 'vitest';
import { UnreadBudget } from '../../../../src/worker/http/unread.ts';

function answers(budget: UnreadBudget, sizes: readonly number[], isMany = false) {
  const cut: number[] = [];
  const done = sizes.map((bytes, at) =>
    budget.add({ unread: () => bytes, hasMany: () => isMany, cut: () => cut.push(at) }),
  );
  return { cut, done };
}

test('unread: over the bound the largest that still wait at the next look are cut, until the rest fits', () => {
  const budget = new UnreadBudget(100);
  const { cut } = answers(budget, [30, 80, 0, 60]);
  budget.look();
  expect(cut).toEqual([]);
  budget.look();
  expect(cut).toEqual([1]);
  budget.look();
  expect(cut).toEqual([1]);
});

test('unread: what came since the last look is left alone, and so is the last one', () => {
  const budget = new UnreadBudget(100);
  const { cut } = answers(budget, [70, 90]);
  budget.look();
  answers(budget, [500]);
  budget.look();
  expect(cut).toEqual([1, 0]);
});

test('unread: an answer that is over counts no more', () => {
  const budget = new UnreadBudget(100);
  const { cut, done } = answers(budget, [90, 90]);
  done[0]?.();
  budget.look();
  budget.look();
  expect(cut).toEqual([]);
});

test('unread: several answers on one connection are too much also when it is alone', () => {
  const budget = new UnreadBudget(100);
  const { cut } = answers(budget, [300], true);
  budget.look();
  budget.look();
  expect(cut).toEqual([0]);
});
