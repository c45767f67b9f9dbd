import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLastWords } from '../../../src/primary/last-words.ts';

test('last words: what is said, without the stack and the version', () => {
  const stream = new PassThrough();
  const words = createLastWords(stream);
  stream.write('starting\nfile:///x.js:3\n  throw new Error("no");\n  ^\n\nError: no such mod');
  stream.write('ule\n    at main (file:///x.js:3:9)\n    at node:internal\n\nNode.js v20.20.2\n');
  expect(words()).toBe('file:///x.js:3 | throw new Error("no"); | Error: no such module');
});

test('last words: bounded, and empty when nothing was said', () => {
  const stream = new PassThrough();
  const words = createLastWords(stream);
  expect(words()).toBe('');
  expect(createLastWords(undefined)()).toBe('');
  stream.write('x'.repeat(100_000));
  expect(words().length).toBeLessThanOrEqual(300);
});
