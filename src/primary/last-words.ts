/**
 * The end of what a process printed to its standard error: what a person needs to see when it died without a message.
 * Stack lines and Node's version are left out; secrets are taken out.
 */
import type { Readable } from 'node:stream';
import { redact } from '../shared/redact.ts';

const KEPT_CHARACTERS = 4000;
const LINES = 3;
const LINE_MAX = 300;
const NOISE = [
  /^\s*at\s/,
  /^Node\.js v/,
  /^\s*\^+\s*$/,
  /^\s*\d+: 0x/,
  /^-+ .* -+$/,
  /^<---.*--->$/,
  /^\[\d+:0x/,
  /^\s*$/,
];

/** @returns a function that tells them so far, in one line */
export function createLastWords(stream: Readable | undefined): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer | string) => {
    text = (text + chunk.toString()).slice(-KEPT_CHARACTERS);
  });
  return () => {
    const lines = text.split('\n').filter((line) => !NOISE.some((noise) => noise.test(line)));
    return String(
      redact(
        lines
          .slice(-LINES)
          .map((line) => line.trim().slice(0, LINE_MAX))
          .join(' | '),
      ),
    );
  };
}
