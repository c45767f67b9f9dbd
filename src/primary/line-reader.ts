/** Cuts what a stream brings into lines; longer ones lose their end. A last line without an end counts as one. */
import type { Readable } from 'node:stream';

export function readLines(stream: Readable, maxLength: number, onLine: (line: string) => void): void {
  let line = '';
  let isEmpty = true;
  const take = (part: string) => {
    if (part !== '') isEmpty = false;
    if (line.length < maxLength) line += part.slice(0, maxLength - line.length);
  };
  const endLine = () => {
    onLine(line);
    line = '';
    isEmpty = true;
  };
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      take(chunk.slice(from, end));
      endLine();
      from = end + 1;
    }
    take(chunk.slice(from));
  });
  stream.once('end', () => {
    if (!isEmpty) endLine();
  });
}
