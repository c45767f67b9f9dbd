/** The daemon process itself is killed, paused, blocked or signalled. */
import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { FakeDaemon } from '../../support/fake-daemon.ts';
import { listenForNotify } from '../../support/notify-listener.ts';
import { patient } from '../../support/patience.ts';
import { isAlive } from '../../support/process.ts';
import { tempDir } from '../../support/temp-dir.ts';

/** On SIGPWR the loop of the primary does nothing else for a while. */
const BLOCKS = `process.on('SIGPWR', () => { const end = performance.now() + 2500; while (performance.now() < end); });`;

/** Waits as long as the fault shall last. */
const lasts = (ms: number) => {
  const until = performance.now() + ms;
  return eventually(() => performance.now() >= until, { deadlineMs: ms + 1000 });
};

test('[fault 31] primary: a stopped worker that outlived a killed primary is killed by the next start', async () => {
  await using home = tempDir();
  await using first = await FakeDaemon.start({ home: home.path });
  const [stopped = 0] = await first.pids();
  process.kill(stopped, 'SIGSTOP');
  first.child.kill('SIGKILL');
  await first.ended();
  expect(isAlive(stopped)).toBe(true);
  await using second = await FakeDaemon.start({ home: home.path });
  expect(isAlive(stopped)).toBe(false);
  expect(second.log('orphan.killed').map((line) => line.worker_pid)).toContain(stopped);
});

test('[fault 32] primary: while its loop is blocked the watchdog is not fed and workers serve', async () => {
  const address = `@snowflake-mcp-blocked-${process.pid}`;
  const manager = listenForNotify(address);
  try {
    const env = { NOTIFY_SOCKET: address, WATCHDOG_USEC: '400000' };
    await using daemon = await FakeDaemon.start({ env, preload: BLOCKS });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await daemon.get('/', agent);
    await eventually(() => manager.texts('WATCHDOG=1').length > 0);
    const pids = await daemon.pids();
    daemon.child.kill('SIGPWR');
    const blockedFrom = performance.now();
    await lasts(500);
    for (let calls = 0; calls < 50; calls += 1) await daemon.get('/', agent);
    expect(performance.now() - blockedFrom).toBeLessThan(patient(2000));
    await daemon.status();
    const fed = manager.heard.filter(({ text }) => text === 'WATCHDOG=1').map(({ at }) => at);
    expect(fed.filter((at) => at > blockedFrom + 400 && at < blockedFrom + 2300)).toEqual([]);
    await eventually(() => manager.heard.at(-1)?.text === 'WATCHDOG=1', { what: 'it is fed again' });
    expect(await daemon.pids()).toEqual(pids);
    agent.destroy();
  } finally {
    manager.close();
  }
});

test('[fault 33] primary: one that was stopped for longer than hang_kill kills nobody when it wakes up', async () => {
  await using daemon = await FakeDaemon.start({ workers: { hang_suspect: '1s', hang_kill: '2s' } });
  const pids = await daemon.pids();
  process.kill(daemon.pid, 'SIGSTOP');
  await lasts(4000);
  process.kill(daemon.pid, 'SIGCONT');
  await eventually(() => daemon.log('primary.slept').length > 0, { what: 'it knows that it slept' });
  await lasts(1000);
  expect(await daemon.allReady()).toEqual(pids);
  expect(daemon.log('worker.exited')).toEqual([]);
});

test('[fault 23] primary: SIGTERM in mid-reload ends both generations, exit 0', async () => {
  await using daemon = await FakeDaemon.start({ workers: { reload_soak: '30s' } });
  daemon.child.kill('SIGHUP');
  await eventually(() => daemon.log('worker.ready').length === 3, {
    what: 'a new worker is ready beside the old ones',
  });
  const call = daemon.get('/slow?ms=500');
  await eventually(async () => (await daemon.status()).state === 'reloading');
  await daemon.get('/');
  daemon.child.kill('SIGTERM');
  expect((await call).slot).toBeGreaterThanOrEqual(0);
  expect(await daemon.ended()).toBe(0);
  expect(daemon.log('worker.exited')).toHaveLength(3);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '[fault 24] primary: %s in a drain ends everything at once, exit 1',
  async (signal) => {
    await using daemon = await FakeDaemon.start({ workers: { kill_timeout: '1h' }, plan: { drain: 'ignore' } });
    daemon.child.kill('SIGTERM');
    await eventually(async () => (await daemon.status()).state === 'stopping');
    const askedAt = performance.now();
    daemon.child.kill(signal);
    expect(await daemon.ended()).toBe(1);
    expect(performance.now() - askedAt).toBeLessThan(patient(1500));
  },
);

test('[fault 22] primary: SIGHUP thrice during a reload is one further reload', async () => {
  await using daemon = await FakeDaemon.start({ count: 1, workers: { reload_soak: '2s' } });
  daemon.child.kill('SIGHUP');
  await eventually(async () => (await daemon.status()).state === 'reloading');
  for (let round = 0; round < 3; round += 1) {
    daemon.child.kill('SIGHUP');
    await lasts(20);
  }
  const settled = await eventually(
    async () => {
      const status = await daemon.status();
      return status.state === 'running' && status.generation >= 2 && status;
    },
    { what: 'the reloads are over' },
  );
  expect(settled.generation).toBe(2);
});

/** The primary's way to end a child is blunt: what it kills stays. */
const BLUNT = `
import { ChildProcess } from 'node:child_process';
const { kill } = ChildProcess.prototype;
ChildProcess.prototype.kill = function (signal) { return signal === 'SIGKILL' ? true : kill.call(this, signal); };
`;

test('[fault 26] primary: a worker that outlives SIGKILL (simulated) is reported and no longer waited for', async () => {
  await using daemon = await FakeDaemon.start({ workers: { kill_timeout: '1s' }, preload: BLUNT });
  const stuck = await daemon.pidOf(0);
  process.kill(stuck, 'SIGSTOP');
  daemon.child.kill('SIGTERM');
  await daemon.ended();
  expect(daemon.log('worker.unkillable')).toMatchObject([{ worker_pid: stuck }]);
  expect(isAlive(stuck)).toBe(true);
  process.kill(stuck, 'SIGKILL');
});

test('[fault 40] primary: whoever read its output went away, it serves on', async () => {
  await using daemon = await FakeDaemon.start();
  daemon.child.stdout?.destroy();
  daemon.child.stderr?.destroy();
  const before = await daemon.pids();
  daemon.child.kill('SIGHUP');
  await eventually(async () => (await daemon.status()).generation === 1, { what: 'the reload' });
  expect((await daemon.allReady()).filter((pid) => before.includes(pid))).toEqual([]);
  daemon.child.kill('SIGTERM');
  expect(await daemon.ended()).toBe(0);
});
