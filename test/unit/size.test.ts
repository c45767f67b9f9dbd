/** Keeps files readable: none over 350 lines, the median near 120. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const sizes = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, lines: readFileSync(`${SRC}${file}`, 'utf8').split('\n').length - 1 }));

test('size: no source file is longer than 350 lines', () => {
  expect(sizes.filter(({ lines }) => lines > 350)).toEqual([]);
});

test('size: the median source file has at most 150 lines', () => {
  const sorted = sizes.map(({ lines }) => lines).sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(150);
});
