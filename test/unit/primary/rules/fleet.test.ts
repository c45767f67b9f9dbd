import { expect, test } from 'vitest';
import { FleetDriver, LIMITS } from './fleet-driver.ts';

test('fleet: a start forks every slot and tells once when all are ready', () => {
  const driver = new FleetDriver(3).send({ kind: 'tick' });
  expect(driver.find('fork').map(({ slot }) => slot)).toEqual([0, 1, 2]);
  driver.boot(1).boot(2);
  expect(driver.find('all_ready')).toHaveLength(0);
  driver.boot(3).pass(5000);
  expect(driver.find('all_ready')).toHaveLength(1);
  expect(driver.fleet.stage.kind).toBe('running');
});

test('fleet: a crashed worker starts again after the delay, not before', () => {
  const driver = new FleetDriver(2).started().pass(20_000);
  driver.exit(driver.holder(0).id);
  expect(driver.find('ended')[0]).toMatchObject({ slot: 0, restarts: true, delayMs: 4000, end: { class: 'crash' } });
  driver.pass(3500);
  expect(driver.find('fork')).toHaveLength(2);
  driver.pass(500);
  expect(driver.find('fork')).toHaveLength(3);
});

test('fleet: workers that boot at once get the more time for it', () => {
  const driver = new FleetDriver(3).send({ kind: 'tick' });
  for (const it of driver.processes()) expect(it.phase).toMatchObject({ deadline: driver.now + 90_000 });
});

test('fleet: a worker that is not ready in time is killed and counts as a failed start', () => {
  const driver = new FleetDriver(1).send({ kind: 'tick' }).pass(30_000);
  expect(driver.find('kill')).toEqual([{ kind: 'kill', incarnation: 1, cause: 'boot_failure' }]);
  driver.exit(1, null, 'SIGKILL');
  expect(driver.find('ended')[0]?.end.class).toBe('boot_failure');
});

test('fleet: a fork that fails gives the slot a new try', () => {
  const driver = new FleetDriver(1).send({ kind: 'tick' }).tell(1, { kind: 'fork_failed', reason: 'EMFILE' });
  driver.pass(4000);
  expect(driver.find('fork')).toHaveLength(2);
});

test.each([
  ['a port in use', { code: 'PORT_IN_USE', text: 'taken', next: '', retry: false }],
  ['a complaint that says trying again is of no use', { code: 'CONFIG_INVALID', text: 'bad', next: '', retry: false }],
])('fleet: in the first start %s ends the start at once and kills the others', (_, complaint) => {
  const driver = new FleetDriver(2).send({ kind: 'tick' }).boot(2);
  driver.tell(1, { kind: 'forked' }).tell(1, { kind: 'complained', complaint }).exit(1, 70);
  expect(driver.kinds()).toContain('start_failed');
  expect(driver.find('kill').map(({ incarnation }) => incarnation)).toEqual([2]);
  driver.exit(2, null, 'SIGKILL');
  expect(driver.find('all_stopped')).toHaveLength(1);
});

test('fleet: in the first start a boot that has used up its time ends the start, it is not tried again', () => {
  const driver = new FleetDriver(2).send({ kind: 'tick' }).boot(2);
  driver.pass(2 * driver.limits.listenMs);
  expect(driver.find('kill')).toMatchObject([{ incarnation: 1, cause: 'boot_failure' }]);
  driver.exit(1, null, 'SIGKILL');
  expect(driver.find('start_failed')).toMatchObject([{ end: { detail: expect.stringContaining('not ready within') } }]);
  expect(driver.find('fork')).toHaveLength(2);
});

test('fleet: in the first start max_restarts failed boots of a slot end the start', () => {
  const driver = new FleetDriver(1).send({ kind: 'tick' });
  for (let round = 1; round <= 3; round += 1) driver.exit(driver.holder(0).id, 70).pass(4000);
  expect(driver.find('start_failed')).toHaveLength(1);
  expect(driver.find('fork')).toHaveLength(3);
  expect(driver.fleet.stage.kind).toBe('stopped');
});

test('fleet: a crash loop makes its slot errored, the others serve, and a trial follows', () => {
  const driver = new FleetDriver(2).started().pass(20_000);
  for (let round = 1; round <= 3; round += 1) {
    driver.exit(driver.holder(0).id).pass(4000);
  }
  expect(driver.fleet.slots[0]?.seat.kind).toBe('errored');
  expect(driver.holder(1).phase.kind).toBe('ready');
  driver.pass(60_000);
  driver.boot(driver.holder(0).id).exit(driver.holder(0).id);
  expect(driver.fleet.slots[0]?.seat.kind).toBe('errored');
  driver.pass(60_000);
  driver.boot(driver.holder(0).id).pass(11_000);
  driver.exit(driver.holder(0).id);
  expect(driver.fleet.slots[0]?.seat.kind).toBe('backoff');
});

