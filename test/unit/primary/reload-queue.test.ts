/** Reloads are made one after the other, and those asked for during one are made together. */
import { expect, test } from 'vitest';
import { createReloadQueue } from '../../../src/primary/reload-queue.ts';

interface Begun {
  readonly progress: (text: string) => void;
  readonly end: (error?: Error) => void;
}

function queue() {
  const begun: Begun[] = [];
  const reload = createReloadQueue(
    (progress) =>
      new Promise((resolve, reject) => {
        begun.push({ progress, end: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  return { begun, reload };
}

const silent = () => {};

test('reload queue: three asked for during one are one further reload, which begins when the first has ended', async () => {
  const { begun, reload } = queue();
  const first = reload(silent);
  const heard: string[] = [];
  const during = ['a', 'b', 'c'].map((name) => reload((text) => heard.push(`${name} ${text}`)));
  expect(begun).toHaveLength(1);
  begun[0]?.end();
  await first;
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.progress('canary');
  begun[1]?.end();
  await Promise.all(during);
  expect(heard.slice(-3)).toEqual(['a canary', 'b canary', 'c canary']);
  expect(begun).toHaveLength(2);
});

test('reload queue: what fails is told to those who asked for it, and the next begins all the same', async () => {
  const { begun, reload } = queue();
  const first = reload(silent);
  const second = reload(silent);
  begun[0]?.end(new Error('the first'));
  await expect(first).rejects.toThrow('the first');
  await expect.poll(() => begun.length).toBe(2);
  const third = reload(silent);
  begun[1]?.end(new Error('the second'));
  await expect(second).rejects.toThrow('the second');
  await expect.poll(() => begun.length).toBe(3);
  begun[2]?.end();
  await third;
});

test('reload queue: asked for after all have ended, one begins at once', async () => {
  const { begun, reload } = queue();
  const first = reload(silent);
  begun[0]?.end();
  await first;
  const second = reload(silent);
  expect(begun).toHaveLength(2);
  begun[1]?.end();
  await second;
});
