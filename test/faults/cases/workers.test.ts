/** Workers that die, one or all, early or late, and forks that fail. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { samples } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { FakeFleet } from '../../support/fake-fleet.ts';
import { patient } from '../../support/patience.ts';

async function withFleet(
  workers: Parameters<typeof FakeFleet.make>[0],
  options: Parameters<typeof FakeFleet.make>[1],
  body: (fleet: FakeFleet) => Promise<void>,
): Promise<void> {
  const fleet = await FakeFleet.make(workers, options);
  try {
    await fleet.start();
    await body(fleet);
  } finally {
    await fleet.close();
  }
}

test('[fault 1] kill -9 with calls in flight: only those of that worker fail, it is back in time, counters go on', async () => {
  await using daemon = await FakeDaemon.start({ workers: { restart_delay: '200ms' }, plan: { buckets: 1 } });
  const victim = await daemon.pidOf(0);
  const calls = Array.from({ length: 20 }, () => daemon.get('/slow?ms=1000').catch(() => undefined));
  // Both workers hold some of them when later ones are answered.
  const seen = new Set<number>();
  await eventually(async () => seen.add((await daemon.get('/')).pid).size === 2, { what: 'both answer' });
  const requests = async () => samples(await daemon.metrics(), 'mcp_requests_total').get(COUNTED) ?? 0;
  await eventually(async () => (await requests()) > 0);
  const before = await requests();
  const killedAt = performance.now();
  process.kill(victim, 'SIGKILL');
  await eventually(async () => {
    const pid = await daemon.pidOf(0);
    return pid !== 0 && pid !== victim && (await daemon.allReady());
  });
  expect(performance.now() - killedAt).toBeLessThan(patient(200 * 1.2 + 1500));
  const answers = await Promise.all(calls);
  const answered = answers.filter((answer) => answer !== undefined);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.map(({ pid }) => pid)).not.toContain(victim);
  expect(await requests()).toBeGreaterThanOrEqual(before);
  expect((await daemon.status()).workers[0]?.lastExit).toContain('SIGKILL, perhaps out of memory');
});

const COUNTED = '{method="tools/call",tool="fake",status="200"}';

test('[fault 2] kill -9 of all workers at once: clients can connect again within a second of the delay, starts are spread', async () => {
  await using daemon = await FakeDaemon.start({ count: 4, workers: { restart_delay: '300ms', backoff_jitter: 0.5 } });
  const killedAt = performance.now();
  const begun = Date.now();
  for (const pid of await daemon.pids()) process.kill(pid, 'SIGKILL');
  await eventually(() => canConnect(daemon.url), { what: 'the port is open' });
  await eventually(async () => (await daemon.get('/')).pid > 0, { what: 'an answer' });
  expect(performance.now() - killedAt).toBeLessThan(patient(300 + 1000));
  await daemon.allReady();
  const forks = daemon.log('worker.forked').map((line) => Date.parse(String(line.time)));
  const again = forks.filter((time) => time >= begun).sort((a, b) => a - b);
  expect(again).toHaveLength(4);
  expect((again.at(-1) ?? 0) - (again[0] ?? 0)).toBeGreaterThan(5);
  expect(daemon.log('primary.fault')).toEqual([]);
});

function canConnect(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });
}

test('[fault 10] a full heap: the end is told as memory, the worker starts again after its delay', async () => {
  await using daemon = await FakeDaemon.start({
    workers: { restart_delay: '300ms' },
    env: { NODE_OPTIONS: '--max-old-space-size=64' },
  });
  const victim = await daemon.pidOf(0);
  await daemon.order(victim, 'fill-heap');
  await eventually(() => daemon.log('worker.exited').length === 1, { what: 'it aborts' });
  await eventually(async () => (await daemon.allReady()).length === 2 && (await daemon.pidOf(0)) !== victim);
  const [ended] = daemon.log('worker.exited');
  expect(ended).toMatchObject({ class: 'memory_hard', detail: expect.stringContaining('heap out of memory') });
  expect(Number(ended?.restart_in_ms)).toBeGreaterThan(200);
});

test('[fault 12] a worker that dies just after min_uptime each time: backs off and ends up errored', async () => {
  await withFleet(
    { min_uptime: '1s', max_restarts: 3, exp_backoff_restart_delay: '50ms', errored_retry: '0s' },
    { count: 1 },
    async (fleet) => {
      fleet.plan({ boot: 'die-soon', dieMs: 1100 });
      process.kill(fleet.pid(0), 'SIGKILL');
      await eventually(() => fleet.state(0) === 'errored', { what: 'the slot is errored' });
      const delays = fleet.logged('worker.exited').map(({ facts }) => Number(facts.restart_in_ms));
      expect(delays.slice(0, 2)).toEqual([50, 75]);
    },
  );
});

test('[fault 14] an exit with 0 is followed by a start, one with a code of stop_exit_codes is not', async () => {
  await withFleet({ restart_delay: '50ms', stop_exit_codes: '7' }, { count: 1 }, async (fleet) => {
    const first = fleet.pid(0);
    await fleet.get('/exit?code=0').catch(() => {});
    await eventually(() => fleet.state(0) === 'ready' && fleet.pid(0) !== first);
    await fleet.get('/exit?code=7').catch(() => {});
    await eventually(() => fleet.state(0) === 'stopped');
    expect(fleet.restarts(0, 'clean')).toBe(1);
  });
});

test('[fault 15] an errored slot is back after a reload, with all its tries', async () => {
  await withFleet(
    { max_restarts: 2, restart_delay: '50ms', errored_retry: '0s', reload_soak: '0s' },
    { count: 2 },
    async (fleet) => {
      const bad = { boot: 'throw', slots: [0] } as const;
      fleet.plan(bad);
      process.kill(fleet.pid(0), 'SIGKILL');
      await eventually(() => fleet.state(0) === 'errored');
      fleet.plan({});
      await fleet.supervisor.reload(fleet.config, () => {});
      await eventually(() => fleet.state(0) === 'ready');
      const forks = fleet.logged('worker.forked').length;
      fleet.plan(bad);
      process.kill(fleet.pid(0), 'SIGKILL');
      await eventually(() => fleet.state(0) === 'errored');
      expect(fleet.logged('worker.forked').length - forks).toBe(1);
    },
  );
});

test('[fault 51] orders to workers that died a moment ago harm nobody', async () => {
  await withFleet({ restart_delay: '50ms' }, { count: 3 }, async (fleet) => {
    const kill = () => {
      for (const slot of [0, 1, 2]) process.kill(fleet.pid(slot), 'SIGKILL');
    };
    kill();
    const reload = fleet.supervisor.reload(fleet.config, () => {}).catch(() => {});
    fleet.supervisor.scale(2);
    fleet.supervisor.scale(3);
    await reload;
    await eventually(() => [0, 1, 2].every((slot) => fleet.state(slot) === 'ready'));
    kill();
    fleet.supervisor.stop(30_000);
    await fleet.supervisor.stopped;
  });
});

test('[fault 52] a worker that opens the port and dies before it is ready counts as a failed start', async () => {
  const fleet = await FakeFleet.make({ max_restarts: 2, restart_delay: '50ms' }, { count: 1, plan: { boot: 'half' } });
  await expect(fleet.start()).rejects.toThrow(/code 1/);
  expect(fleet.logged('worker.exited').map(({ facts }) => facts.class)).toEqual(['boot_failure', 'boot_failure']);
  await fleet.close();
});

/** Open files of a process. */
const openFiles = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

