/** Workers that send too much, too big or nonsense over their channel, or never read it. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createLauncher } from '../../../src/primary/launcher.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { order } from '../../support/orders.ts';
import { patient } from '../../support/patience.ts';

let fleet: FakeFleet;

async function startFleet(workers: Parameters<typeof FakeFleet.make>[0]): Promise<void> {
  fleet = await FakeFleet.make(workers);
  onTestFinished(() => fleet.close());
  await fleet.start();
}

const tell = (pid: number, deed: string, args: Record<string, string | number> = {}) =>
  order(dirname(process.env.FAKE_WORKER_PLAN ?? ''), pid, deed, args);

/** The worst lag of this process, which is the primary here, while `work` lasts. */
async function worstLagMs(work: () => Promise<unknown>): Promise<number> {
  const resolution = 5;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6 - resolution;
}

const isReplaced = (slot: number, former: number) => () => fleet.state(slot) === 'ready' && fleet.pid(slot) !== former;

// A busy machine delays everybody; the best of three counts.
test('[fault 45] ipc: 50,000 small messages a second: the primary lags less than 100 ms and replaces the sender', {
  retry: 2,
}, async () => {
  await startFleet({ restart_delay: '50ms' });
  const [sender, other] = [fleet.pid(0), fleet.pid(1)];
  const lagMs = await worstLagMs(async () => {
    await tell(sender, 'flood', { perSecond: 50_000 });
    await eventually(isReplaced(0, sender), { what: 'the sender is replaced' });
  });
  expect(lagMs).toBeLessThan(patient(100));
  expect(fleet.pid(1)).toBe(other);
  expect(fleet.restarts(0, 'crash')).toBe(1);
  expect(fleet.counts.get('supervisor_ipc_dropped_total rate')).toBeGreaterThan(0);
});

test('[fault 45] ipc: garbage and keys of prototypes are dropped and counted, nothing is polluted', async () => {
  await startFleet({ restart_delay: '50ms' });
  const sender = fleet.pid(0);
  const dropped = () => fleet.counts.get('supervisor_ipc_dropped_total invalid') ?? 0;
  await tell(sender, 'garbage');
  await eventually(() => dropped() >= 9, { what: 'it is dropped' });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(fleet.state(0)).toBe('ready');
  await tell(sender, 'garbage');
  await tell(sender, 'garbage').catch(() => {});
  await eventually(isReplaced(0, sender), { what: 'one that goes on is replaced' });
});

test.each(['text', 'words', 'objects'])(
  '[fault 45] ipc: a message of 100 MB (%s): the primary lags less than 2 s and replaces the sender',
  async (shape) => {
    await startFleet({ restart_delay: '50ms', max_memory_restart: '4G' });
    const [sender, other] = [fleet.pid(0), fleet.pid(1)];
    const lagMs = await worstLagMs(async () => {
      await tell(sender, 'huge', { mb: 100, shape });
      await eventually(isReplaced(0, sender), { what: 'the sender is replaced' });
    });
    expect(lagMs).toBeLessThan(patient(2000));
    expect(fleet.pid(1)).toBe(other);
  },
);

test('[fault 45] ipc: a message of 20 MB that is well formed but has far too many series: its sender is replaced', async () => {
  await startFleet({ restart_delay: '50ms', max_memory_restart: '4G' });
  const [sender, other] = [fleet.pid(0), fleet.pid(1)];
  await tell(sender, 'huge', { mb: 20, shape: 'series' });
  await eventually(isReplaced(0, sender), { what: 'the sender is replaced' });
  expect(fleet.ingested).toEqual([]);
  expect(fleet.pid(1)).toBe(other);
});

test('[fault 46] ipc: what waits for a worker that never reads is bounded', async () => {
  process.env.FAKE_WORKER_PLAN = '/dev/null';
  const launcher = createLauncher({
    exec: () => fileURLToPath(new URL('../../support/fake-worker.mjs', import.meta.url)),
    env: process.env,
    variables: [],
    attach: () => ({ move: () => {} }),
    scheduling: 'none',
  });
  let hasGone = false;
  const heard: unknown[] = [];
  const pid = launcher.fork(
    { slot: 0, incarnation: 1, instanceVariable: 'INSTANCE_ID', incrementVariable: undefined, heapMib: 100 },
    { message: (raw) => heard.push(raw), flooded: () => {}, exited: () => (hasGone = true), faulted: () => {} },
  );
  await eventually(() => heard.length > 0, { what: 'its first word' });
  process.kill(pid ?? 0, 'SIGSTOP');
  const before = residentMb();
  const version = 'x'.repeat(100_000);
  for (let round = 0; round < 2000; round += 1) {
    launcher.send(1, { type: 'fleet', generation: 0, workers: [{ ...FELLOW, socket: version }] });
    if (round % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(residentMb() - before).toBeLessThan(60);
  launcher.kill(1);
  await eventually(() => hasGone, { what: 'it is gone' });
});

const FELLOW = { slot: 0, incarnation: 1, pid: 1, state: 'ready', startedAtMs: 0, restarts: 0 };

const residentMb = () => (Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * 4096) / 1024 / 1024;