test('fleet: an exit code of stop_exit_codes stops the slot for good', () => {
  const driver = new FleetDriver(2).started();
  driver.exit(driver.holder(0).id, 99).pass(300_000);
  expect(driver.fleet.slots[0]?.seat.kind).toBe('stopped');
  expect(driver.find('fork')).toHaveLength(2);
});

test('hang: a silent worker gets a replacement beside it at 3 s and is killed at 10 s', () => {
  const driver = new FleetDriver(2).started();
  const silent = driver.holder(0).id;
  driver.pass(3000, [silent]);
  expect(driver.find('suspected')).toHaveLength(1);
  const fresh = driver.fresh(0).id;
  driver.boot(fresh).pass(6500, [silent]);
  expect(driver.find('kill')).toHaveLength(0);
  driver.pass(500, [silent]);
  expect(driver.find('kill')).toEqual([{ kind: 'kill', incarnation: silent, cause: 'hang' }]);
  driver.exit(silent, null, 'SIGKILL');
  expect(driver.holder(0).id).toBe(fresh);
  expect(driver.find('ended')[0]?.end.class).toBe('hang');
});

test('hang: a worker that comes back in time keeps its seat and the replacement leaves', () => {
  const driver = new FleetDriver(2).started();
  const silent = driver.holder(0).id;
  driver.pass(3000, [silent]);
  const fresh = driver.fresh(0).id;
  driver.boot(fresh).pass(3000, [silent]).tell(silent, { kind: 'beat', requests: 0 });
  expect(driver.holder(0)).toMatchObject({ id: silent, phase: { kind: 'ready' } });
  expect(driver.find('drain')).toMatchObject([{ incarnation: fresh }]);
  expect(driver.find('kill')).toHaveLength(0);
});

test('hang: nobody is suspected or killed because the primary itself slept', () => {
  const driver = new FleetDriver(3).started();
  driver.now += 60_000;
  driver.send({ kind: 'tick' });
  expect(driver.kinds()).toEqual(['slept']);
  driver.pass(20_000);
  expect(driver.find('suspected')).toHaveLength(0);
});

test('hang: at most hangSurge replacements stand beside suspects', () => {
  const driver = new FleetDriver(4).started();
  driver.pass(
    5000,
    driver.processes().map(({ id }) => id),
  );
  expect(driver.find('suspected')).toHaveLength(4);
  expect(driver.processes()).toHaveLength(5);
});

test('memory: two readings over the soft limit replace the worker with a surge, one worker at a time', () => {
  const driver = new FleetDriver(2).started();
  const [first, second] = [driver.holder(0).id, driver.holder(1).id];
  for (let round = 0; round < 2; round += 1) {
    driver.tell(first, { kind: 'memory', bytes: 600 }).tell(second, { kind: 'memory', bytes: 600 });
  }
  expect(driver.find('fork')).toHaveLength(3);
  expect(driver.find('drain')).toHaveLength(0);
  driver.boot(driver.fresh(0).id);
  expect(driver.find('drain')).toMatchObject([{ incarnation: first }]);
  driver.pass(1000);
  expect(driver.find('fork')).toHaveLength(3);
  driver.exit(first, 0);
  expect(driver.find('ended')[0]).toMatchObject({ restarts: true, end: { class: 'memory_soft' } });
  expect(driver.find('fork')).toHaveLength(4);
  expect(driver.fresh(1).slot).toBe(1);
});

test('memory: one reading over the soft limit is a spike', () => {
  const driver = new FleetDriver(1).started();
  for (const bytes of [600, 400, 600, 400]) driver.tell(driver.holder(0).id, { kind: 'memory', bytes });
  expect(driver.find('fork')).toHaveLength(1);
});

test('memory: over the hard limit the worker is killed now', () => {
  const driver = new FleetDriver(1).started();
  driver.tell(1, { kind: 'memory', bytes: 800 });
  expect(driver.find('kill')).toEqual([{ kind: 'kill', incarnation: 1, cause: 'memory_hard' }]);
});

test('memory: a replacement that fails leaves the old worker and is not tried again at once', () => {
  const driver = new FleetDriver(1).started();
  const old = driver.holder(0).id;
  driver.tell(old, { kind: 'memory', bytes: 600 }).tell(old, { kind: 'memory', bytes: 600 });
  driver.exit(driver.fresh(0).id, 70).pass(30_000);
  expect(driver.holder(0)).toMatchObject({ id: old, phase: { kind: 'ready' } });
  expect(driver.find('fork')).toHaveLength(2);
});

