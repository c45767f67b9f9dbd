/** Figures of what is so while it lasts, and of what only the supervisor sees: each in the state it speaks of. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountDaemon, slowSql, startAccountDaemon } from '../../support/account-daemon.ts';
import { samples, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { isGood, openSession } from '../../support/load.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { openCall, rawSession } from '../../support/worker-client.ts';

let set: AccountDaemon;
let dir: ReturnType<typeof tempDir>;
beforeAll(async () => {
  dir = tempDir();
  const file = join(dir.path, 'c.json');
  const settings = {
    snowflake: { login_timeout: '2s' },
    state: { session_timeout: '10s', resume_after: '20ms' },
    // A drain with room for its last figures on a slow machine.
    workers: { restart_delay: '3s', kill_timeout: '12s' },
  };
  writeFileSync(file, JSON.stringify(settings));
  const env = { SNOWFLAKE_POOL_MAX_SIZE: '1', SNOWFLAKE_POOL_CONNECTION_TIMEOUT: '60' };
  set = await startAccountDaemon({ workers: 1, args: ['--config', file], env });
});
afterAll(async () => {
  await set[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

const call = (query: string) => ({
  jsonrpc: '2.0',
  id: 9,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query } },
});

/** Every figure is as wanted at one moment. */
async function showsAll(wanted: Readonly<Record<string, (value: number) => boolean>>, deadlineMs = 20_000) {
  let fewest: readonly string[] = Object.keys(wanted);
  const ask = async () => {
    const text = await set.daemon.metrics();
    const wrong = Object.entries(wanted).flatMap(([series, isAsWanted]) => {
      const [, name = '', labels = ''] = /^(\w+)(\{.*\})?$/.exec(series) ?? [];
      const value = samples(text, name).get(labels);
      return value !== undefined && isAsWanted(value) ? [] : [`${series} ${value}`];
    });
    if (wrong.length < fewest.length) fewest = wrong;
    if (wrong.length > 0) throw new Error(`at the best moment not as wanted: ${fewest.join(', ')}`);
    return true;
  };
  await eventually(ask, { what: 'the figures', deadlineMs });
}

const is = (wanted: number) => (value: number) => value === wanted;
const above = (least: number) => (value: number) => value > least;

test('calls that run and wait, their and their connections', async () => {
  set.account.faults.add({ fault: 'slow', delayMs: 3000, times: 0, match: { sqlPattern: 'HELD' } });
  const sessions = await Promise.all([1, 2, 3].map(() => rawSession(set.daemon.url)));
  const calls = sessions.map(async (session) => {
    const held = await openCall(set.daemon.url, session, call("SELECT 'HELD' AS X"));
    return held.rest();
  });
  await showsAll({
    mcp_concurrent_requests: is(3),
    mcp_pool_waiting: above(0),
    mcp_db_connections_active: is(1),
    mcp_db_connections_idle: is(0),
    mcp_db_connections_total: is(1),
    mcp_db_connections_max: is(1),
    'mcp_health_status{component="connection_pool"}': is(0.5),
    mcp_active_sessions: is(3),
    mcp_requests_per_second: above(0),
    mcp_event_bytes: is(0),
    'mcp_active_connections{connection_type="http"}': above(2),
  });
  await Promise.all(calls);
  set.account.faults.clear();
  await showsAll({
    mcp_concurrent_requests: is(0),
    mcp_pool_waiting: is(0),
    mcp_db_connections_active: is(0),
    mcp_db_connections_idle: is(1),
    // Answers that their clients might come back for.
    mcp_event_bytes: above(100),
    'mcp_health_status{component="connection_pool"}': is(1),
  });
});

test('sessions that nobody uses any more', async () => {
  set.account.faults.add({ fault: 'slow', delayMs: 15_000, times: 1, match: { sqlPattern: 'LONG' } });
  const before = sum(samples(await set.daemon.metrics(), 'mcp_sessions_expired_total'));
  const [, busy] = [await rawSession(set.daemon.url), await rawSession(set.daemon.url)];
  const answer = openCall(set.daemon.url, busy, call("SELECT 'LONG' AS X")).then((held) => held.rest());
  await showsAll({ mcp_sessions_expired_total: above(before), mcp_active_sessions: above(0) }, 40_000);
  // One whose call runs longer than a session may rest is in use.
  expect(await answer).toContain('LONG');
  set.account.faults.clear();
  await showsAll({ mcp_active_sessions: is(0) }, 40_000);
});

test('a Snowflake that is gone and comes back', async () => {
  const state = 'mcp_circuit_breaker_state{component="snowflake"}';
  const health = 'mcp_health_status{component="snowflake"}';
  const session = await openSession(set.daemon.url);
  await session.call('execute_query', { query: 'SELECT 1 AS N' });
  await showsAll({ [state]: is(0), [health]: is(1) });
  set.account.faults.add({ fault: 'drop', times: 0, match: { path: '/' } });
  await set.ask({ method: 'POST', path: '/admin/reset-connection-pool' });
  await session.call('execute_query', { query: 'SELECT 2 AS N' });
  await showsAll({ [state]: above(0), [health]: is(0) });
  set.account.faults.clear();
  await eventually(async () => isGood(await session.call('execute_query', { query: 'SELECT 3 AS N' })), {
    deadlineMs: 40_000,
    what: 'a query works again',
  });
  await showsAll({ [state]: is(0), [health]: is(1) });
  session.close();
});

