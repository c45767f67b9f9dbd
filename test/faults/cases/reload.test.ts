/** Reloads with long calls, of broken versions, and of slots that are down. */
import { afterEach, expect, test } from 'vitest';
import { samples } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { startFleetLoad } from '../../support/fleet-load.ts';
import { patient } from '../../support/patience.ts';

let fleet: FakeFleet | undefined;
afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

async function started(...args: Parameters<typeof FakeFleet.make>): Promise<FakeFleet> {
  fleet = await FakeFleet.make(...args);
  await fleet.start();
  return fleet;
}

test('[fault 17] reload: 20 in a row under keep-alive load, no call fails', async () => {
  const it = await started({ reload_soak: '0s' }, { count: 1 });
  const load = startFleetLoad(it, 10);
  for (let round = 0; round < 20; round += 1) await it.supervisor.reload(it.config, () => {});
  expect(await load.end()).toEqual([]);
  expect(load.answered()).toBeGreaterThan(500);
  expect(it.supervisor.view().generation).toBe(20);
});

test('[fault 18] reload: long calls are finished, those that outlast the drain are cut at its deadline', async () => {
  const it = await started({ reload_soak: '0s', kill_timeout: '3s' }, { count: 1 });
  const long = it.get('/slow?ms=1500');
  const endless = it.get('/slow?ms=60000', { timeoutMs: 60_000 }).catch((error: Error) => error.message);
  await it.get('/');
  const old = it.pid(0);
  const begun = performance.now();
  await it.supervisor.reload(it.config, () => {});
  const tookMs = performance.now() - begun;
  expect((await long).pid).toBe(old);
  expect(await endless).toContain('hang up');
  expect(tookMs).toBeGreaterThan(2900);
  expect(tookMs).toBeLessThan(patient(6000));
});

test.each([
  ['[fault 19] throws at boot', { boot: 'throw' }],
  ['[fault 20] is never ready', { boot: 'never' }],
  ['[fault 21] dies in its soak', { boot: 'die-soon' }],
] as const)('reload: of a version that %s: exit 1, the old workers and the generation stay', async (_, plan) => {
  await using daemon = await FakeDaemon.start({ workers: { listen_timeout: '3s', reload_soak: '600ms' } });
  const before = await daemon.pids();
  daemon.plan(plan);
  const reload = await daemon.cli('reload', '--wait');
  expect([reload.code, reload.stderr.length > 0]).toEqual([1, true]);
  expect(await daemon.status()).toMatchObject({ generation: 0, state: 'running', lastReload: { ok: false } });
  expect(await daemon.allReady()).toEqual(before);
  expect(samples(await daemon.metrics(), 'supervisor_reloads_total').get('{result="aborted"}')).toBe(1);
});

test.each([
  ['scaled away', (it: FakeFleet): void => it.supervisor.scale(1), 1],
  ['reloaded', (it: FakeFleet): void => void it.supervisor.reload(it.config, () => {}).catch(() => {}), 2],
] as const)(
  '[fault 16] backoff: a slot that waits for its restart and is %s starts no stray process',
  async (_, act, count) => {
    const it = await started({ restart_delay: '1s', reload_soak: '0s' });
    process.kill(it.pid(1), 'SIGKILL');
    await eventually(() => it.state(1) === 'backoff');
    const begun = performance.now();
    act(it);
    await eventually(() => performance.now() - begun > 1500 && it.supervisor.view().state === 'running');
    await eventually(() =>
      Array.from({ length: count }, (_unused, slot) => it.state(slot)).every((s) => s === 'ready'),
    );
    expect(it.supervisor.workers()).toHaveLength(count);
    const forked = it.logged('worker.forked').length;
    const ended = it.logged('worker.exited').length;
    await eventually(() => it.logged('worker.exited').length === it.logged('worker.forked').length - count);
    expect(it.logged('worker.forked').length).toBe(forked);
    expect(ended).toBeLessThanOrEqual(forked);
  },
);
