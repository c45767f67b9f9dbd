/** Reload, scale and stop of real processes, with clients that keep asking. */
import { Agent } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { patient } from '../../support/patience.ts';

let fleet: FakeFleet;
afterEach(() => fleet.close());

/** Asks without a pause until told to stop; every failure is kept. */
function load(clients: number, keepAlive: boolean) {
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const agent = new Agent({ keepAlive, maxSockets: clients });
  const loops = Array.from({ length: clients }, async () => {
    while (!isOver) {
      await fleet.get('/', { agent }).then(
        () => {
          answered += 1;
        },
        (error: Error) => failures.push(error.message),
      );
    }
  });
  return {
    failures,
    answered: () => answered,
    async end() {
      isOver = true;
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

const pids = () => [fleet.pid(0), fleet.pid(1)];

test.each([true, false])('reload: all workers are new and no request fails (keep-alive %s)', async (keepAlive) => {
  fleet = await FakeFleet.make({});
  await fleet.start();
  const before = pids();
  const clients = load(10, keepAlive);
  const steps: string[] = [];
  await fleet.supervisor.reload(fleet.config, (text) => steps.push(text));
  await fleet.supervisor.reload(fleet.config, () => {});
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(clients.answered()).toBeGreaterThan(100);
  expect(pids().filter((pid) => before.includes(pid))).toEqual([]);
  expect(fleet.supervisor.view()).toMatchObject({ generation: 2, lastReload: { ok: true } });
  expect(steps.join('\n')).toMatch(/starts[\s\S]*watched[\s\S]*replaced/);
});

test('reload: the last figures of a drained worker arrive before it goes', async () => {
  fleet = await FakeFleet.make({}, { count: 1 });
  await fleet.start();
  await fleet.supervisor.reload(fleet.config, () => {});
  expect(fleet.ingested).toHaveLength(1);
  expect(fleet.logged('worker.exited')[0]?.facts).toMatchObject({ class: 'reload', detail: 'code 0' });
});

test.each([
  ['throws at boot', { boot: 'throw' }, 'did not become ready'],
  ['is never ready', { boot: 'never' }, 'not ready within'],
  ['dies in its soak', { boot: 'die-soon' }, 'did not last'],
  ['cannot open the port', { openAs: 'throw' }, 'could not take calls'],
] as const)('reload: a version that %s is aborted, the old workers serve on untouched', async (_, plan, reason) => {
  fleet = await FakeFleet.make({ listen_timeout: '3s' });
  await fleet.start();
  const before = pids();
  const clients = load(5, false);
  fleet.plan(plan);
  const begun = clients.answered();
  await expect(fleet.supervisor.reload(fleet.config, () => {})).rejects.toThrow(reason);
  expect(clients.answered()).toBeGreaterThan(begun);
  await clients.end();
  expect(clients.failures).toEqual([]);
  expect(pids()).toEqual(before);
  expect(fleet.supervisor.view()).toMatchObject({ generation: 0, state: 'running', lastReload: { ok: false } });
});

test('[fault 22] reload: a second and third request while one runs are one further reload', async () => {
  fleet = await FakeFleet.make({}, { count: 1 });
  await fleet.start();
  await Promise.all([1, 2, 3].map(() => fleet.supervisor.reload(fleet.config, () => {})));
  expect(fleet.supervisor.view().generation).toBe(2);
});

test('[fault 23] stop: in mid-reload both generations end and the reload is answered', async () => {
  fleet = await FakeFleet.make({ reload_soak: '30s' });
  await fleet.start();
  const reload = fleet.supervisor.reload(fleet.config, () => {});
  await eventually(() => fleet.logged('worker.ready').length === 3);
  fleet.supervisor.stop(30_000);
  await expect(reload).rejects.toThrow('the daemon stops');
  expect(await fleet.supervisor.stopped).toEqual({ forced: false });
});

test('stop: calls in flight are finished', async () => {
  fleet = await FakeFleet.make({});
  await fleet.start();
  const calls = Promise.all(Array.from({ length: 4 }, () => fleet.get('/slow?ms=800')));
  await fleet.get('/');
  fleet.supervisor.stop(30_000);
  expect(await calls).toHaveLength(4);
  await fleet.supervisor.stopped;
});

test('[fault 25] stop: a worker that ignores the drain is killed at the deadline', async () => {
  fleet = await FakeFleet.make({ kill_timeout: '1s' }, { plan: { drain: 'ignore' } });
  await fleet.start();
  const begun = performance.now();
  fleet.supervisor.stop(30_000);
  await fleet.supervisor.stopped;
  expect(performance.now() - begun).toBeGreaterThan(950);
  expect(performance.now() - begun).toBeLessThan(patient(4000));
  expect(fleet.logged('worker.exited').map(({ facts }) => facts.detail)).toEqual(
    Array.from({ length: 2 }, () => 'killed at the drain deadline'),
  );
});

test('[fault 24] stop: a second one ends everything at once', async () => {
  fleet = await FakeFleet.make({ kill_timeout: '1h' }, { plan: { drain: 'ignore' } });
  await fleet.start();
  fleet.supervisor.stop(3_600_000);
  fleet.supervisor.stopNow();
  expect(await fleet.supervisor.stopped).toEqual({ forced: true });
});

test('stop: a stopped process is killed too', async () => {
  fleet = await FakeFleet.make({ kill_timeout: '1s' });
  await fleet.start();
  process.kill(fleet.pid(0), 'SIGSTOP');
  fleet.supervisor.stop(30_000);
  await fleet.supervisor.stopped;
  await fleet.noneLeft();
});

test('[fault 16] stop: while a slot waits for its restart, nothing starts any more', async () => {
  fleet = await FakeFleet.make({ restart_delay: '1s' }, { count: 1 });
  await fleet.start();
  process.kill(fleet.pid(0), 'SIGKILL');
  await eventually(() => fleet.state(0) === 'backoff');
  fleet.supervisor.stop(1000);
  await fleet.supervisor.stopped;
  expect(fleet.logged('worker.forked')).toHaveLength(1);
});

test('scale: up adds ready workers, down drains the highest, clients notice nothing', async () => {
  fleet = await FakeFleet.make({}, { count: 1 });
  await fleet.start();
  const clients = load(5, true);
  fleet.supervisor.scale(3);
  await eventually(() => [0, 1, 2].every((slot) => fleet.state(slot) === 'ready'));
  fleet.supervisor.scale(1);
  await eventually(() => fleet.supervisor.workers().length === 1);
  await clients.end();
  expect(clients.failures).toEqual([]);
});

test('scale: a reload keeps the number of workers that was asked for', async () => {
  fleet = await FakeFleet.make({ reload_soak: '0s' }, { count: 1 });
  await fleet.start();
  fleet.supervisor.scale(3);
  await eventually(() => [0, 1, 2].every((slot) => fleet.state(slot) === 'ready'));
  await fleet.supervisor.reload(fleet.config, () => {});
  expect(fleet.supervisor.workers().map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
});
