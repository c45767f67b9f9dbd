/** The loop with fake doors and a fake clock: which deeds follow which happenings. */
import { beforeEach, expect, test } from 'vitest';
import type { ForkOrder, WorkerHandlers } from '../../../src/primary/launcher.ts';
import { createSupervisor, type Supervisor } from '../../../src/primary/supervisor.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';
import type { Beat, PrimaryMessage } from '../../../src/shared/ipc.ts';
import type { Log } from '../../../src/shared/log.ts';

interface FakeProcess {
  readonly order: ForkOrder;
  readonly on: WorkerHandlers;
  readonly received: PrimaryMessage[];
  isKilled: boolean;
}

const config = configSchema.parse({ server: { port: 8000 }, workers: { backoff_jitter: 0, reload_soak: '0s' } });
const BEAT: Beat = {
  type: 'beat',
  seq: 1,
  lagMs: 2,
  elu: 0,
  rssBytes: 1,
  heapBytes: 1,
  inflight: 3,
  connections: 0,
  sessions: 4,
  requests: 0,
  snowflake: 'unknown',
  pool: { active: 0, idle: 0, total: 0, max: 1, waiting: 0, peak: 0, oldestWaitMs: 0 },
};

let now: number;
let timers: { at: number; then: () => void }[];
let processes: FakeProcess[];
let retired: number[];
let removed: string[];
let memory: Map<number, number>;
let canFork: boolean;
let supervisor: Supervisor;
const events: string[] = [];
const counted: unknown[] = [];
const gauges = new Map<string, number>();

beforeEach(() => {
  now = 0;
  timers = [];
  processes = [];
  retired = [];
  removed = [];
  memory = new Map();
  canFork = true;
  events.length = 0;
  counted.length = 0;
  const note = (event: string) => void events.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const find = (incarnation: number) => processes.find(({ order }) => order.incarnation === incarnation);
  supervisor = createSupervisor(
    {
      config,
      count: 2,
      logFile: 'daemon.log',
      boot: {
        version: '1.2.3',
        primaryPid: 1,
        runDir: '/run',
        stateDir: '/state',
        opsUrl: 'http://127.0.0.1:1',
        daemonId: 'test',
        daemonStartedAtMs: 0,
        demo: false,
      },
    },
    {
      launcher: {
        fork(order, on) {
          if (!canFork) {
            on.faulted('EMFILE');
            return undefined;
          }
          processes.push({ order, on, received: [], isKilled: false });
          return 1000 + order.incarnation;
        },
        move: () => {},
        send: (incarnation, message) => void find(incarnation)?.received.push(message),
        kill: (incarnation) => {
          const process = find(incarnation);
          if (process !== undefined) process.isKilled = true;
        },
      },
      stats: {
        memory: (pid) => ({ rssBytes: memory.get(pid) ?? 1, ownBytes: memory.get(pid) ?? 1 }),
        cpuMs: () => now / 4,
        evidence: () => ({}),
      },
      clock: { now: () => now, wall: () => new Date(0) },
      log,
      metrics: {
        count: (...what) => void counted.push(what),
        set: (name, value, labels) => void gauges.set([name, ...Object.values(labels ?? {})].join(' '), value),
        clear: () => {},
        observe: (name) => void counted.push([name]),
        ingest: () => {},
        move: () => {},
        retire: (incarnation) => void retired.push(incarnation),
      },
      later(ms, then) {
        const timer = { at: now + ms, then };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
      random: () => 0.5,
      recordWorkers: () => {},
      probe: async () => undefined,
      headroomBytes: () => Number.POSITIVE_INFINITY,
      crowding: () => 0,
      removeSocket: (path) => void removed.push(path),
    },
  );
});

function pass(ms: number, silent: readonly FakeProcess[] = []): void {
  const end = now + ms;
  for (;;) {
    const next = timers.toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at > end) break;
    timers = timers.filter((timer) => timer !== next);
    now = Math.max(now, next.at);
    for (const process of processes) if (!silent.includes(process)) process.on.message(BEAT);
    next.then();
  }
  now = end;
}

const process_ = (index: number): FakeProcess => {
  const found = processes[index];
  if (found === undefined) throw new Error(`no process ${index}`);
  return found;
};
const types = (process: FakeProcess) => process.received.map(({ type }) => type);
const boot = (process: FakeProcess) => {
  process.on.message({ type: 'hello' });
  process.on.message({ type: 'ready', port: 8000, socket: `/run/w${process.order.incarnation}.sock` });
};
async function started(): Promise<void> {
  const start = supervisor.start(() => {});
  for (const process of [...processes]) boot(process);
  await start;
}

