/** The lines of a text file or of one that gzip has packed, whatever its size; what a line has beyond a bound is dropped. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const LINE_MAX = 64 * 1024;

/** @throws Error when it cannot be read, or to its end */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file);
  const unpacked: Readable = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  try {
    for await (const chunk of unpacked.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = (lines.pop() ?? '').slice(0, LINE_MAX);
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    raw.destroy();
    unpacked.destroy();
  }
}
