/** One count for all workers, apart for each key and each rule. */
import { expect, test } from 'vitest';
import { createRateDesk } from '../../../src/primary/rate-desk.ts';

const ask = (id: number, key: string, amount: number, perMinute = 10) => ({ id, key, amount, perMinute, reserve: 0 });

test('rate desk: never gives more than the limit, the rest of it in part, and tells how long the minute lasts', async () => {
  const desk = createRateDesk();
  const grants = await desk.lease([ask(1, 'a', 6), ask(2, 'a', 6), ask(3, 'a', 6), ask(4, 'b', 6)]);
  expect(grants.map(({ id, granted }) => [id, granted])).toEqual([
    [1, 6],
    [2, 4],
    [3, 0],
    [4, 6],
  ]);
  for (const { expiresInMs } of grants) expect(expiresInMs).toBeGreaterThan(59_000);
});

test('rate desk: another rule, as after a reload, counts for itself', async () => {
  const desk = createRateDesk();
  await desk.lease([ask(1, 'a', 10)]);
  expect((await desk.lease([ask(2, 'a', 5, 20)]))[0]?.granted).toBe(5);
});
