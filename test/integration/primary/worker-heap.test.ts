/** How large the heap of a worker may become. */
import { expect, test } from 'vitest';
import { FakeDaemon } from '../../support/fake-daemon.ts';

const MIB = 1024 * 1024;
/** The young heap counts too. */
const YOUNG_MIB = 64;

async function heapMib(options: Parameters<typeof FakeDaemon.start>[0]): Promise<number> {
  await using daemon = await FakeDaemon.start(options);
  return Number(await (await fetch(`${daemon.url}/heap`)).text()) / MIB;
}

test('worker: its heap ends at the hard limit of memory, so that V8 collects before it and not after', async () => {
  const limit = await heapMib({ workers: { max_memory_restart: '200M', max_memory_kill: 1.5 } });
  expect(limit).toBeGreaterThanOrEqual(300);
  expect(limit).toBeLessThanOrEqual(300 + YOUNG_MIB);
});

test('worker: a heap that NODE_OPTIONS bounds is left as it is', async () => {
  const limit = await heapMib({ env: { NODE_OPTIONS: '--max-old-space-size=64' } });
  expect(limit).toBeLessThanOrEqual(64 + YOUNG_MIB);
});
