/** Who takes calls and when: canaries, pauses, and what happens when memory is short. */
import { expect, test } from 'vitest';
import { processState } from '../../../../src/primary/rules/slot.ts';
import { FleetDriver, LIMITS } from './fleet-driver.ts';

test('reload: a canary takes no calls until it has soaked, and the old one drains only when it does', () => {
  const driver = new FleetDriver(2).started();
  driver.opensDoors = false;
  driver.send({ kind: 'reload', edition: 1 });
  const canary = driver.fresh(0).id;
  expect(driver.find('fork').at(-1)).toMatchObject({ incarnation: canary, listen: 'own' });
  driver.boot(canary).pass(2500);
  expect(driver.find('listen')).toEqual([]);
  driver.pass(500);
  expect(driver.find('listen')).toMatchObject([{ incarnation: canary, slot: 0 }]);
  expect(driver.find('drain')).toEqual([]);
  driver.tell(canary, { kind: 'listening' });
  expect(driver.find('drain')).toMatchObject([{ incarnation: 1 }]);
});

test('reload: a new version that cannot open the port is aborted and the old ones stay', () => {
  const driver = new FleetDriver(2).started();
  driver.opensDoors = false;
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).pass(10_000);
  expect(driver.find('rollout_ended')[0]).toMatchObject({ ok: false });
  expect(driver.find('rollout_ended')[0]?.reason).toContain('did not open the service port');
  expect(driver.find('drain')).toEqual([]);
});

test('reload: a canary whose old worker dies takes calls at once, there is nobody else', () => {
  const driver = new FleetDriver(1).started();
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).exit(1, null, 'SIGKILL');
  expect(driver.holder(0)).toMatchObject({ edition: 1, door: { kind: 'open' } });
});

test('pause: all close the port and serve on, whoever starts meanwhile stays off it, resume opens it', () => {
  const driver = new FleetDriver(2).started().send({ kind: 'pause', isPaused: true });
  expect(driver.find('unlisten').map(({ incarnation }) => incarnation)).toEqual([1, 2]);
  driver.exit(1).pass(4000).boot(driver.holder(0).id).pass(1000);
  expect(driver.processes().map(processState)).toEqual(['standby', 'standby']);
  driver.send({ kind: 'pause', isPaused: false });
  expect(driver.processes().map(processState)).toEqual(['ready', 'ready']);
});

test('pause: a reload meanwhile replaces everybody and nobody takes calls', () => {
  const driver = new FleetDriver(1).started().send({ kind: 'pause', isPaused: true });
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
  expect(driver.find('listen')).toEqual([]);
  driver.send({ kind: 'pause', isPaused: false });
  expect(driver.holder(0)).toMatchObject({ edition: 1, door: { kind: 'open' } });
});

test('memory: when two do not fit, the old worker leaves first and the new edition takes its place', () => {
  const driver = new FleetDriver(2).started();
  for (const id of [1, 2]) driver.tell(id, { kind: 'memory', bytes: 300 });
  driver.headroomBytes = 200;
  driver.send({ kind: 'reload', edition: 1 });
  expect(driver.find('drain')).toMatchObject([{ incarnation: 1 }]);
  expect(driver.find('fork')).toHaveLength(2);
  driver.pass(2000);
  expect(driver.find('fork')).toHaveLength(2);
  driver.exit(1, 0);
  expect(driver.find('ended').at(-1)).toMatchObject({ restarts: true, end: { class: 'reload' } });
  expect(driver.find('fork').at(-1)).toMatchObject({ slot: 0, edition: 1 });
  driver.boot(driver.fresh(0).id).pass(4000);
  expect(driver.holder(0)).toMatchObject({ edition: 1, door: { kind: 'open' } });
  driver.exit(2, 0).boot(driver.fresh(1).id).pass(500);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
});

test('memory: a new version that fails where the old one had to leave gives the seat back to the old version', () => {
  const driver = new FleetDriver(1).started().tell(1, { kind: 'memory', bytes: 300 });
  driver.headroomBytes = 200;
  driver.send({ kind: 'reload', edition: 1 }).exit(1, 0);
  driver.exit(driver.fresh(0).id, 70).pass(4000);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: false }]);
  expect(driver.holder(0).edition).toBe(0);
});

test('lifetime: after max_requests or max_lifetime a worker is replaced gracefully, one at a time', () => {
  const limits = { ...LIMITS, lifetime: { maxRequests: 100, maxMs: 600_000, jitter: 0 } };
  const driver = new FleetDriver(2, limits).started();
  for (const id of [1, 2]) driver.tell(id, { kind: 'beat', requests: 100 });
  expect(driver.find('fork')).toHaveLength(3);
  driver.boot(driver.fresh(0).id);
  expect(driver.find('drain')).toMatchObject([{ incarnation: 1 }]);
  driver.exit(1, 0);
  expect(driver.find('ended').at(-1)).toMatchObject({ restarts: true, end: { class: 'lifetime' } });
  driver.boot(driver.fresh(1).id).exit(2, 0).pass(590_000);
  expect(driver.find('fork')).toHaveLength(4);
  driver.pass(20_000);
  expect(driver.find('fork')).toHaveLength(5);
});

test('intensity: over the limit of all slots together starts are spaced, and the spare is kept', () => {
  const spacing = { baseMs: 1000, capMs: 15_000, fixedMs: 0, jitter: 0 };
  const restart = { ...LIMITS.restart, minUptimeMs: 0, maxRestarts: 100, backoff: { ...spacing, baseMs: 0 } };
  const limits = { ...LIMITS, restart, intensity: { max: 4, windowMs: 60_000, spacing } };
  const driver = new FleetDriver(8, limits).started().pass(500);
  for (let id = 1; id <= 8; id += 1) driver.exit(id);
  const waits = driver.find('ended').map(({ delayMs }) => delayMs);
  expect(waits).toEqual([0, 0, 0, 0, 1000, 2500, 4750, 8125]);
  expect(driver.find('restart_storm')).toHaveLength(1);
  driver.pass(9000);
  expect(driver.find('fork')).toHaveLength(16);
});

test('fleet: in the first start three quick failures end it within a second of waiting', () => {
  const driver = new FleetDriver(1).send({ kind: 'tick' });
  const begun = driver.now;
  for (let round = 1; round <= 2; round += 1) driver.exit(driver.holder(0).id, 1, null, 'Error: broken').pass(500);
  driver.exit(driver.holder(0).id, 1, null, 'Error: broken');
  expect(driver.find('start_failed')[0]?.end.detail).toBe('code 1: Error: broken');
  expect(driver.now - begun).toBeLessThan(1500);
});
