import { expect, test } from 'vitest';
import type { FleetLimits } from '../../../../src/primary/rules/fleet-state.ts';
import { FleetDriver, LIMITS } from './fleet-driver.ts';

const limits = (isFatal: boolean): FleetLimits => ({ ...LIMITS, check: { isOn: true, graceMs: 5000, isFatal } });
const fail = (driver: FleetDriver, incarnation: number, fault: string | undefined = '/health answers 503') =>
  driver.tell(incarnation, { kind: 'checked', fault });
const pass = (driver: FleetDriver, incarnation: number) =>
  driver.tell(incarnation, { kind: 'checked', fault: undefined });

test('check: failures within the grace period do not count, two after it make a worker unwell, told once', () => {
  const driver = new FleetDriver(1, limits(false)).started();
  const { id } = driver.holder(0);
  for (let round = 0; round < 3; round += 1) fail(driver, id);
  expect(driver.find('check_turned')).toEqual([]);
  driver.pass(5000);
  fail(driver, id);
  expect(driver.find('check_turned')).toEqual([]);
  fail(fail(driver, id), id);
  expect(driver.find('check_turned')).toEqual([
    { kind: 'check_turned', slot: 0, incarnation: id, isWell: false, reason: '/health answers 503' },
  ]);
  pass(driver, id);
  expect(driver.find('check_turned')[1]).toMatchObject({ isWell: true });
});

test('check: one failure between passes changes nothing', () => {
  const driver = new FleetDriver(1, limits(true)).started().pass(6000);
  const { id } = driver.holder(0);
  for (let round = 0; round < 5; round += 1) pass(fail(driver, id), id);
  expect(driver.find('check_turned')).toEqual([]);
  expect(driver.find('fork')).toHaveLength(1);
});

test('check: an unwell worker is not replaced unless that is fatal', () => {
  const driver = new FleetDriver(2, limits(false)).started().pass(6000);
  fail(fail(driver, driver.holder(0).id), driver.holder(0).id).pass(60_000);
  expect(driver.find('fork')).toHaveLength(2);
});

test('check: a fatally unwell worker is replaced by one that has passed, and drained, not killed', () => {
  const driver = new FleetDriver(2, limits(true)).started().pass(6000);
  const old = driver.holder(0).id;
  fail(fail(driver, old), old);
  const { id } = driver.fresh(0);
  driver.boot(id).pass(2000);
  expect(driver.holder(0).id).toBe(old);
  pass(driver, id).pass(1000);
  expect(driver.holder(0).id).toBe(id);
  expect(driver.find('drain').map(({ incarnation }) => incarnation)).toEqual([old]);
  driver.exit(old, 0);
  expect(driver.find('ended')[0]).toMatchObject({ end: { class: 'unhealthy' }, restarts: true });
  expect(driver.find('kill')).toEqual([]);
});

test('check: when the replacement fails too, the old worker stays and the next try waits', () => {
  const driver = new FleetDriver(1, limits(true)).started().pass(6000);
  const old = driver.holder(0).id;
  fail(fail(driver, old), old);
  const { id } = driver.fresh(0);
  driver.boot(id).pass(6000);
  fail(fail(driver, id), id);
  expect(driver.find('rollout_ended')[0]).toMatchObject({ why: 'unhealthy', ok: false });
  expect(driver.find('rollout_ended')[0]?.reason).toContain('/health answers 503');
  driver.exit(id, null, 'SIGKILL').pass(LIMITS.replaceRetryMs - 1000);
  expect([driver.holder(0).id, driver.find('fork').length]).toEqual([old, 2]);
  driver.pass(2000);
  expect(driver.find('fork')).toHaveLength(3);
});

test('check: every new worker of a reload must pass before an old one goes', () => {
  const driver = new FleetDriver(2, limits(false)).started().send({ kind: 'reload', edition: 1 });
  for (const slot of [0, 1]) {
    const old = driver.holder(slot).id;
    const { id } = driver.fresh(slot);
    driver.boot(id).pass(4000);
    expect(driver.holder(slot).id).toBe(old);
    pass(driver, id).pass(500);
    expect(driver.holder(slot).id).toBe(id);
    driver.exit(old, 0);
  }
  expect(driver.find('rollout_ended')).toMatchObject([{ ok: true }]);
});