test('a reload, and then no worker at all for a while', async () => {
  await showsAll({
    supervisor_generation: is(0),
    supervisor_unavailable_seconds_total: is(0),
    'supervisor_worker_up{worker="0"}': is(1),
    'supervisor_worker_state{worker="0",state="ready"}': is(1),
  });
  const session = await rawSession(set.daemon.url);
  const cut = openCall(set.daemon.url, session, call(slowSql('CUT')))
    .then((held) => held.rest())
    .catch(() => {});
  await eventually(() => set.account.queries().some(({ sqlText }) => sqlText.includes('CUT')));
  expect((await set.daemon.cli('reload', '--wait')).code).toBe(0);
  await cut;
  await showsAll({
    'mcp_queries_cancelled_total{reason="drain"}': is(1),
    supervisor_generation: is(1),
    'supervisor_reloads_total{result="ok"}': is(1),
    supervisor_reload_duration_seconds_count: is(1),
    supervisor_reload_duration_seconds_sum: above(0),
  });
  process.kill((await set.daemon.status()).workers[0]?.pid ?? 0, 'SIGKILL');
  await showsAll({
    'supervisor_worker_up{worker="0"}': is(0),
    'supervisor_worker_state{worker="0",state="ready"}': is(0),
    'supervisor_worker_state{worker="0",state="backoff"}': is(1),
    supervisor_unavailable_seconds_total: above(0),
  });
  await showsAll({ 'supervisor_worker_up{worker="0"}': is(1), supervisor_unavailable_seconds_total: above(2) });
});

test('a login that Snowflake refuses', async () => {
  await using other = await startAccountDaemon({ workers: 1, env: { SNOWFLAKE_PASSWORD: 'not-the-one' } });
  const session = await openSession(other.daemon.url);
  await session.call('execute_query', { query: 'SELECT 1 AS N' });
  session.close();
  await eventually(async () => {
    const text = await other.daemon.metrics();
    expect(samples(text, 'mcp_failed_connections_total').get('{reason="SNOWFLAKE_AUTH"}')).toBeGreaterThan(0);
    expect(samples(text, 'mcp_snowflake_errors_total').get('{kind="login"}')).toBeGreaterThan(0);
    expect(samples(text, 'mcp_circuit_breaker_state').get('{component="snowflake"}')).toBe(2);
  });
});

const SHARE_OF_NOW = 0.000_001;
const AN_HOUR = 3600;

/** What each figure of a process must be, in every process: prom-client measures them, we carry them. */
const OF_EVERY_PROCESS: readonly [name: string, isPlausible: (value: number) => boolean][] = [
  ['process_cpu_user_seconds_total', above(0)],
  ['process_cpu_system_seconds_total', above(0)],
  ['process_cpu_seconds_total', above(0)],
  ['process_start_time_seconds', (value) => Math.abs(Date.now() / 1000 - value) < AN_HOUR],
  ['process_resident_memory_bytes', above(20_000_000)],
  ['process_virtual_memory_bytes', above(100_000_000)],
  ['process_heap_bytes', above(1_000_000)],
  ['process_open_fds', (value) => value > 5 && value < 1000],
  ['process_max_fds', above(100)],
  ['nodejs_eventloop_lag_seconds', (value) => value >= 0 && value < 10],
  ['nodejs_eventloop_lag_min_seconds', above(SHARE_OF_NOW)],
  ['nodejs_eventloop_lag_max_seconds', above(SHARE_OF_NOW)],
  ['nodejs_eventloop_lag_mean_seconds', above(SHARE_OF_NOW)],
  ['nodejs_eventloop_lag_stddev_seconds', (value) => value >= 0],
  ['nodejs_eventloop_lag_p50_seconds', above(SHARE_OF_NOW)],
  ['nodejs_eventloop_lag_p90_seconds', above(SHARE_OF_NOW)],
  ['nodejs_eventloop_lag_p99_seconds', above(SHARE_OF_NOW)],
  ['nodejs_active_resources', above(0)],
  ['nodejs_active_handles', above(0)],
  ['nodejs_active_requests', (value) => value >= 0],
  ['nodejs_heap_size_total_bytes', above(5_000_000)],
  ['nodejs_heap_size_used_bytes', above(5_000_000)],
  ['nodejs_external_memory_bytes', above(100_000)],
  ['nodejs_heap_space_size_total_bytes', above(5_000_000)],
  ['nodejs_heap_space_size_used_bytes', above(5_000_000)],
  ['nodejs_heap_space_size_available_bytes', above(0)],
  ['nodejs_version_info', is(1)],
  ['nodejs_gc_duration_seconds_count', above(0)],
];

test.each(OF_EVERY_PROCESS)('%s is told by the primary and by its worker', async (name, isPlausible) => {
  // A process tells its figures every few seconds, and of its loop when it has turned for a while.
  await eventually(async () => {
    const text = await set.daemon.metrics();
    for (const worker of ['primary', '0']) {
      const own = [...samples(text, name)].filter(([labels]) => labels.includes(`worker="${worker}"`));
      const total = sum(new Map(own));
      expect([worker, own.length > 0, total, isPlausible(total)]).toEqual([worker, true, total, true]);
    }
  });
});