test('reload: a canary boots and soaks before the first old worker is drained, then one at a time', () => {
  const driver = new FleetDriver(2).started();
  const [first, second] = [driver.holder(0).id, driver.holder(1).id];
  driver.send({ kind: 'reload', edition: 1 });
  const canary = driver.fresh(0);
  expect(canary.edition).toBe(1);
  driver.boot(canary.id).pass(2500);
  expect(driver.find('drain')).toHaveLength(0);
  driver.pass(500);
  expect(driver.find('drain').map(({ incarnation }) => incarnation)).toEqual([first]);
  expect(driver.find('fork')).toHaveLength(3);
  driver.exit(first, 0);
  driver.boot(driver.fresh(1).id);
  expect(driver.find('drain').map(({ incarnation }) => incarnation)).toEqual([first, second]);
  driver.exit(second, 0);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true, edition: 1 }]);
  expect(driver.fleet).toMatchObject({ generation: 1, edition: 1 });
});

test.each([
  ['does not boot', (driver: FleetDriver) => driver.exit(driver.fresh(0).id, 70), 'did not become ready'],
  [
    'never becomes ready',
    (driver: FleetDriver) => driver.tell(driver.fresh(0).id, { kind: 'forked' }).pass(30_000),
    'not ready within',
  ],
  [
    'dies in its soak',
    (driver: FleetDriver) => driver.boot(driver.fresh(0).id).pass(1000).exit(driver.fresh(0).id, 1),
    'did not last: crash (code 1)',
  ],
  [
    'falls silent in its soak',
    (driver: FleetDriver) => driver.boot(driver.fresh(0).id).pass(3000, [driver.fresh(0).id]),
    'stopped sending heartbeats',
  ],
])('reload: a new version that %s is aborted and no old worker is touched', (_, fail, reason) => {
  const driver = new FleetDriver(2, { ...LIMITS, soakMs: 4000 }).started();
  driver.send({ kind: 'reload', edition: 1 });
  fail(driver);
  const [ended] = driver.find('rollout_ended');
  expect(ended).toMatchObject({ ok: false });
  expect(ended?.reason).toContain(reason);
  expect(driver.find('drain')).toHaveLength(0);
  expect(driver.fleet).toMatchObject({ generation: 0, edition: 0 });
  expect([driver.holder(0).phase.kind, driver.holder(1).phase.kind]).toEqual(['ready', 'ready']);
});

test('reload: when a later worker fails, the ones already replaced are brought back', () => {
  const driver = new FleetDriver(2).started();
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  driver.exit(driver.fresh(1).id, 70);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: false, why: 'reload' }]);
  expect(driver.fresh(0).edition).toBe(0);
  const promoted = driver.holder(0).id;
  driver.boot(driver.fresh(0).id).exit(promoted, 0);
  expect(driver.find('rollout_ended')[1]).toMatchObject({ ok: true, why: 'rollback' });
  expect([driver.holder(0).edition, driver.holder(1).edition]).toEqual([0, 0]);
});

test('reload: a stop while the new worker opens the port lets the calls finish that it may have taken', () => {
  const driver = new FleetDriver(1).started();
  driver.opensDoors = false;
  driver.send({ kind: 'reload', edition: 1 });
  const { id } = driver.fresh(0);
  driver.boot(id).pass(3000);
  expect(driver.find('listen').map(({ incarnation }) => incarnation)).toEqual([id]);
  driver.send({ kind: 'stop', deadlineMs: 5000 });
  expect(driver.find('kill')).toEqual([]);
  expect(driver.find('drain').map(({ incarnation }) => incarnation)).toContain(id);
});

test('reload: a rollback that fails is tried again, so that no two configurations stay in use', () => {
  const driver = new FleetDriver(2).started();
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  driver.exit(driver.fresh(1).id, 70);
  driver.exit(driver.fresh(0).id, 70);
  expect(driver.find('rollout_ended')[1]).toMatchObject({ ok: false, why: 'rollback' });
  expect([driver.holder(0).edition, driver.holder(1).edition]).toEqual([1, 0]);
  driver.pass(LIMITS.replaceRetryMs);
  expect(driver.fresh(0).edition).toBe(0);
  const promoted = driver.holder(0).id;
  driver.boot(driver.fresh(0).id).exit(promoted, 0);
  expect([driver.holder(0).edition, driver.holder(1).edition]).toEqual([0, 0]);
});

test('reload: further reloads while one runs become one that follows', () => {
  const driver = new FleetDriver(1).started();
  driver.send({ kind: 'reload', edition: 1 }).send({ kind: 'reload', edition: 2 }).send({ kind: 'reload', edition: 3 });
  expect(driver.find('superseded')).toEqual([{ kind: 'superseded', edition: 2, by: 3 }]);
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  expect(driver.fresh(0).edition).toBe(3);
});

