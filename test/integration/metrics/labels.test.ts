/** Label values that no other test causes, each by what it speaks of: one daemon with small limits, many kinds of misuse. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REFUSAL_REASONS } from '../../../src/shared/metrics.ts';
import { type AccountDaemon, slowSql, startAccountDaemon } from '../../support/account-daemon.ts';
import { samples } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, type McpClient } from '../../support/mcp-client.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { openCall, post, rawSession } from '../../support/worker-client.ts';

let set: AccountDaemon;
let mcp: McpClient;
let dir: ReturnType<typeof tempDir>;
beforeAll(async () => {
  dir = tempDir();
  const file = join(dir.path, 'c.json');
  const settings = {
    server: { max_connections: 20, headers_timeout: '1s', max_body: '8K' },
    snowflake: { login_timeout: '2s' },
    limits: { max_sql_length: '2K', max_sql_tokens: 200, max_sql_depth: 20 },
    policy: { denied_objects: ['DEMO_DB.SALES.CUSTOMERS'], write_sql_commands: 'insert' },
    state: { resume_after: '20ms', event_bytes: '1K' },
  };
  writeFileSync(file, JSON.stringify(settings));
  set = await startAccountDaemon({
    workers: 1,
    args: ['--config', file],
    env: { CLIENT_RATE_LIMIT_REQUESTS_PER_MINUTE: '0', RATE_LIMIT_REQUESTS_PER_MINUTE: '0' },
  });
  mcp = await connectClient(set.daemon.url);
});
afterAll(async () => {
  await mcp?.close();
  await set[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

const figure = async (name: string, label: string) => samples(await set.daemon.metrics(), name).get(label);
const rises = async (name: string, label: string, cause: () => Promise<unknown>) => {
  const before = (await figure(name, label)) ?? 0;
  await cause();
  await eventually(async () => ((await figure(name, label)) ?? 0) > before, { what: `${name}${label}` });
};

/** Statements that are refused for each reason; that the parser is away cannot be caused from outside. */
const REFUSED: Readonly<Record<Exclude<(typeof REFUSAL_REASONS)[number], 'parser-unavailable'>, string>> = {
  empty: ' ; ',
  'multiple-statements': 'SELECT 1; SELECT 2',
  'statement-kind': 'USE ROLE ACCOUNTADMIN',
  'write-kind': 'DROP TABLE T',
  scripting: 'BEGIN SELECT 1; END',
  'put-get': 'PUT file:///tmp/x @~',
  write: 'SELECT 1 INTO X',
  syntax: 'SHOW TABLES WITHOUT X',
  function: 'SELECT MY_DB.MY_SCHEMA.MY_FUNCTION(1)',
  'ai-function': "SELECT SNOWFLAKE.CORTEX.COMPLETE('m', 'x')",
  'result-scan': 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))',
  'dynamic-name': "SELECT * FROM IDENTIFIER('T')",
  stage: 'SELECT $1 FROM @MY_STAGE',
  object: 'SELECT * FROM DEMO_DB.SALES.CUSTOMERS',
  'too-long': `SELECT '${'x'.repeat(3000)}'`,
  'too-many-tokens': `SELECT ${'1,'.repeat(200)}1`,
  'too-deep': `SELECT ${'('.repeat(60)}1${')'.repeat(60)}`,
  'unicode-space': 'SELECT\u00a01',
  character: 'SELECT \u2603',
  ambiguous: 'SELECT 1 /* a /* b */ */',
  unparseable: 'SELECT FROM WHERE',
};

test('mcp_queries_refused_total: each reason, once each', async () => {
  for (const [reason, sql] of Object.entries(REFUSED)) {
    if (reason === 'write-kind') await mcp.call('execute_statement', { statement: sql });
    else await mcp.call('execute_query', { query: sql });
  }
  await eventually(async () => {
    const text = await set.daemon.metrics();
    const counted = REFUSAL_REASONS.map((reason) => [
      reason,
      samples(text, 'mcp_queries_refused_total').get(`{reason="${reason}"}`),
    ]);
    expect(counted).toEqual(REFUSAL_REASONS.map((reason) => [reason, reason in REFUSED ? 1 : 0]));
  });
});

