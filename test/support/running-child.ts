/**
 * A worker as far as its statements go: runs one against $RUNNING_CHILD (JSON: config sections, sql, directory of the
 * store) as incarnation 1, and writes down what it runs, until it is killed.
 */
import { systemClock } from '../../src/shared/clock.ts';
import { createLog } from '../../src/shared/log.ts';
import { type RunningRecord, watchAbandoned } from '../../src/worker/session/abandoned.ts';
import { createLocalLease } from '../../src/worker/session/lease.ts';
import { openLmdbStore } from '../../src/worker/state/lmdb-store.ts';
import { fleetOf } from './fleet-of.ts';
import { ask, NEVER, testService } from './query-service.ts';

const { sections, sql, directory } = JSON.parse(process.env.RUNNING_CHILD ?? '{}');
const { service } = testService(sections);
const store = openLmdbStore<RunningRecord>(directory, 'running', { maxBytes: 1e8 });
const log = createLog({ level: 'error', format: 'text', stream: process.stderr });
const [fleet, lease] = [fleetOf('daemon', 1, [1]), createLocalLease('daemon.1')];
watchAbandoned({ store, fleet, lease, query: service, clock: systemClock, log, graceMs: 0 });
await service.run(ask(sql), NEVER);
