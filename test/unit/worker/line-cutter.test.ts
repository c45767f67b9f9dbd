/** Lines out of any cutting of the stream; one that is too long is told of once and costs no memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineCutter } from '../../../src/worker/line-cutter.ts';

function cut(chunks: readonly Buffer[], maxBytes: number) {
  const lines: string[] = [];
  let tooLong = 0;
  const take = createLineCutter(maxBytes, { line: (bytes) => lines.push(String(bytes)), tooLong: () => tooLong++ });
  for (const chunk of chunks) take(chunk);
  return { lines, tooLong };
}

test('lines: however the stream is cut, they come out whole, without empty ones', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.array(fc.nat(40), { minLength: 1 }), (texts, sizes) => {
      const wanted = texts.map((text) => text.replaceAll('\n', ' ')).filter((text) => text !== '');
      const stream = Buffer.from(`${wanted.join('\n')}\n`);
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = 1 + (sizes[i % sizes.length] ?? 0);
        chunks.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(cut(chunks, 1000).lines.map((line) => line)).toEqual(wanted);
    }),
  );
});

test('lines: one over the bound is told of once, whatever follows it is read', () => {
  const chunks = ['ab\n', 'x'.repeat(50), 'x'.repeat(50), 'x\n', 'cd\n', 'y'.repeat(10), '\n'].map((text) =>
    Buffer.from(text),
  );
  expect(cut(chunks, 10)).toEqual({ lines: ['ab', 'cd', 'y'.repeat(10)], tooLong: 1 });
});
