import { expect, test } from 'vitest';
import { fleetLimits, heapMib, memoryWarning, workerCountOf } from '../../../src/primary/fleet-limits.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';

const config = (workers: Record<string, unknown> = {}) => configSchema.parse({ workers });

test('limits: the warning names what does not fit, with the spare counted, and the tighter of group and machine', () => {
  const two = config({ max_memory_restart: '500M', max_memory_kill: 1.5 });
  const room = { groupBytes: 1500 * 1024 ** 2, machineBytes: 8 * 1024 ** 3 };
  expect(memoryWarning(two, 2, room)).toBeUndefined();
  expect(memoryWarning(two, 2, { ...room, groupBytes: undefined })).toBeUndefined();
  const spared = config({ max_memory_restart: '500M', max_memory_kill: 1.5, spare: 1 });
  expect(memoryWarning(spared, 2, room)).toMatch(/^3 workers of up to 750M each .* 1.5G of this control group/);
  expect(memoryWarning(two, 11, { ...room, groupBytes: undefined })).toMatch(/^11 workers .* 8G of this machine/);
});

test('limits: the heap of a worker is bounded by its hard limit of memory', () => {
  expect(heapMib(config({ max_memory_restart: '500M', max_memory_kill: 1.5 }))).toBe(750);
});

test('limits: the first start tries three times at most, close together', () => {
  const { firstStart } = fleetLimits(config(), 2);
  expect(firstStart).toMatchObject({ maxRestarts: 3, backoff: { baseMs: 250 } });
  expect(fleetLimits(config({ max_restarts: 2 }), 2).firstStart.maxRestarts).toBe(2);
});

test.each([
  ['max', 4, 4],
  [3, 4, 3],
  [-1, 4, 3],
  [-9, 4, 1],
] as const)('limits: a count of %s on %i processors is %i workers', (count, processors, expected) => {
  expect(workerCountOf(count, processors)).toBe(expected);
});