test('mcp_queries_total: submitted, cancelled', async () => {
  const of = (status: string) => `{query_type="select",status="${status}"}`;
  await rises('mcp_queries_total', of('submitted'), () => mcp.call('query_submit', { query: 'SELECT 1 AS N' }));
  await rises('mcp_queries_total', of('cancelled'), async () => {
    const stop = new AbortController();
    const call = mcp.call('execute_query', { query: slowSql('GONE') }, stop.signal).catch(() => {});
    await eventually(() => set.account.queries().some(({ sqlText }) => sqlText.includes('GONE')));
    stop.abort();
    await call;
  });
});

/** A result of several parts, of which one is damaged. */
async function damaged(): Promise<void> {
  set.account.faults.add({ fault: 'bad-chunk', times: 0 });
  await mcp.call('execute_query', { query: 'SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 9000))', limit: 9000 });
  set.account.faults.clear();
}

test('mcp_snowflake_errors_total: rows; mcp_queries_total: unavailable; mcp_failed_connections_total: SNOWFLAKE_UNREACHABLE', async () => {
  await rises('mcp_snowflake_errors_total', '{kind="rows"}', () =>
    rises('mcp_queries_total', '{query_type="select",status="unavailable"}', damaged),
  );
  await rises('mcp_failed_connections_total', '{reason="SNOWFLAKE_UNREACHABLE"}', async () => {
    set.account.faults.add({ fault: 'drop', times: 0, match: { path: '/' } });
    await set.ask({ method: 'POST', path: '/admin/reset-connection-pool' });
    await mcp.call('execute_query', { query: 'SELECT 4 AS N' });
    set.account.faults.clear();
  });
});

/** Sends bytes over a connection of its own and waits for its end. */
const pour = (bytes: string) =>
  new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(set.daemon.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.resume();
  });

test.each([
  ['malformed', 'no HTTP\r\n\r\n'],
  ['headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-A: b\r\n'.repeat(150)}\r\n`],
  ['timeout', 'GET / HTTP/1.1\r\nHost: loc'],
])('mcp_connections_rejected_total: %s', async (reason, bytes) => {
  await rises('mcp_connections_rejected_total', `{reason="${reason}"}`, () => pour(bytes));
});

test('mcp_connections_rejected_total: limit', async () => {
  const open = Array.from({ length: 25 }, () => connect(Number(new URL(set.daemon.url).port), '127.0.0.1'));
  for (const socket of open) socket.on('error', () => {}).resume();
  await rises('mcp_connections_rejected_total', '{reason="limit"}', async () => {});
  for (const socket of open) socket.destroy();
});

test.each([
  ['413', (url: string) => post(url, { jsonrpc: '2.0', id: 1, method: 'x'.repeat(9000) })],
  ['415', (url: string) => post(url, '{}', { 'content-type': 'text/plain' })],
])('mcp_requests_total: %s', async (status, ask) => {
  await rises('mcp_requests_total', `{method="other",tool="",status="${status}"}`, async () => {
    expect((await ask(set.daemon.url)).status).toBe(Number(status));
  });
});

test('mcp_active_connections: sse, while clients listen', async () => {
  const leave = new AbortController();
  const listen = async () => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': await rawSession(set.daemon.url) };
    return fetch(`${set.daemon.url}/mcp`, { headers, signal: leave.signal });
  };
  const answers = await Promise.all([listen(), listen(), listen()]);
  const listening = async () => (await figure('mcp_active_connections', '{connection_type="sse"}')) ?? 0;
  // The client that the tests share listens as well, with pauses in which it comes back.
  await eventually(async () => (await listening()) >= 3, { what: 'all of them' });
  // Held until here: an answer that nobody holds is closed with the next garbage collection.
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  leave.abort();
  await eventually(async () => (await listening()) <= 1, { what: 'none of them' });
});

test('mcp_events_evicted_total: bytes, when a session has more answers than state.event_bytes', async () => {
  const session = await rawSession(set.daemon.url);
  set.account.faults.add({ fault: 'slow', delayMs: 100, times: 0, match: { sqlPattern: 'KEPT' } });
  const call = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'execute_query', arguments: { query: `SELECT 'KEPT' AS X${id}` } },
  });
  await rises('mcp_events_evicted_total', '{reason="bytes"}', async () => {
    for (const id of [1, 2, 3]) await (await openCall(set.daemon.url, session, call(id))).rest();
  });
  set.account.faults.clear();
});
