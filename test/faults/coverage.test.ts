/** Every case of the list is proved where it says, or says why not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/process.ts';
import { CASES } from './cases.ts';

const SKIPPED_MAX = 4;

/** Test files by the faults that the names of their tests carry. */
function taggedFiles(): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const name of readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts') || name.endsWith('coverage.test.ts')) continue;
    const path = join(ROOT, 'test', name);
    for (const [, id] of readFileSync(path, 'utf8').matchAll(/\[fault (\d+)\]/g)) {
      const files = found.get(Number(id)) ?? new Set();
      found.set(Number(id), files.add(relative(ROOT, path)));
    }
  }
  return found;
}

test('faults: the list has 63 cases, numbered in order', () => {
  expect(CASES.map(({ id }) => id)).toEqual(Array.from({ length: 63 }, (_, at) => at + 1));
});

test('faults: each case is proved by tests with its number, in the files it names and no others', () => {
  const tagged = taggedFiles();
  const listed = new Map(CASES.map(({ id, where }) => [id, [...where].sort()]));
  expect(new Map([...tagged].sort(([a], [b]) => a - b).map(([id, files]) => [id, [...files].sort()]))).toEqual(
    new Map([...listed].filter(([, where]) => where.length > 0)),
  );
});

test('faults: a case without a test says why, and there are few of them', () => {
  const unproved = CASES.filter(({ where }) => where.length === 0);
  expect(unproved.filter(({ skipped = '' }) => skipped === '')).toEqual([]);
  expect(CASES.filter(({ skipped }) => skipped !== undefined).length).toBeLessThanOrEqual(SKIPPED_MAX);
});
