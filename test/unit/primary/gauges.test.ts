/** The primary's own figures move when what they tell of happens. */
import { expect, test } from 'vitest';
import { createGauges } from '../../../src/primary/gauges.ts';
import { narrate } from '../../../src/primary/narrator.ts';
import type { WorkerRows } from '../../../src/primary/status.ts';
import { newRow } from '../../../src/primary/worker-table.ts';
import { EXIT_CLASSES } from '../../../src/shared/exit-codes.ts';
import type { Log } from '../../../src/shared/log.ts';
import { FleetDriver, LIMITS } from './rules/fleet-driver.ts';

function setUp(driver: FleetDriver) {
  const values = new Map<string, number>();
  const key = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    [name, ...Object.values(labels)].join(' ');
  const recorder = {
    count: (name: string, labels = {}, by = 1) =>
      void values.set(key(name, labels), (values.get(key(name, labels)) ?? 0) + by),
    set: (name: string, value: number, labels = {}) => void values.set(key(name, labels), value),
    observe: (name: string, value: number, labels = {}) => void values.set(key(name, labels), value),
    clear: (name: string, labels = {}) => void values.delete(key(name, labels)),
  };
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log };
  const gauges = createGauges(recorder, { now: () => driver.now, wall: () => new Date(0) }, '1');
  const look = (rows: WorkerRows = new Map()) => {
    gauges.watch(driver.fleet);
    gauges.second(driver.fleet, rows);
  };
  let told = 0;
  const tell = (rows?: WorkerRows) => {
    for (const entry of driver.history.slice(told)) {
      if (entry.kind === 'fork') gauges.slot(entry.slot);
      else if (!['drain', 'kill', 'abandon', 'listen', 'unlisten'].includes(entry.kind)) {
        narrate(entry as Parameters<typeof narrate>[0], log, recorder);
      }
    }
    told = driver.history.length;
    look(rows);
  };
  return { values, tell };
}

test('gauges: time without a worker that takes calls is added up to the event', () => {
  const driver = new FleetDriver(1).started().pass(20_000);
  const { values, tell } = setUp(driver);
  tell();
  driver.exit(1, null, 'SIGKILL');
  tell();
  driver.pass(4000).boot(driver.holder(0).id);
  tell();
  expect(values.get('supervisor_unavailable_seconds_total')).toBe(4);
  driver.pass(5000);
  tell();
  expect(values.get('supervisor_unavailable_seconds_total')).toBe(4);
});

test('gauges: every class of end exists as 0 and is counted under its name', () => {
  const driver = new FleetDriver(1).started().pass(20_000);
  const { values, tell } = setUp(driver);
  tell();
  for (const reason of EXIT_CLASSES) expect(values.get(`supervisor_worker_restarts_total 0 ${reason}`)).toBe(0);
  driver.exit(1, null, 'SIGKILL').pass(4000);
  driver.exit(driver.holder(0).id, 70);
  tell();
  expect(values.get('supervisor_worker_restarts_total 0 killed')).toBe(1);
  expect(values.get('supervisor_worker_restarts_total 0 boot_failure')).toBe(1);
});

test('gauges: state and up follow the slot, one state at a time; the spare is neither up nor down', () => {
  const driver = new FleetDriver(1, { ...LIMITS, spares: 1 }).started();
  driver.boot(2).pass(500);
  const { values, tell } = setUp(driver);
  tell();
  const is = (worker: string, state: string) => values.get(`supervisor_worker_state ${worker} ${state}`);
  expect([is('0', 'ready'), is('spare', 'spare'), values.get('supervisor_worker_up spare')]).toEqual([1, 1, undefined]);
  driver.send({ kind: 'pause', isPaused: true });
  tell();
  expect([is('0', 'ready'), is('0', 'standby'), values.get('supervisor_worker_up 0')]).toEqual([0, 1, 0]);
  driver.send({ kind: 'scale', count: 2 }).send({ kind: 'scale', count: 1 });
  tell();
  expect(is('0', 'standby')).toBe(1);
});

test('gauges: a reload moves its counters and durations', () => {
  const driver = new FleetDriver(1).started();
  const { values, tell } = setUp(driver);
  driver.send({ kind: 'reload', edition: 1 });
  driver.boot(driver.fresh(0).id).pass(3000).exit(1, 0);
  tell();
  expect(values.get('supervisor_reloads_total ok')).toBe(1);
  expect(values.get('supervisor_reload_duration_seconds')).toBe(3);
  expect(values.get('supervisor_worker_restarts_total 0 reload')).toBe(1);
  driver.send({ kind: 'reload', edition: 2 }).exit(driver.fresh(0).id, 70);
  tell();
  expect(values.get('supervisor_reloads_total aborted')).toBe(1);
});

test('gauges: what is told of a slot goes with it when it is scaled away, its counters stay', () => {
  const driver = new FleetDriver(2).started().pass(1000);
  const { values, tell } = setUp(driver);
  tell(rowsOf(driver));
  const ofSlot = () => [...values.keys()].filter((name) => /^supervisor_\w+ 1( |$)/.test(name));
  expect(ofSlot()).toEqual(expect.arrayContaining(['supervisor_worker_up 1', 'supervisor_worker_state 1 ready']));
  expect(ofSlot()).toContain('supervisor_worker_snapshot_age_seconds 1');
  const leaving = driver.holder(1).id;
  driver.send({ kind: 'scale', count: 1 }).exit(leaving, 0).pass(1000);
  tell(rowsOf(driver));
  expect(ofSlot().filter((name) => !/_total /.test(name))).toEqual([]);
  expect(ofSlot()).toContain('supervisor_worker_restarts_total 1 crash');
  expect(values.get('supervisor_worker_up 0')).toBe(1);
});

test('gauges: the age of figures is that of a living worker, and gone with it', () => {
  const driver = new FleetDriver(1).started();
  const { values, tell } = setUp(driver);
  const rows = rowsOf(driver);
  driver.pass(20_000);
  tell(rows);
  expect(values.get('supervisor_worker_snapshot_age_seconds 0')).toBe(20);
  driver.exit(1, null, 'SIGKILL');
  tell(new Map());
  expect(values.has('supervisor_worker_snapshot_age_seconds 0')).toBe(false);
});

/** As the crew keeps them: figures have come now. */
function rowsOf(driver: FleetDriver): WorkerRows {
  return new Map(
    driver.processes().map(({ id, slot }) => [id, newRow({ slot, incarnation: id, pid: id }, driver.now, new Date(0))]),
  );
}
