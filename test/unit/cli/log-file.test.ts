/** A log that is rotated at the worst moment. */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { followLines } from '../../../src/cli/log-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

const beforeStat = vi.hoisted(() => ({ next: (): void => {} }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const stat = (path: string) => {
    beforeStat.next();
    return real.stat(path);
  };
  return { ...real, stat };
});

test('follow: a line written between the last look at the old file and its rotation is not lost', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'x.log');
  writeFileSync(file, 'a\n');
  beforeStat.next = () => {
    beforeStat.next = () => {};
    appendFileSync(file, 'last of the old\n');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'first of the new\n');
  };
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const line of followLines(file, 0, stop.signal)) {
    seen.push(line);
    if (line === 'first of the new') stop.abort();
  }
  expect(seen).toEqual(['a', 'last of the old', 'first of the new']);
});
