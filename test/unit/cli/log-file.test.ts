/** A log that is rotated at the worst moment. */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { followLines } from '../../../src/cli/log-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** Does something once, just before the next look at a file. */
function beforeNextStat(deed: () => void): void {
  const real = promises.stat;
  const put = (stat: typeof real) => {
    promises.stat = stat;
    syncBuiltinESMExports();
  };
  onTestFinished(() => put(real));
  put(((...words: Parameters<typeof real>) => {
    put(real);
    deed();
    return real(...words);
  }) as typeof real);
}

test('follow: a line written between the last look at the old file and its rotation is not lost', async () => {
  await using dir = tempDir();
  const file = join(dir.path, 'x.log');
  writeFileSync(file, 'a\n');
  beforeNextStat(() => {
    appendFileSync(file, 'last of the old\n');
    renameSync(file, `${file}.1`);
    writeFileSync(file, 'first of the new\n');
  });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const line of followLines(file, 0, stop.signal)) {
    seen.push(line);
    if (line === 'first of the new') stop.abort();
  }
  expect(seen).toEqual(['a', 'last of the old', 'first of the new']);
});
