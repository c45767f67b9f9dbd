import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LOG_LINE_MAX_BYTES, LOG_PIPE_MAX_BYTES } from '../../../src/shared/log-pipe.ts';
import { createLogPipeWriter } from '../../../src/worker/log-pipe-writer.ts';

function pipe(isStuck = false) {
  const taken: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk.toString());
      if (!isStuck) done();
    },
  });
  return { stream, taken };
}

test('log pipe: lines carry their mark, and one line stays one line', async () => {
  const { stream, taken } = pipe();
  const writer = createLogPipeWriter(stream);
  writer.log.write('{"a":1}\n');
  writer.audit.write('two\nlines\n');
  await writer.flush(100);
  expect(taken.join('')).toEqual(['l{"a":1}\n', 'atwo lines\n'].join(''));
  expect(writer.dropped()).toBe(0);
});

test('log pipe: a line that is too long is cut', async () => {
  const { stream, taken } = pipe();
  const writer = createLogPipeWriter(stream);
  writer.log.write(`${'x'.repeat(LOG_LINE_MAX_BYTES * 2)}\n`);
  await writer.flush(100);
  expect(taken[0]).toHaveLength(LOG_LINE_MAX_BYTES);
  expect(taken[0]?.endsWith('x\n')).toBe(true);
});

test('log pipe: what a stuck reader does not take is dropped and counted, and memory stays bounded', () => {
  const { stream } = pipe(true);
  const writer = createLogPipeWriter(stream);
  const line = `${'x'.repeat(60_000)}\n`;
  for (let i = 0; i < 200; i++) writer.log.write(line);
  expect(stream.writableLength).toBeLessThanOrEqual(LOG_PIPE_MAX_BYTES);
  expect(writer.dropped()).toBe(200 - Math.floor(LOG_PIPE_MAX_BYTES / 60_002));
});

test('log pipe: lines that come together go out in one write', async () => {
  const { stream, taken } = pipe();
  const writer = createLogPipeWriter(stream);
  for (let i = 0; i < 50; i++) writer.log.write(`line ${i}\n`);
  await writer.flush(100);
  expect(taken.filter((chunk) => chunk !== '')).toHaveLength(1);
});

test('log pipe: a pipe that breaks swallows everything', async () => {
  const { stream } = pipe();
  const writer = createLogPipeWriter(stream);
  stream.destroy(new Error('EPIPE'));
  writer.log.write('late\n');
  expect(writer.dropped()).toBe(1);
  await writer.flush(10);
});
