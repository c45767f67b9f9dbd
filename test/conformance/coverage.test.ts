/** Every requirement of the manifest has a test, and each is told with where it stands. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addressOf, REQUIREMENTS, type RequirementId } from './requirements.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The ids that test files hand to `verifies`; names of others do not compile. */
function verified(): Set<string> {
  const texts = readdirSync(HERE)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${HERE}${file}`, 'utf8'));
  const lists = texts.flatMap((text) => [...text.matchAll(/\bverifies\(\s*\[([^\]]*)\]/g)].map(([, ids = '']) => ids));
  return new Set(lists.flatMap((ids) => [...ids.matchAll(/'([^']+)'/g)].map(([, id = '']) => id)));
}

const ids = Object.keys(REQUIREMENTS) as RequirementId[];

test('requirements: each has a test', () => {
  const done = verified();
  expect(ids.filter((id) => !done.has(id))).toEqual([]);
});

test('requirements: there are at least 60, over both revisions, each with an address', () => {
  expect(ids.length).toBeGreaterThanOrEqual(60);
  for (const id of ids) {
    expect(id.startsWith(REQUIREMENTS[id].revision.slice(2, 4))).toBe(true);
    expect(URL.canParse(addressOf(id))).toBe(true);
  }
});
