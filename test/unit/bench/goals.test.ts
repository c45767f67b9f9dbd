/** Every row of what has to be reached is measured by a bench, and by the run that is to show all of them. */
import { expect, test } from 'vitest';
import { BENCHES, LEFT_OUT } from '../../../bench/benches.ts';
import type { Finding } from '../../../bench/finding.ts';
import { GOALS, goalsNotShown } from '../../../bench/goals.ts';
import { summaryRows } from '../../../bench/results.ts';

const finding = (what: string): Finding => ({
  what,
  ours: '1 ms',
  theirs: '2 ms',
  ratio: '0.50 x',
  target: '<= 1 x',
  isMet: true,
});

test('goals: each has a bench that exists and that the quick run does not leave out', () => {
  for (const { bench } of GOALS) {
    expect(Object.keys(BENCHES)).toContain(bench);
    expect(LEFT_OUT.quick).not.toContain(bench);
  }
});

test('goals: one that no finding shows is named, whatever else was measured', () => {
  const all = goalsNotShown(new Map());
  expect(all).toHaveLength(GOALS.length);
  const shown = goalsNotShown(new Map([['soak', [finding('soak, unexpected errors, 10 min')]]]));
  expect(shown).toHaveLength(GOALS.length - 1);
  expect(shown.map(({ bench }) => bench)).not.toContain('soak');
});

test('goals: the summary has a row for each finding that shows one, and none for the others', () => {
  const found = new Map([['soak', [finding('soak, unexpected errors, 10 min'), finding('something else')]]]);
  const { rows } = summaryRows(found);
  expect(rows).toEqual([['soak', 'soak, unexpected errors, 10 min', '<= 1 x', '0.50 x', 'met']]);
});