test('check: a reload whose canary fails, or is never asked, is aborted with the reason', () => {
  for (const isAsked of [true, false]) {
    const driver = new FleetDriver(2, limits(false)).started().send({ kind: 'reload', edition: 1 });
    const { id } = driver.fresh(0);
    driver.boot(id).pass(5500);
    if (isAsked) fail(fail(driver, id), id);
    else driver.pass(10_000);
    const [end] = driver.find('rollout_ended');
    expect(end).toMatchObject({ ok: false });
    expect(end?.reason).toContain(isAsked ? 'failed its health check: /health answers 503' : 'passed no health check');
    expect(driver.fleet.generation).toBe(0);
  }
});

test.each([
  [
    'checks that fail',
    { check: limits(false).check },
    (driver: FleetDriver, id: number) => driver.pass(5500) && fail(fail(driver, id), id),
    'failed its health check',
  ],
  [
    'a memory limit that is too low',
    { memory: { softBytes: 50, hardBytes: 100 } },
    (driver: FleetDriver, id: number) => driver.tell(id, { kind: 'memory', bytes: 101 }).exit(id, null, 'SIGKILL'),
    '101 bytes, hard limit 100',
  ],
])(
  'check: a reload that brings %s is aborted by it, and old workers are not judged by it',
  (_, brings, deed, reason) => {
    const editions = new Map([[1, { ...LIMITS, ...brings }]]);
    const driver = new FleetDriver(1, { ...LIMITS, editions }).started().send({ kind: 'reload', edition: 1 });
    driver.tell(driver.holder(0).id, { kind: 'memory', bytes: 101 });
    const { id } = driver.fresh(0);
    driver.boot(id);
    deed(driver, id);
    expect(driver.find('rollout_ended')[0]).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    expect(driver.holder(0)).toMatchObject({ edition: 0, phase: { kind: 'ready' } });
  },
);

test('check: a rollback does not wait for checks, which the old edition may fail as well', () => {
  const driver = new FleetDriver(2, limits(false)).started().send({ kind: 'reload', edition: 1 });
  const first = driver.fresh(0).id;
  const old = driver.holder(0).id;
  pass(driver.boot(first), first).pass(3500).exit(old, 0);
  driver.exit(driver.fresh(1).id, 70);
  expect(driver.find('rollout_ended')[0]).toMatchObject({ ok: false });
  driver.boot(driver.fresh(0).id);
  expect(driver.holder(0)).toMatchObject({ edition: 0, phase: { kind: 'ready' } });
});

test('check: a primary that slept does not take its own sleep for the grace period', () => {
  const driver = new FleetDriver(1, limits(false)).started().pass(1000);
  driver.now += 60_000;
  driver.send({ kind: 'tick' });
  fail(fail(driver, driver.holder(0).id), driver.holder(0).id);
  expect(driver.find('check_turned')).toEqual([]);
});

test('boot: sixteen workers that take 40 s to start together stay under a listen_timeout of 3 s each', () => {
  const driver = new FleetDriver(16, { ...LIMITS, listenMs: 3000 }).send({ kind: 'tick' });
  for (const it of driver.processes()) driver.tell(it.id, { kind: 'forked' });
  for (const it of driver.processes()) driver.pass(2500).tell(it.id, { kind: 'ready' });
  expect(driver.find('kill')).toEqual([]);
  expect(driver.find('all_ready')).toHaveLength(1);
});

test('boot: on a machine with three programs for each CPU a boot may take three times as long, on one at rest it may not', () => {
  const [crowded, quiet] = [new FleetDriver(1, LIMITS), new FleetDriver(1, LIMITS)];
  crowded.crowding = 3;
  for (const driver of [crowded, quiet]) {
    driver.send({ kind: 'tick' });
    driver.tell(driver.holder(0).id, { kind: 'forked' }).pass(2.5 * LIMITS.listenMs);
  }
  expect([crowded.find('kill').length, quiet.find('kill').length]).toEqual([0, 1]);
  crowded.pass(LIMITS.listenMs);
  expect(crowded.find('kill')).toHaveLength(1);
});

test('boot: after a crash of all, a slow restart of all is no boot loop either', () => {
  const driver = new FleetDriver(8, { ...LIMITS, listenMs: 3000 }).started().pass(20_000);
  for (const it of driver.processes()) driver.exit(it.id, null, 'SIGKILL');
  driver.pass(4000);
  for (const it of driver.processes()) driver.tell(it.id, { kind: 'forked' });
  for (const it of driver.processes()) driver.pass(2500).tell(it.id, { kind: 'ready' });
  expect(driver.find('kill')).toEqual([]);
  expect(driver.fleet.slots.every(({ seat }) => seat.kind === 'held')).toBe(true);
});