test('[fault 41] no file descriptor is left for a fork: the slot waits and comes back, none is lost', async () => {
  await using daemon = await FakeDaemon.start({ workers: { restart_delay: '100ms', max_restarts: 1000 } });
  const limit = (files: number) => execFileSync('prlimit', [`--nofile=${files}:`, `--pid=${daemon.pid}`]);
  const victim = await daemon.pidOf(0);
  limit(openFiles(daemon.pid) - 3);
  process.kill(victim, 'SIGKILL');
  await lasting(() => isNoted(daemon, 'boot_failure'));
  limit(20_000);
  await daemon.allReady();
  expect(await daemon.pidOf(0)).not.toBe(victim);
  expect(daemon.log('primary.fault')).toEqual([]);
});

test('[fault 42] the kernel refuses a fork (EAGAIN): the slot waits and comes back', async () => {
  // The limit does not hold for root, and counts all processes of the user.
  const uid = 54_321;
  await using daemon = await FakeDaemon.start({
    uid,
    workers: { restart_delay: '100ms', max_restarts: 1000 },
  });
  const limit = (processes: number) =>
    execFileSync('prlimit', [`--nproc=${processes}:`, `--pid=${daemon.pid}`], { uid, gid: uid });
  const victim = await daemon.pidOf(0);
  limit(1);
  process.kill(victim, 'SIGKILL');
  await lasting(() => isNoted(daemon, 'EAGAIN'));
  limit(10_000);
  await daemon.allReady();
  expect(await daemon.pidOf(0)).not.toBe(victim);
});

/** Forks have failed, and are tried again. */
const isNoted = (daemon: FakeDaemon, word: string) =>
  daemon.log('worker.exited').filter((line) => JSON.stringify(line).includes(word)).length >= 3;

const lasting = (check: () => boolean) => eventually(check, { what: 'three failed forks' });
