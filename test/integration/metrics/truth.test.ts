/** Each metric is moved by what it speaks of: one cluster, one table of causes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METRICS, type MetricSpec } from '../../../src/shared/metrics.ts';
import { type AccountDaemon, slowSql, startAccountDaemon } from '../../support/account-daemon.ts';
import { samples, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, type McpClient } from '../../support/mcp-client.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { post, rawSession } from '../../support/worker-client.ts';

let set: AccountDaemon;
let mcp: McpClient;
let dir: ReturnType<typeof tempDir>;
beforeAll(async () => {
  dir = tempDir();
  const file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ snowflake: { login_timeout: '2s' } }));
  set = await startAccountDaemon({
    args: ['--config', file],
    env: { SNOWFLAKE_POOL_MAX_SIZE: '1', SNOWFLAKE_POOL_CONNECTION_TIMEOUT: '1', QUERY_TIMEOUT_SECONDS: '2' },
  });
  mcp = await connectClient(set.daemon.url);
});
afterAll(async () => {
  await mcp.close();
  await set[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

type Labels = Readonly<Record<string, string>>;

/** The sum of the series of a metric that carry these labels. */
function figureOf(text: string, name: string, labels: Labels = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const told = [...samples(text, name)].filter(([series]) => wanted.every((part) => series.includes(part)));
  return sum(new Map(told));
}

const query = (sql: string, more: object = {}) => mcp.call('execute_query', { query: sql, ...more });
const READ = { query_type: 'select' };

const CAUSES: readonly [what: string, metrics: readonly [string, Labels?][], cause: () => Promise<unknown>][] = [
  [
    'a call',
    [
      ['mcp_requests_total', { method: 'tools/call', tool: 'execute_query', status: '200' }],
      ['mcp_request_duration_seconds_count', { tool: 'execute_query' }],
      ['mcp_request_size_bytes_count', { tool: 'execute_query' }],
      ['mcp_response_size_bytes_count', { tool: 'execute_query' }],
      ['mcp_queries_total', { ...READ, status: 'ok' }],
      ['query_duration_seconds_count', READ],
      ['mcp_query_rows_returned_count'],
      ['mcp_query_bytes_returned_count'],
      ['mcp_connection_acquisition_seconds_count'],
      ['mcp_snowflake_requests_total'],
    ],
    () => query('SELECT 1 AS N'),
  ],
  [
    'a statement that Snowflake refuses',
    [
      ['mcp_queries_total', { status: 'error' }],
      ['mcp_errors_total', { error_type: 'SQL_ERROR', component: 'tools' }],
      ['mcp_requests_total', { status: '400', tool: 'execute_query' }],
      ['mcp_snowflake_errors_total', { kind: 'statement' }],
    ],
    () => query('SELECT NO_SUCH_COLUMN FROM DEMO_DB.SALES.NO_SUCH_TABLE'),
  ],
  [
    'a statement that the gate refuses',
    [['mcp_queries_refused_total'], ['mcp_requests_total', { status: '403', tool: 'execute_query' }]],
    () => query('DROP TABLE X'),
  ],
  [
    'a result over the limit of rows',
    [['mcp_results_truncated_total', { limit: 'rows' }]],
    () => query('SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 50))', { limit: 5 }),
  ],
  [
    'a client that cancels',
    [
      ['mcp_queries_cancelled_total', { reason: 'client' }],
      ['mcp_requests_total', { status: '499' }],
    ],
    async () => {
      const stop = new AbortController();
      const call = mcp.call('execute_query', { query: slowSql('STOPPED') }, stop.signal).catch(() => {});
      await eventually(() => set.account.queries().some((it) => it.sqlText.includes('STOPPED')));
      stop.abort();
      await call;
    },
  ],
  [
    'a statement that takes too long',
    [
      ['mcp_queries_cancelled_total', { reason: 'timeout' }],
      ['mcp_queries_total', { status: 'timeout' }],
      ['mcp_requests_total', { status: '504' }],
    ],
    () => query(slowSql('LATE')),
  ],
  [
    'a statement that an operator ends',
    [
      ['mcp_queries_cancelled_total', { reason: 'operator' }],
      ['mcp_errors_total', { error_type: 'QUERY_KILLED' }],
    ],
    async () => {
      const call = query(slowSql('ENDED'));
      const path = '/api/debug/active-queries';
      const rows = await eventually(async () => {
        const { body } = await set.ask({ method: 'GET', path });
        return (body as { id: string }[]).length > 0 && (body as { id: string }[]);
      });
      await set.ask({ method: 'DELETE', path: `${path}/${rows[0]?.id}` });
      await call;
    },
  ],
  [
    'a session that Snowflake has forgotten',
    [['mcp_snowflake_errors_total', { kind: 'session' }]],
    async () => {
      set.account.faults.add({ fault: 'gone-session', times: 1, match: { sqlPattern: 'FORGOTTEN' } });
      await query("SELECT 'FORGOTTEN' AS X");
      set.account.faults.clear();
    },
  ],
  [
    'a pool that is used up',
    [
      ['mcp_requests_total', { status: '503', tool: 'execute_query' }],
      ['mcp_errors_total', { error_type: 'POOL_TIMEOUT' }],
      ['pool_connections_peak'],
    ],
    async () => {
      set.account.faults.add({ fault: 'slow', delayMs: 1900, match: { sqlPattern: 'HOLDS' } });
      const holding = query('SELECT 1 AS HOLDS');
      await eventually(() => set.account.faults.list()[0]?.hits === 1, { what: 'the one connection is lent' });
      await Promise.all([holding, query('SELECT 2 AS N')]);
      set.account.faults.clear();
    },
  ],
  [
    'a Snowflake that does not answer',
    [['mcp_snowflake_errors_total', { kind: 'unreachable' }], ['mcp_failed_connections_total']],
    async () => {
      set.account.faults.add({ fault: 'drop', times: 0, match: { path: '/' } });
      await set.ask({ method: 'POST', path: '/admin/reset-connection-pool' });
      await query('SELECT 4 AS N');
      await eventually(async () => figureOf(await set.daemon.metrics(), 'mcp_failed_connections_total') > 0);
      set.account.faults.clear();
      await set.ask({ method: 'POST', path: '/admin/reset-connection-pool' });
    },
  ],
  [
    'a session that is opened',
    [['mcp_active_sessions'], ['mcp_requests_total', { method: 'initialize' }]],
    () => rawSession(set.daemon.url, { connection: 'close' }),
  ],
  [
    'a request that is none',
    [
      ['mcp_errors_total', { error_type: 'NOT_JSON', component: 'http' }],
      ['mcp_requests_total', { status: '400' }],
    ],
    () => post(set.daemon.url, '{nope'),
  ],
  [
    'a worker that is killed, with its sessions used on',
    [
      ['supervisor_worker_restarts_total', { reason: 'killed' }],
      ['supervisor_boot_duration_seconds_count'],
      ['mcp_sessions_adopted_total'],
    ],
    async () => {
      const { workers } = await set.daemon.status();
      const owner = workers[Number(mcp.sessionId.split('-')[0]) - 1] ?? workers[0];
      process.kill(owner?.pid ?? 0, 'SIGKILL');
      await eventually(async () => !(await query('SELECT 5 AS N')).isError, { deadlineMs: 30_000 });
    },
  ],
];

