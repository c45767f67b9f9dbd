import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../../../../src/shared/log.ts';
import { type RunningRecord, watchAbandoned } from '../../../../src/worker/session/abandoned.ts';
import { createLocalLease } from '../../../../src/worker/session/lease.ts';
import { ownerName } from '../../../../src/worker/session/record.ts';
import { createMemoryStore } from '../../../../src/worker/state/memory-store.ts';
import { fleetOf } from '../../../support/fleet-of.ts';

const clock = { now: () => Date.now(), wall: () => new Date() };
const log = createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() });
const leaseOf = (fleet: ReturnType<typeof fleetOf>) => createLocalLease(ownerName(fleet.daemon, fleet.incarnation));
const store = () => createMemoryStore<RunningRecord>();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(
  shared: ReturnType<typeof store>,
  fleet: ReturnType<typeof fleetOf>,
  running: string[] = [],
  graceMs = 0,
) {
  const cancelled: string[] = [];
  const cancel = async (queryId: string, _cause?: string, identity?: string) => {
    if (queryId === 'stubborn') throw new Error('no');
    cancelled.push(identity === undefined ? queryId : `${queryId} as ${identity}`);
  };
  const statement = (text: string) => {
    const [queryId = '', identity] = text.split(' as ');
    return identity === undefined ? { queryId } : { queryId, identity };
  };
  const query = { running: () => running.map(statement), submitted: { cancel } };
  return {
    watch: watchAbandoned({ store: shared, fleet, lease: leaseOf(fleet), query, clock, log, graceMs }),
    cancelled,
    running,
  };
}
const tick = () => vi.advanceTimersByTimeAsync(1000);
const keys = async (shared: ReturnType<typeof store>) => (await shared.page('', 10)).map(({ key }) => key);

test('abandoned: what a worker runs is written down, and taken away when it closes', async () => {
  const shared = store();
  const mine = watch(shared, fleetOf('d', 1, [1]), ['q1']);
  await tick();
  expect((await shared.get('d.1'))?.value.queryIds).toEqual(['q1']);
  mine.running.splice(0, 1, 'q2', 'q3');
  await tick();
  expect((await shared.get('d.1'))?.value.queryIds).toEqual(['q2', 'q3']);
  await mine.watch.close();
  expect(await keys(shared)).toEqual([]);
});

test('abandoned: nothing is written by a worker that runs nothing', async () => {
  const shared = store();
  watch(shared, fleetOf('d', 1, [1]));
  await tick();
  expect(await keys(shared)).toEqual([]);
});

test('abandoned: of all fellows exactly one cancels what the dead worker ran, also past one that fails', async () => {
  const shared = store();
  await shared.create('d.1', { queryIds: ['stubborn', 'q1'], writtenAtMs: Date.now() });
  const fleets = [2, 3].map((incarnation) => fleetOf('d', incarnation, [1, 2, 3]));
  const watches = fleets.map((fleet) => watch(shared, fleet));
  await tick();
  expect(watches.flatMap(({ cancelled }) => cancelled)).toEqual([]);
  for (const fleet of fleets) fleet.tell([2, 3]);
  await tick();
  expect(watches.flatMap(({ cancelled }) => cancelled)).toEqual(['q1']);
  expect(await keys(shared)).toEqual([]);
});

test('abandoned: a list that may be too old to name a worker condemns nobody', async () => {
  const shared = store();
  await shared.create('d.9', { queryIds: ['q9'], writtenAtMs: Date.now() });
  const { cancelled } = watch(shared, fleetOf('d', 2, []));
  await tick();
  expect(cancelled).toEqual([]);
});

test('abandoned: the statements of an earlier daemon are cancelled at the start, unless they must be long over', async () => {
  const shared = store();
  await shared.create('old.1', { queryIds: ['q1'], writtenAtMs: Date.now() - 60_000 });
  await shared.create('old.2', { queryIds: ['q2'], writtenAtMs: Date.now() - 8 * 86_400_000 });
  const { cancelled } = watch(shared, fleetOf('d', 1, [1]));
  await tick();
  expect([cancelled, await keys(shared)]).toEqual([['q1'], []]);
});

test('abandoned: within the grace nothing is cancelled, and after it not what a fellow waits for by then', async () => {
  const shared = store();
  await shared.create('d.1', { queryIds: ['q1', 'q2', 'q3'], writtenAtMs: Date.now() });
  await shared.create('d.3', { queryIds: ['q2'], writtenAtMs: Date.now() });
  const fleet = fleetOf('d', 2, [1, 2, 3]);
  const mine = watch(shared, fleet, [], 10_000);
  fleet.tell([2, 3]);
  await vi.advanceTimersByTimeAsync(9000);
  expect(mine.cancelled).toEqual([]);
  mine.running.push('q3');
  await vi.advanceTimersByTimeAsync(2000);
  expect(mine.cancelled).toEqual(['q1']);
  expect(await keys(shared)).toEqual(['d.2', 'd.3']);
});

test('abandoned: a statement is cancelled under the login it ran under', async () => {
  const shared = store();
  watch(shared, fleetOf('d', 1, [1, 2]), ['q1 as etl', 'q2']);
  const fellow = fleetOf('d', 2, [1, 2]);
  const { cancelled } = watch(shared, fellow);
  await tick();
  fellow.tell([2]);
  await tick();
  expect(cancelled).toEqual(['q1 as etl', 'q2']);
});

test('abandoned: a write whose answer was lost is the last that is known, not the last that is written', async () => {
  const shared = store();
  let isLost = false;
  const lossy: typeof shared = {
    ...shared,
    replace: async (...write) => {
      const version = await shared.replace(...write);
      if (isLost) throw new Error('the connection broke');
      return version;
    },
  };
  const mine = watch(lossy, fleetOf('d', 1, [1]), ['q1']);
  await tick();
  isLost = true;
  mine.running.splice(0, 1, 'q2');
  await tick();
  isLost = false;
  mine.running.splice(0, 1, 'q3');
  await tick();
  await tick();
  expect((await shared.get('d.1'))?.value.queryIds).toEqual(['q3']);
  await mine.watch.close();
  expect(await keys(shared)).toEqual([]);
});