test('supervisor: the boot message answers hello, and is not sent twice', async () => {
  const start = supervisor.start(() => {});
  expect(types(process_(0))).not.toContain('boot');
  process_(0).on.message({ type: 'hello' });
  process_(0).on.message({ type: 'hello' });
  expect(process_(0).received.filter(({ type }) => type === 'boot')).toMatchObject([
    { slot: 0, incarnation: 1, generation: 0, version: '1.2.3', config: { server: { port: 8000 } } },
  ]);
  for (const process of processes) boot(process);
  await start;
  expect(supervisor.isReady()).toBe(true);
});

test('supervisor: right after its boot message a worker hears who is alive, and of maintenance', async () => {
  await started();
  supervisor.setMaintenance(true);
  process_(0).on.exited(null, 'SIGKILL', '');
  pass(4000);
  const fresh = process_(2);
  fresh.received.length = 0;
  fresh.on.message({ type: 'hello' });
  expect(fresh.received).toMatchObject([
    { type: 'boot', incarnation: 3 },
    { type: 'fleet', maintenanceSinceMs: 0, workers: [{ incarnation: 3 }, { incarnation: 2, state: 'ready' }] },
  ]);
});

test('supervisor: a stop that comes before the start is how it ends', async () => {
  supervisor.stop(1000);
  await supervisor.stopped;
  await expect(supervisor.start(() => {})).rejects.toMatchObject({ code: 'START_STOPPED' });
  expect(processes).toEqual([]);
});

test('supervisor: everybody hears each second who is alive, with the last beats', async () => {
  await started();
  pass(1100);
  const last = process_(0).received.at(-1);
  expect(last).toMatchObject({
    type: 'fleet',
    workers: [
      { incarnation: 1, state: 'ready', socket: '/run/w1.sock', beat: { sessions: 4 } },
      { incarnation: 2, state: 'ready' },
    ],
  });
});

test('supervisor: the age of figures is that of the figures, however often a worker says that it lives', async () => {
  await started();
  const age = (slot: number) => gauges.get(`supervisor_worker_snapshot_age_seconds ${slot}`);
  pass(20_000);
  process_(1).on.message({ type: 'metrics', series: [] });
  pass(1000);
  expect(age(0)).toBeGreaterThan(19);
  expect(age(1)).toBeLessThan(2);
  expect(gauges.get('supervisor_worker_up 0')).toBe(1);
});

test('supervisor: a death is broadcast at once, its metrics are folded and its socket removed', async () => {
  await started();
  process_(0).on.exited(null, 'SIGKILL', '');
  expect(retired).toEqual([1]);
  expect(removed).toEqual(['/run/w1.sock']);
  expect(process_(1).received.at(-1)).toMatchObject({ type: 'fleet', workers: [{ incarnation: 2 }] });
  pass(4000);
  expect(process_(2).order).toMatchObject({ slot: 0, incarnation: 3 });
});

test('supervisor: a fork that makes no process is tried again', async () => {
  await started();
  canFork = false;
  process_(0).on.exited(1, null, '');
  pass(4100);
  canFork = true;
  pass(4100);
  expect(processes).toHaveLength(3);
});

test('supervisor: drained is answered by flushed, and a drain tells its budget', async () => {
  await started();
  supervisor.stop(Number.POSITIVE_INFINITY);
  expect(process_(0).received.at(-2)).toEqual({ type: 'drain', deadlineMs: 5000, lameDuckMs: 0 });
  process_(0).on.message({ type: 'drained' });
  expect(process_(0).received.at(-1)).toEqual({ type: 'flushed' });
  for (const process of processes) process.on.exited(0, null, '');
  expect(await supervisor.stopped).toEqual({ forced: false });
  expect(timers).toEqual([]);
});

test('supervisor: a silent worker is killed after its replacement is ready', async () => {
  await started();
  const silent = process_(0);
  pass(3500, [silent]);
  boot(process_(2));
  pass(7000, [silent]);
  expect(silent.isKilled).toBe(true);
  silent.on.exited(null, 'SIGKILL', '');
  expect(supervisor.workers()[0]).toMatchObject({
    pid: 1003,
    state: 'ready',
    lastExit: expect.stringContaining('hang'),
  });
});

