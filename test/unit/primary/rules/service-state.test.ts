import { expect, test } from 'vitest';
import {
  type Notice,
  newService,
  type ServiceLimits,
  type ServiceSight,
  stepService,
} from '../../../../src/primary/rules/service-state.ts';

const LIMITS: ServiceLimits = {
  watchdogMs: 15_000,
  unreadyMs: 120_000,
  loopMs: 5000,
  askEveryMs: 10_000,
  askForMs: 30_000,
  stepMs: 1_800_000,
};

/** Looks every quarter of a second for a while; what is seen may depend on the time. Returns what was said, and when. */
function watch(forMs: number, seen: (now: number) => Partial<ServiceSight>, limits = LIMITS) {
  const said: { at: number; notice: Notice }[] = [];
  let state = newService(0);
  for (let now = 250; now <= forMs; now += 250) {
    const sight = { state: 'running', isReady: true, loopAt: now, status: 'well', ...seen(now) } as const;
    const step = stepService(state, sight, now, limits);
    state = step.next;
    said.push(...step.say.map((notice) => ({ at: now, notice })));
  }
  const times = (kind: Notice['kind']) => said.filter(({ notice }) => notice.kind === kind).map(({ at }) => at);
  return { said, times };
}

test('service: ready is said once, after the start', () => {
  const { times } = watch(60_000, (now) => ({ state: now < 5000 ? 'starting' : 'running' }));
  expect(times('ready')).toEqual([5000]);
});

test('service: a start that fails never says ready', () => {
  const { times } = watch(20_000, (now) => ({ state: now < 9000 ? 'starting' : 'stopping' }));
  expect(times('ready')).toEqual([]);
  expect(times('stopping')).toEqual([9000]);
});

test('service: a reload is said at its begin, and ready again at its end', () => {
  const { said } = watch(9000, (now) => ({
    state: now < 1000 ? 'starting' : now >= 3000 && now < 6000 ? 'reloading' : 'running',
  }));
  const states = said.filter(({ notice }) => ['ready', 'reloading', 'stopping'].includes(notice.kind));
  expect(states.map(({ at, notice }) => [at, notice.kind])).toEqual([
    [1000, 'ready'],
    [3000, 'reloading'],
    [6000, 'ready'],
  ]);
});

test('service: the status is said when it changes and not otherwise', () => {
  const { times } = watch(10_000, (now) => ({ status: now < 4000 ? 'one' : 'two' }));
  expect(times('status')).toEqual([4000]);
});

test('service: the watchdog is fed each interval while all is well', () => {
  expect(watch(61_000, () => ({})).times('watchdog')).toEqual([15_000, 30_000, 45_000, 60_000]);
});

test('service: without a watchdog nothing feeds it', () => {
  expect(watch(61_000, () => ({}), { ...LIMITS, watchdogMs: undefined }).times('watchdog')).toEqual([]);
});

test('service: a supervising loop that no longer turns is not fed, and is again when it turns', () => {
  const { times } = watch(120_000, (now) => ({ loopAt: now < 20_000 || now >= 70_000 ? now : 20_000 }));
  expect(times('watchdog')).toEqual([15_000, 70_000, 85_000, 100_000, 115_000]);
});

test('service: workers that are missing for long starve the watchdog, a short gap does not', () => {
  const short = watch(150_000, (now) => ({ isReady: now < 20_000 || now > 120_000 }));
  expect(short.times('watchdog')).toHaveLength(10);
  const long = watch(400_000, (now) => ({ isReady: now < 20_000 }));
  expect(long.times('watchdog').at(-1)).toBe(135_000);
});

test('service: a slow start is fed, however long no worker is ready', () => {
  const { times } = watch(300_000, () => ({ state: 'starting', isReady: false }));
  expect(times('watchdog')).toHaveLength(20);
});

test('service: a step under way asks for more time, a running service and a stuck loop do not', () => {
  const start = watch(40_000, (now) => ({ state: now < 31_000 ? 'starting' : 'running' }));
  expect(start.times('extend')).toEqual([10_000, 20_000, 30_000]);
  const stuck = watch(40_000, () => ({ state: 'starting', loopAt: 0 }));
  expect(stuck.times('extend')).toEqual([]);
  const stop = watch(40_000, (now) => ({ state: now < 20_000 ? 'running' : 'stopping' }));
  expect(stop.times('extend')).toEqual([20_000, 30_000, 40_000]);
});

test('service: a step without an end gets no more time', () => {
  const { times } = watch(60_000, () => ({ state: 'starting' }), { ...LIMITS, stepMs: 25_000 });
  expect(times('extend')).toEqual([10_000, 20_000]);
});
