import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from '../../../src/primary/line-reader.ts';

async function linesOf(chunks: readonly (string | Buffer)[], maxLength = 10): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, maxLength, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}

test('line reader: lines are put together over chunks, empty ones and a last one without an end included', async () => {
  expect(await linesOf(['a', 'b\nc\n', '\nd'])).toEqual(['ab', 'c', '', 'd']);
  expect(await linesOf(['a\n'])).toEqual(['a']);
  expect(await linesOf([])).toEqual([]);
});

test('line reader: a line that is too long loses its end, the next one is whole', async () => {
  expect(await linesOf(['0123456789abc', 'def\nxyz\n'])).toEqual(['0123456789', 'xyz']);
});

test('line reader: a character that is split between chunks stays whole', async () => {
  const bytes = Buffer.from('é\n');
  expect(await linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['é']);
});
