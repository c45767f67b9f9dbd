/** What systemd does with a service that hangs or dies: each test has a machine of its own. */
import { beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { PACKAGE, prepareRoot } from './machine.ts';
import { installed, logOf, processes, show, UNIT } from './service.ts';

beforeAll(() => void prepareRoot());

test('service: a daemon that hangs is killed by the watchdog and started anew, with nothing left of the old one', async () => {
  await using machine = await installed(['WatchdogSec=2', 'RestartSec=100ms']);
  await machine.must('systemctl', 'start', UNIT);
  const old = await processes(machine);
  const { MainPID: main = '' } = await show(machine, 'MainPID');
  await machine.must('kill', '-STOP', main);
  await eventually(
    async () => {
      const now = await show(machine, 'NRestarts', 'ActiveState');
      return now.NRestarts === '1' && now.ActiveState === 'active';
    },
    { deadlineMs: 90_000, everyMs: 200, what: 'started anew' },
  );
  expect(await logOf(machine)).toContain("Failed with result 'watchdog'");
  const now = await processes(machine);
  expect(now.filter((pid) => old.includes(pid))).toEqual([]);
});

test('service: a healthy daemon is not killed by the watchdog, also while a worker hangs', async () => {
  await using machine = await installed(['WatchdogSec=1']);
  await machine.must('systemctl', 'start', UNIT);
  const [worker = ''] = await processes(machine, 'snowflake-mcp-worker');
  await machine.must('kill', '-STOP', worker);
  await eventually(async () => !(await processes(machine, 'snowflake-mcp-worker')).includes(worker), {
    deadlineMs: 90_000,
    everyMs: 200,
    what: 'the worker is replaced',
  });
  expect(await show(machine, 'NRestarts', 'ActiveState')).toEqual({ NRestarts: '0', ActiveState: 'active' });
});

test('service: a daemon that is killed comes back by itself', async () => {
  await using machine = await installed(['RestartSec=100ms']);
  await machine.must('systemctl', 'start', UNIT);
  const old = await processes(machine);
  await machine.must('kill', '-KILL', (await show(machine, 'MainPID')).MainPID ?? '');
  await eventually(
    async () => {
      const now = await show(machine, 'NRestarts', 'ActiveState');
      return now.NRestarts === '1' && now.ActiveState === 'active';
    },
    { deadlineMs: 90_000, everyMs: 200, what: 'it is back' },
  );
  expect((await processes(machine)).filter((pid) => old.includes(pid))).toEqual([]);
});

test('service: without the native module the manager is told by systemd-notify, the watchdog too', async () => {
  const hidden = `InaccessiblePaths=${PACKAGE}/node_modules/node-unix-socket`;
  await using machine = await installed([hidden, 'WatchdogSec=2']);
  await machine.must('systemctl', 'start', UNIT);
  const startedAt = performance.now();
  await eventually(() => performance.now() - startedAt > 5000, { what: 'two watchdog times' });
  expect(await show(machine, 'ActiveState', 'NRestarts')).toEqual({ ActiveState: 'active', NRestarts: '0' });
  expect(await logOf(machine)).not.toContain('Cannot find unit');
});
