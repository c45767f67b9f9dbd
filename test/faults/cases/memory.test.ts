/** Workers that take too much memory, slowly, fast, or all together. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { startFleetLoad } from '../../support/fleet-load.ts';
import { order } from '../../support/orders.ts';

let fleet: FakeFleet;
afterEach(() => fleet.close());

const tell = (pid: number, deed: string, args: Record<string, number>) =>
  order(dirname(process.env.FAKE_WORKER_PLAN ?? ''), pid, deed, args);

test('[fault 7] memory: a worker over its soft limit is replaced under load, no call fails', async () => {
  fleet = await FakeFleet.make({ max_memory_restart: '150M', max_memory_kill: 10 });
  await fleet.start();
  const [heavy, other] = [fleet.pid(0), fleet.pid(1)];
  const load = startFleetLoad(fleet, 10);
  await eventually(() => load.answered() > 100);
  await tell(heavy, 'leak', { mb: 150 });
  await eventually(() => fleet.restarts(0, 'memory_soft') === 1 && fleet.state(0) === 'ready');
  expect(await load.end()).toEqual([]);
  expect(fleet.pid(0)).not.toBe(heavy);
  expect(fleet.pid(1)).toBe(other);
});

test('[fault 8] memory: one that takes 400 MB a second is killed within two readings of its hard limit', async () => {
  fleet = await FakeFleet.make({ max_memory_restart: '200M', max_memory_kill: 1.5 });
  await fleet.start();
  const [greedy, other] = [fleet.pid(0), fleet.pid(1)];
  let mostMb = 0;
  await tell(greedy, 'pour', { mbPerSecond: 400 });
  await eventually(
    () => {
      mostMb = Math.max(mostMb, residentMb(greedy));
      return fleet.restarts(0, 'memory_hard') === 1;
    },
    { everyMs: 5 },
  );
  expect(mostMb).toBeLessThan(300 + 2 * 0.5 * 400);
  await eventually(() => fleet.state(0) === 'ready');
  expect(fleet.pid(1)).toBe(other);
});

test('[fault 9] memory: when all pass the soft limit together they are replaced one after the other', async () => {
  fleet = await FakeFleet.make({ max_memory_restart: '150M', max_memory_kill: 10 }, { count: 3 });
  await fleet.start();
  const slots = [0, 1, 2];
  const before = slots.map((slot) => fleet.pid(slot));
  const load = startFleetLoad(fleet, 5);
  await Promise.all(before.map((pid) => tell(pid, 'leak', { mb: 150 })));
  let fewest = 3;
  await eventually(
    () => {
      fewest = Math.min(fewest, slots.filter((slot) => fleet.state(slot) === 'ready').length);
      return slots.every((slot) => fleet.restarts(slot, 'memory_soft') === 1 && fleet.state(slot) === 'ready');
    },
    { everyMs: 5 },
  );
  expect(fewest).toBeGreaterThanOrEqual(2);
  expect(await load.end()).toEqual([]);
  expect(slots.map((slot) => fleet.pid(slot)).filter((pid) => before.includes(pid))).toEqual([]);
});

function residentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1024 / 1024;
  } catch {
    return 0;
  }
}
