/** Workers that crash, hang, leak, flood or do not start, against the real supervisor. */
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';

let fleet: FakeFleet;
afterEach(() => fleet.close());

const startError = async (): Promise<AppError> => {
  const error = await fleet.start().catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
};

test('start: workers share one port and each is told who else is alive', async () => {
  fleet = await FakeFleet.make({});
  await fleet.start();
  const slots = new Set<number>();
  await eventually(async () => slots.add((await fleet.get('/')).slot).size === 2, { what: 'both have answered' });
  const seen = await eventually(async () => (await fleet.get('/')).fleet ?? false);
  expect(seen.workers.map(({ pid }) => pid).sort()).toEqual([fleet.pid(0), fleet.pid(1)].sort());
});

test('start: workers do not inherit secrets or the variables of a service manager', async () => {
  const names = { SNOWFLAKE_PASSWORD: 'x', NOTIFY_SOCKET: '/x', MY_TOKEN: 'x', SNOWFLAKE_MCP_LAUNCH: '{}' };
  Object.assign(process.env, names);
  try {
    fleet = await FakeFleet.make({}, { count: 1 });
    await fleet.start();
    const seen = (await fleet.get('/env')) as unknown as string[];
    expect(seen.filter((name) => name in names)).toEqual([]);
    expect(seen).toEqual(expect.arrayContaining(['INSTANCE_ID', 'NODE_APP_INSTANCE', 'PATH']));
  } finally {
    for (const name of Object.keys(names)) delete process.env[name];
  }
});

test('crash: a killed worker is started again after the delay while the other serves', async () => {
  fleet = await FakeFleet.make({});
  await fleet.start();
  const [victim, other] = [fleet.pid(0), fleet.pid(1)];
  process.kill(victim, 'SIGKILL');
  await eventually(() => fleet.state(0) === 'ready' && fleet.pid(0) !== victim, { what: 'slot 0 is ready again' });
  expect(fleet.pid(1)).toBe(other);
  expect(fleet.restarts(0, 'killed')).toBe(1);
  expect(fleet.logged('worker.exited')[0]?.facts).toMatchObject({ class: 'killed', restart_in_ms: 300 });
});

test('crash: an exit by itself is classified by its code', async () => {
  fleet = await FakeFleet.make({ restart_delay: '0s' }, { count: 1 });
  await fleet.start();
  await fleet.get('/exit?code=3').catch(() => {});
  await eventually(() => fleet.restarts(0, 'crash') === 1);
  await eventually(() => fleet.state(0) === 'ready');
  await fleet.get('/exit?code=0').catch(() => {});
  await eventually(() => fleet.restarts(0, 'clean') === 1);
});

test('[fault 13] crash loop: one slot becomes errored, the other serves, and a trial brings it back', async () => {
  fleet = await FakeFleet.make({ max_restarts: 3, restart_delay: '50ms', errored_retry: '1s' });
  await fleet.start();
  fleet.plan({ boot: 'die-soon', slots: [0] });
  process.kill(fleet.pid(0), 'SIGKILL');
  await eventually(() => fleet.state(0) === 'errored', { what: 'slot 0 is errored' });
  expect((await fleet.get('/')).slot).toBe(1);
  expect(fleet.supervisor.isReady()).toBe(true);
  fleet.plan({});
  await eventually(() => fleet.state(0) === 'ready', { what: 'slot 0 is back' });
});

test.each([
  ['fail', 'START_FAILED', 'no key'],
  ['port', 'PORT_IN_USE', 'already in use'],
] as const)('first start: a worker that says %s ends the start at once, nothing is left', async (boot, code, text) => {
  fleet = await FakeFleet.make({}, { plan: { boot, slots: [1] } });
  const error = await startError();
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
  if (boot === 'fail') expect(error.toBody().next).toMatch(/^Set one\./);
  await fleet.noneLeft();
});

test('first start: a worker that cannot boot is tried max_restarts times, then the start fails', async () => {
  fleet = await FakeFleet.make({ max_restarts: 2, restart_delay: '50ms' }, { plan: { boot: 'throw', slots: [0] } });
  const error = await startError();
  expect(error.message).toContain('code 1');
  expect(fleet.logged('worker.forked').filter(({ facts }) => facts.worker === 0)).toHaveLength(2);
  await fleet.noneLeft();
});

test('first start: a worker that never becomes ready is killed at its deadline', async () => {
  fleet = await FakeFleet.make({ max_restarts: 1, listen_timeout: '1s' }, { count: 1, plan: { boot: 'never' } });
  const error = await startError();
  expect(error.message).toContain('not ready within');
});

test('[fault 3] hang: a stopped worker is killed, its replacement was ready before', async () => {
  fleet = await FakeFleet.make({ hang_suspect: '1s', hang_kill: '3s' });
  await fleet.start();
  const victim = fleet.pid(0);
  process.kill(victim, 'SIGSTOP');
  await eventually(() => fleet.logged('worker.ready').length === 3, { what: 'a replacement is ready' });
  expect(fleet.logged('worker.hung')).toHaveLength(0);
  await eventually(() => fleet.state(0) === 'ready' && fleet.pid(0) !== victim, { what: 'the seat is taken' });
  expect(fleet.logged('worker.hung')[0]?.facts.evidence).toMatchObject({ State: expect.stringContaining('stopped') });
  expect(fleet.restarts(0, 'hang')).toBe(1);
});

test('[fault 4] hang: a worker that is stopped and comes back in time lives on', async () => {
  fleet = await FakeFleet.make({ hang_suspect: '1s', hang_kill: '30s' });
  await fleet.start();
  const victim = fleet.pid(0);
  process.kill(victim, 'SIGSTOP');
  await eventually(() => fleet.state(0) === 'suspect');
  process.kill(victim, 'SIGCONT');
  await eventually(() => fleet.state(0) === 'ready' && fleet.logged('worker.exited').length === 1, {
    what: 'the replacement left',
  });
  expect(fleet.pid(0)).toBe(victim);
});

test('memory: a worker over the soft limit is replaced without a gap, over the hard limit killed', async () => {
  fleet = await FakeFleet.make({ max_memory_restart: '150M', max_memory_kill: 2 }, { count: 1 });
  await fleet.start();
  const heavy = fleet.pid(0);
  await fleet.get('/leak?mb=150');
  await eventually(() => fleet.restarts(0, 'memory_soft') === 1, { what: 'the soft replacement' });
  expect(fleet.state(0)).toBe('ready');
  expect(fleet.pid(0)).not.toBe(heavy);
  await fleet.get('/leak?mb=400').catch(() => {});
  await eventually(() => fleet.restarts(0, 'memory_hard') === 1, { what: 'the hard kill' });
});

test('ipc: a worker that floods the primary is replaced and what it sent is counted', async () => {
  fleet = await FakeFleet.make({}, { count: 1 });
  await fleet.start();
  await fleet.get('/flood');
  await eventually(() => fleet.restarts(0, 'crash') === 1, { what: 'the flooding worker is replaced' });
  expect(fleet.counts.get('supervisor_ipc_dropped_total invalid')).toBeGreaterThan(0);
});