test.each(CAUSES)('%s moves what speaks of it', async (_what, metrics, cause) => {
  const before = await set.daemon.metrics();
  await cause();
  await eventually(
    async () => {
      const now = await set.daemon.metrics();
      const still = metrics.filter(([name, labels]) => figureOf(now, name, labels) <= figureOf(before, name, labels));
      // A peak does not move twice.
      const idle = still.filter(([name]) => !(name === 'pool_connections_peak' && figureOf(now, name) > 0));
      if (idle.length > 0) throw new Error(`not moved: ${JSON.stringify(idle)}`);
    },
    { deadlineMs: 20_000, what: 'the metrics' },
  );
});

test('gauges tell what is: workers, memory, disk, health, versions, connections', async () => {
  // A worker that was killed before tells its figures a moment after it is ready.
  await eventually(async () => {
    const text = await set.daemon.metrics();
    for (const worker of ['0', '1']) {
      expect(figureOf(text, 'mcp_memory_usage_bytes', { worker })).toBeGreaterThan(10_000_000);
      const share =
        figureOf(text, 'mcp_memory_usage_bytes', { worker }) / figureOf(text, 'mcp_memory_limit_bytes', { worker });
      expect(share).toBeLessThan(0.8);
      expect(figureOf(text, 'process_resident_memory_bytes', { worker })).toBeGreaterThan(10_000_000);
      expect(samples(text, 'nodejs_heap_size_used_bytes').has(`{worker="${worker}"}`)).toBe(true);
    }
    expect(figureOf(text, 'process_resident_memory_bytes', { worker: 'primary' })).toBeGreaterThan(10_000_000);
    for (const share of samples(text, 'mcp_disk_free_ratio').values()) expect(share > 0 && share < 1).toBe(true);
    expect([...samples(text, 'mcp_disk_free_ratio').keys()].length).toBeGreaterThan(0);
    for (const component of ['snowflake', 'connection_pool', 'session_store', 'worker']) {
      expect(samples(text, 'mcp_health_status').has(`{component="${component}"}`)).toBe(true);
    }
    expect([...samples(text, 'mcp_server_info').keys()][0]).toMatch(/version="\d.*node="20/);
    expect(figureOf(text, 'mcp_uptime_seconds')).toBeGreaterThan(1);
    expect(figureOf(text, 'mcp_db_connections_max')).toBe(2);
    expect(figureOf(text, 'mcp_sessions_max')).toBe(10_000);
    expect(samples(text, 'mcp_requests_per_second').size).toBe(1);
    return true;
  });
});

test('old names have the same values, and no labels where they had none', async () => {
  const text = await set.daemon.metrics();
  for (const [name, spec] of Object.entries<MetricSpec>(METRICS)) {
    for (const old of spec.oldNames ?? []) expect([old, samples(text, old)]).toEqual([old, samples(text, name)]);
  }
  for (const name of ['active', 'idle', 'total', 'max', 'peak']) {
    expect([...samples(text, `pool_connections_${name}`).keys()]).toEqual(['']);
  }
});
