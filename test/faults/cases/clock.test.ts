/** The wall clock of the primary jumps. */
import { afterEach, expect, test, vi } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { patient } from '../../support/patience.ts';

let fleet: FakeFleet;
afterEach(async () => {
  vi.useRealTimers();
  await fleet.close();
});

const HOUR_MS = 3_600_000;

test.each([
  ['forwards', HOUR_MS],
  ['back', -HOUR_MS],
])('[fault 55] clock: an hour %s changes nothing: no kill, no sleep noticed, restarts in time', async (_, jumpMs) => {
  fleet = await FakeFleet.make({ hang_suspect: '1s', hang_kill: '2s', restart_delay: '300ms' });
  await fleet.start();
  const pids = [fleet.pid(0), fleet.pid(1)];
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jumpMs });
  const jumpedAt = performance.now();
  await eventually(() => performance.now() - jumpedAt > 2500);
  expect([fleet.pid(0), fleet.pid(1)]).toEqual(pids);
  expect([0, 1].map((slot) => fleet.state(slot))).toEqual(['ready', 'ready']);
  expect(fleet.logged('primary.slept')).toEqual([]);
  const killedAt = performance.now();
  process.kill(fleet.pid(0), 'SIGKILL');
  await eventually(() => fleet.state(0) === 'ready' && fleet.pid(0) !== pids[0]);
  expect(performance.now() - killedAt).toBeLessThan(patient(2500));
});
