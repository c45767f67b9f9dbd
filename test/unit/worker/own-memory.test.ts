import { expect, test } from 'vitest';
import { createProcessStats } from '../../../src/primary/process-stats.ts';
import { ownMemoryBytes } from '../../../src/worker/own-memory.ts';

test('memory: a worker tells what the supervisor counts against its limit, not what all share', () => {
  const counted = createProcessStats().memory(process.pid);
  expect(counted).toBeDefined();
  const { ownBytes = 0, rssBytes = 0 } = counted ?? {};
  expect(Math.abs(ownMemoryBytes() - ownBytes) / ownBytes).toBeLessThan(0.1);
  expect(rssBytes - ownBytes).toBeGreaterThan(10_000_000);
});

test('memory: where the system does not tell, all that is resident', () => {
  expect(ownMemoryBytes('/nowhere')).toBeGreaterThan(10_000_000);
});
