import { expect, test } from 'vitest';
import { sampleFor } from '../../../src/cli/sampling.ts';

function context() {
  const notes: string[] = [];
  const controller = new AbortController();
  const silent = { step: () => {}, done: () => {} };
  const terminal = {
    print: () => {},
    redraw: () => {},
    note: (line: string) => notes.push(line),
    progress: () => silent,
  };
  return { notes, controller, context: { terminal, interruption: () => controller.signal } };
}

test('sampling: a look that fails on the way is left out and told, and the others count', async () => {
  const { notes, controller, context: given } = context();
  let looks = 0;
  await sampleFor(60, 'Looking', given, async () => {
    looks += 1;
    if (looks === 2) throw new Error('None of the 1 workers is ready');
    if (looks === 3) controller.abort();
  });
  expect(looks).toBe(3);
  expect(notes.join()).toContain('1 of 3 looks failed, the last one: None of the 1 workers is ready');
});

test('sampling: when the first look fails there is nothing to look at', async () => {
  const { context: given } = context();
  const look = () => Promise.reject(new Error('Daemon is not running'));
  await expect(sampleFor(60, 'Looking', given, look)).rejects.toThrow('not running');
});