test('reload: an errored slot starts with the new version', () => {
  const driver = new FleetDriver(2).started();
  for (let round = 1; round <= 3; round += 1) driver.exit(driver.holder(0).id).pass(4000);
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(1).id).pass(3000).exit(2, 0);
  driver.boot(driver.fresh(0).id).pass(500);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
  expect(driver.holder(0)).toMatchObject({ edition: 1, phase: { kind: 'ready' } });
});

test('reload: an old worker that dies meanwhile leaves its seat to the new one', () => {
  const driver = new FleetDriver(1).started();
  driver.send({ kind: 'reload', edition: 1 });
  driver.exit(1, null, 'SIGKILL');
  const fresh = driver.fresh(0).id;
  driver.boot(fresh).pass(3500);
  expect(driver.holder(0).id).toBe(fresh);
  expect(driver.find('fork')).toHaveLength(2);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
});

test('stop: everybody drains, booting ones are killed, and the end is told once', () => {
  const driver = new FleetDriver(2).started();
  driver.send({ kind: 'reload', edition: 1 });
  const canary = driver.fresh(0).id;
  driver.tell(canary, { kind: 'forked' }).send({ kind: 'stop', deadlineMs: 30_000 });
  expect(driver.find('kill').map(({ incarnation }) => incarnation)).toEqual([canary]);
  expect(driver.find('drain')).toMatchObject([{ deadlineMs: 6000 }, { deadlineMs: 6000 }]);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: false, reason: 'the daemon stops' }]);
  driver.exit(canary, null, 'SIGKILL').exit(1, 0).exit(2, 0).pass(100_000);
  expect(driver.find('all_stopped')).toEqual([{ kind: 'all_stopped', forced: false }]);
  expect(driver.find('fork')).toHaveLength(3);
});

test('stop: a worker that ignores the drain is killed at the deadline', () => {
  const driver = new FleetDriver(1).started().send({ kind: 'stop', deadlineMs: 30_000 }).pass(6000);
  expect(driver.find('kill')).toEqual([{ kind: 'kill', incarnation: 1, cause: 'stopped' }]);
});

test('stop: a second one kills at once', () => {
  const driver = new FleetDriver(2).started().send({ kind: 'stop', deadlineMs: 30_000 }).send({ kind: 'stop_now' });
  expect(driver.find('kill')).toHaveLength(2);
  driver.exit(1, null, 'SIGKILL').exit(2, null, 'SIGKILL');
  expect(driver.find('all_stopped')).toEqual([{ kind: 'all_stopped', forced: true }]);
});

test('stop: a process that SIGKILL does not end is given up and the stop goes on', () => {
  const driver = new FleetDriver(1).started().send({ kind: 'stop_now' }).pass(5000);
  expect(driver.find('abandon')).toHaveLength(1);
  expect(driver.fleet.stage.kind).toBe('stopped');
});

test('stop: a slot that waits for its restart does not start any more', () => {
  const driver = new FleetDriver(1).started().exit(1, 1).send({ kind: 'stop', deadlineMs: 1000 }).pass(60_000);
  expect(driver.find('fork')).toHaveLength(1);
  expect(driver.fleet.stage.kind).toBe('stopped');
});

test('scale: up starts further slots, down drains the highest, and both during a reload', () => {
  const driver = new FleetDriver(2).started().send({ kind: 'scale', count: 4 });
  expect(driver.find('fork').map(({ slot }) => slot)).toEqual([0, 1, 2, 3]);
  driver.boot(3).boot(4).send({ kind: 'reload', edition: 1 }).send({ kind: 'scale', count: 1 });
  expect(driver.find('drain').map(({ incarnation }) => incarnation)).toEqual([2, 3, 4]);
  for (const id of [2, 3, 4]) driver.exit(id, 0);
  expect(driver.fleet.slots).toHaveLength(1);
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
});

test('scale: a slot that is scaled away and back starts again when there is room', () => {
  const driver = new FleetDriver(2).started().send({ kind: 'scale', count: 1 }).send({ kind: 'scale', count: 2 });
  expect(driver.find('fork')).toHaveLength(3);
  driver.exit(2, 0).boot(3);
  expect(driver.holder(1).id).toBe(3);
});

test('fleet: late news about a process that is gone change nothing', () => {
  const driver = new FleetDriver(1).started().exit(1, 1);
  const before = driver.fleet;
  driver.exit(1, 1).tell(1, { kind: 'beat', requests: 0 }).tell(1, { kind: 'ready' });
  expect({ ...driver.fleet, lastLook: 0 }).toEqual({ ...before, lastLook: 0 });
});