test('supervisor: memory read from outside is what the limits see', async () => {
  await started();
  memory.set(1001, 2_000_000_000);
  pass(600);
  expect(process_(0).isKilled).toBe(true);
});

test('supervisor: a reload boots new workers with the new configuration', async () => {
  await started();
  const next = configSchema.parse({ server: { port: 8000 }, limits: { max_rows: 77 }, workers: { reload_soak: '0s' } });
  const steps: string[] = [];
  const reload = supervisor.reload(next, (text) => steps.push(text));
  for (const [fresh, old] of [
    [2, 0],
    [3, 1],
  ] as const) {
    boot(process_(fresh));
    expect(types(process_(fresh))).toContain('listen');
    expect(types(process_(old))).not.toContain('drain');
    process_(fresh).on.message({ type: 'listening' });
    expect(types(process_(old))).toContain('drain');
    expect(process_(fresh).received.find(({ type }) => type === 'boot')).toMatchObject({
      config: { limits: { max_rows: 77 } },
    });
    process_(old).on.exited(0, null, '');
  }
  await reload;
  expect(supervisor.config().limits.max_rows).toBe(77);
  expect(supervisor.view()).toEqual({ state: 'running', generation: 1, lastReload: { ok: true, reason: '' } });
  expect(steps.length).toBeGreaterThan(3);
});

test('supervisor: an aborted reload keeps the configuration and is told with its reason', async () => {
  await started();
  const reload = supervisor.reload(configSchema.parse({ limits: { max_rows: 77 } }), () => {});
  process_(2).on.exited(70, null, '');
  await expect(reload).rejects.toMatchObject({ code: 'RELOAD_FAILED' });
  expect(supervisor.config().limits.max_rows).toBe(config.limits.max_rows);
  expect(supervisor.view()).toMatchObject({ generation: 0, lastReload: { ok: false } });
});

test('supervisor: a reload that is refused before it begins shows in the status, the metrics and the log', async () => {
  await started();
  supervisor.refuseReload('workers.count: "banana" is no number');
  expect(supervisor.view()).toMatchObject({
    state: 'running',
    generation: 0,
    lastReload: { ok: false, reason: 'workers.count: "banana" is no number' },
  });
  expect(counted).toContainEqual(['supervisor_reloads_total', { result: 'aborted' }]);
  expect(counted).not.toContainEqual(['supervisor_reload_duration_seconds']);
  expect(events).toContain('reload.aborted');
});

test('supervisor: a start that cannot succeed ends with the reason after the last worker is gone', async () => {
  const start = supervisor.start(() => {});
  const body = { code: 'PRIVATE_KEY_INVALID', message: 'bad key', next: 'Give a PEM key.', retry: false };
  process_(0).on.message({ type: 'failed', body });
  process_(0).on.exited(78, null, '');
  expect(process_(1).isKilled).toBe(true);
  process_(1).on.exited(null, 'SIGKILL', '');
  await expect(start).rejects.toMatchObject({ code: 'START_FAILED', details: { reason: 'bad key', next: body.next } });
});

test('[fault 56] supervisor: scale is kept within 1 and the most', async () => {
  await started();
  supervisor.scale(-3);
  expect(supervisor.count()).toBe(1);
  supervisor.scale(100_000);
  expect(supervisor.count()).toBe(256);
});

test('supervisor: after scaling up as many suspects get a replacement as the larger fleet allows', async () => {
  await started();
  supervisor.scale(4);
  for (const index of [2, 3]) boot(process_(index));
  const silent = [process_(0), process_(1)];
  pass(4000, silent);
  expect(processes.slice(4).map(({ order }) => order.slot)).toEqual([0, 1]);
});

test('supervisor: what a worker publishes reaches every other worker and not itself', async () => {
  void supervisor.start(() => {});
  const [one, two] = [process_(0), process_(1)];
  const events = [{ topic: 't', body: '{"n":1}' }];
  one.on.message({ type: 'publish', events });
  one.on.message({ type: 'publish', events: [{ topic: '', body: 'x' }] });
  const heard = (process: FakeProcess) => process.received.filter((message) => message.type === 'published');
  expect(heard(two)).toEqual([{ type: 'published', events }]);
  expect(heard(one)).toEqual([]);
});
