/** A worker that is killed while its statement runs: a fellow cancels the statement in Snowflake. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { createLog } from '../../../src/shared/log.ts';
import { type RunningRecord, watchAbandoned } from '../../../src/worker/session/abandoned.ts';
import { createLocalLease } from '../../../src/worker/session/lease.ts';
import { openLmdbStore } from '../../../src/worker/state/lmdb-store.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { fleetOf } from '../../support/fleet-of.ts';
import { testService } from '../../support/query-service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function runChild(sections: unknown, directory: string): ChildProcess {
  const child = fork(fileURLToPath(new URL('../../support/running-child.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      RUNNING_CHILD: JSON.stringify({ sections, sql: SLOW_SQL, directory }),
    },
  });
  cleanups.push(() => child.kill('SIGKILL'));
  return child;
}

test('lost worker: the statement of a worker that was killed with -9 is cancelled in Snowflake by a fellow', async () => {
  const engine = await startEmbedded({ account: 'a', user: 'u', password: 'p', longPollMs: 100 });
  cleanups.push(() => engine.close());
  const directory = mkdtempSync(join(tmpdir(), 'running-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const sections = { snowflake: { account: 'a', user: 'u', password: 'p', access_url: engine.url } };
  const store = openLmdbStore<RunningRecord>(directory, 'running', { maxBytes: 1e8 });
  cleanups.push(() => store.close());
  const child = runChild(sections, directory);
  await eventually(async () => ((await store.get('daemon.1'))?.value.queryIds.length ?? 0) > 0, {
    deadlineMs: 20_000,
    what: 'the statement is written down',
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const slow = () => engine.queries().find((query) => query.sqlText === SLOW_SQL);
  expect(slow()?.state).toBe('running');

  const { service } = testService(sections);
  cleanups.push(() => service.close(1000));
  const log = createLog({ level: 'error', format: 'text', stream: process.stderr });
  const fleet = fleetOf('daemon', 2, [1, 2]);
  const watch = watchAbandoned({
    store,
    fleet,
    lease: createLocalLease('daemon.2'),
    query: service,
    clock: systemClock,
    log,
    graceMs: 0,
  });
  cleanups.push(() => watch.close());
  fleet.tell([2]);
  await eventually(() => slow()?.state === 'aborted', { what: 'it is cancelled in Snowflake' });
});
