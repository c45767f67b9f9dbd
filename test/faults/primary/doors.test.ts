/** Who takes calls, with real processes: the spare, a paused fleet, workers that leave for their age or for want of memory. */
import { Agent } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { patient } from '../../support/patience.ts';

let fleet: FakeFleet;
afterEach(() => fleet.close());

const spare = () => fleet.supervisor.view().spare;

const spareIsReady = () => eventually(() => spare()?.state === 'spare', { what: 'the spare is ready' });

test('spare: takes the slot of a killed worker at once, and a new one boots', async () => {
  fleet = await FakeFleet.make({ spare: 1, restart_delay: '30s' });
  await fleet.start();
  await spareIsReady();
  const [pid, victim] = [spare()?.pid, fleet.pid(1)];
  const begun = performance.now();
  process.kill(victim, 'SIGKILL');
  await eventually(() => fleet.pid(1) === pid && fleet.state(1) === 'ready', { what: 'the spare serves' });
  expect(performance.now() - begun).toBeLessThan(patient(500));
  const answered = await eventually(async () => {
    const answer = await fleet.get('/');
    return answer.slot === 1 && answer;
  });
  expect(answered.pid).toBe(pid);
  expect(fleet.moves).toEqual([1]);
  expect(fleet.restarts(1, 'killed')).toBe(1);
  await spareIsReady();
  expect(spare()?.pid).not.toBe(pid);
});

test('spare: takes no calls before, is renewed by a reload, and ends with the stop', async () => {
  fleet = await FakeFleet.make({ spare: 1, reload_soak: '0s' }, { count: 1 });
  await fleet.start();
  await spareIsReady();
  const before = spare()?.pid;
  const answers = await Promise.all(Array.from({ length: 20 }, () => fleet.get('/')));
  expect(new Set(answers.map(({ pid }) => pid))).toEqual(new Set([fleet.pid(0)]));
  await fleet.supervisor.reload(fleet.config, () => {});
  await eventually(() => spare()?.state === 'spare' && spare()?.pid !== before, { what: 'the spare is new' });
});

test('spare: a stopped worker is relieved when it is suspected, without a boot', async () => {
  fleet = await FakeFleet.make({ spare: 1, hang_suspect: '1s', hang_kill: '3s' });
  await fleet.start();
  await spareIsReady();
  const pid = spare()?.pid;
  process.kill(fleet.pid(0), 'SIGSTOP');
  await eventually(() => fleet.logged('worker.took_over').length === 1 && fleet.moves.length === 1);
  await eventually(() => fleet.pid(0) === pid, { what: 'the seat is taken after the kill' });
  expect(fleet.restarts(0, 'hang')).toBe(1);
});

test('pause: new connections are refused, open ones go on, resume opens the port again', async () => {
  fleet = await FakeFleet.make({});
  await fleet.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await fleet.get('/', { agent });
  fleet.supervisor.pause(true);
  await eventually(
    async () => {
      await fleet.get('/', { agent });
      return fleet.get('/').then(
        () => false,
        (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
      );
    },
    { what: 'the port is closed' },
  );
  agent.destroy();
  expect(fleet.supervisor.isReady()).toBe(false);
  expect(fleet.supervisor.isWell()).toBe(true);
  expect([fleet.state(0), fleet.state(1)]).toEqual(['standby', 'standby']);
  fleet.supervisor.pause(false);
  await eventually(() => [0, 1].every((slot) => fleet.state(slot) === 'ready'));
  await fleet.get('/');
});

test('lifetime: a worker that has answered max_requests is replaced and no call fails', async () => {
  fleet = await FakeFleet.make({ max_requests: 60, lifetime_jitter: 0 }, { count: 1 });
  await fleet.start();
  const failures: string[] = [];
  await eventually(
    async () => {
      await fleet.get('/').catch((error: Error) => failures.push(error.message));
      return fleet.restarts(0, 'lifetime') === 1;
    },
    { what: 'it is replaced for its age' },
  );
  expect(failures).toEqual([]);
});

test('memory: a reload without memory for two lets each old worker leave first, the other serves', async () => {
  fleet = await FakeFleet.make({ reload_soak: '0s' });
  await fleet.start();
  await eventually(() => fleet.supervisor.workers().every(({ rssBytes }) => rssBytes > 0));
  fleet.headroomBytes = 1000;
  const steps: string[] = [];
  const before = [fleet.pid(0), fleet.pid(1)];
  await fleet.supervisor.reload(fleet.config, (text) => steps.push(text));
  expect(steps.filter((text) => text.includes('not enough memory'))).toHaveLength(2);
  expect(before).not.toContain(fleet.pid(0));
  expect(before).not.toContain(fleet.pid(1));
});

test('first start: a version that dies without a word fails within seconds, with its last words', async () => {
  fleet = await FakeFleet.make({ restart_delay: '4s', max_restarts: 10 }, { plan: { boot: 'throw' } });
  const begun = performance.now();
  const error = await fleet.start().catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  expect(performance.now() - begun).toBeLessThan(patient(5000));
  expect(error.message).toContain('code 1');
  expect(error.message).toContain('this version is broken');
});

test('crash: all workers killed at once, again and again, and the port is open again each time', async () => {
  fleet = await FakeFleet.make({ restart_delay: '200ms', min_uptime: '0s', max_restarts: 1000 });
  await fleet.start();
  for (let round = 0; round < 5; round += 1) {
    const killed = [fleet.pid(0), fleet.pid(1)];
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    const isNew = async () => !killed.includes((await fleet.get('/', { timeoutMs: 1000 })).pid);
    await eventually(isNew, { what: 'somebody answers again' });
    await eventually(() => [0, 1].every((slot) => fleet.state(slot) === 'ready'));
  }
});
