/**
 * Secrets, literals of statements, rows and whole session ids that are planted in a real daemon are nowhere an operator
 * or a scraper looks: no endpoint of either port, no event of the page, no log file, no metric.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPS_ROUTES } from '../../../src/primary/ops-routes.ts';
import { ROUTES, type Route } from '../../../src/worker/http/api-routes.ts';
import { type AccountDaemon, startAccountDaemon } from '../../support/account-daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, type McpClient } from '../../support/mcp-client.ts';
import { readLog } from '../../support/read-log.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { post, rawSession } from '../../support/worker-client.ts';

const LITERAL = 'zq_planted_literal';
const ROW = 'zq-row-of-data';
const SECRETS = { token: 'zq-metrics-token-0815', key: 'zq-guessed-key-0816', internal: 'zq-query-word-0817' };
const PER_MINUTE = 600;

let set: AccountDaemon;
let mcp: McpClient;
let dir: ReturnType<typeof tempDir>;
let markers: string[];
const running = new AbortController();

beforeAll(async () => {
  dir = tempDir();
  const file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ metrics: { token: SECRETS.token }, state: { resume_after: '20ms' } }));
  const env = { LOG_LEVEL: 'debug', CLIENT_RATE_LIMIT_REQUESTS_PER_MINUTE: String(PER_MINUTE) };
  set = await startAccountDaemon({ args: ['--config', file], env });
  mcp = await connectClient(set.daemon.url);
  markers = ['pa55-word', LITERAL, ROW, mcp.sessionId, ...Object.values(SECRETS)];
  await plant();
});
afterAll(async () => {
  running.abort();
  await set[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

/** Calls that work, fail in every way, run on and are refused, each with a marker inside. */
async function plant(): Promise<void> {
  const run = (query: string, more: object = {}) => mcp.call('execute_query', { query, ...more });
  const [half, rest] = ROW.split('-row-');
  const good = await run(`SELECT '${half}' || '-row-' || '${rest}' AS X -- ${LITERAL}`);
  expect(JSON.stringify(good.content)).toContain(ROW);
  for (const query of [
    `SELECT TO_NUMBER('${LITERAL}')`,
    `SELECT '${LITERAL}' FROM NO_SUCH_TABLE`,
    `SELECT '${LITERAL}`,
    `SELECT '${LITERAL}' FORM T`,
    `INSERT INTO T VALUES ('${LITERAL}')`,
    `SELECT 1; SELECT '${LITERAL}'`,
    `CALL SYSTEM$WAIT('${LITERAL}')`,
  ]) {
    expect([query, (await run(query)).isError]).toEqual([query, true]);
  }
  await run('SELECT 1', { database: `'${LITERAL}'`, schema: `${SECRETS.internal} x` });
  await mcp.call('query_submit', { query: `SELECT '${LITERAL}' AS X` });
  await mcp.call('query_status', { query_id: LITERAL });
  await mcp.call(`tool_${LITERAL}`, { password: SECRETS.key });
  const bearer = { authorization: `Bearer ${SECRETS.key}`, 'x-api-key': SECRETS.key };
  const session = await rawSession(set.daemon.url);
  markers.push(session);
  const id = { 'mcp-session-id': session };
  await (await post(set.daemon.url, `{"jsonrpc":"2.0","method":"${LITERAL}"`, id)).text();
  await (
    await post(set.daemon.url, { jsonrpc: '2.0', id: 1, method: LITERAL, params: {} }, { ...id, ...bearer })
  ).text();
  await (await fetch(`${set.daemon.url}/mcp?api_key=${SECRETS.key}`, { headers: bearer })).text();
  await (await fetch(`${set.daemon.metricsUrl}/status?token=${SECRETS.token}`, { headers: bearer })).text();
  set.account.faults.add({ fault: 'slow', delayMs: 280_000, times: 0, match: { sqlPattern: `HELD.*${LITERAL}` } });
  mcp.call('execute_query', { query: `SELECT 'HELD ${LITERAL}' AS X` }, running.signal).catch(() => {});
  await eventually(async () =>
    (await (await fetch(`${set.daemon.url}/api/debug/active-queries`)).text()).includes('execute_query'),
  );
}

const found = (text: string): string[] => markers.filter((marker) => text.includes(marker));

const serviceRoutes = Object.values<Route>(ROUTES).map((route) => [`${route.method} ${route.path}`, route] as const);

test.each(serviceRoutes)('service port: %s shows none of it', async (_name, { method, path }) => {
  const answer = await fetch(`${set.daemon.url}${path.replace(':id', '9999.1')}`, { method: method.toUpperCase() });
  const text = await answer.text();
  expect(text.length).toBeGreaterThan(10);
  expect(found(text)).toEqual([]);
  expect(found(JSON.stringify([...answer.headers]))).toEqual([]);
  if (path === '/admin/maintenance-mode') await fetch(`${set.daemon.url}${path}`, { method: 'DELETE' });
});

test.each(Object.values(OPS_ROUTES).filter(({ path }) => path !== '/events'))(
  "primary's port: $path shows none of it",
  async ({ path }) => {
    const text = await (await fetch(`${set.daemon.metricsUrl}${path}`)).text();
    expect(text.length).toBeGreaterThan(10);
    expect(found(text)).toEqual([]);
  },
);

test('the events of the page show the query that runs, and none of it', async () => {
  const sent = get(`${set.daemon.metricsUrl}/events`, { agent: false });
  const text = await new Promise<string>((resolve, reject) => {
    let heard = '';
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      response.setEncoding('utf8').on('error', () => {});
      response.on('data', (chunk: string) => {
        heard += chunk;
        if (heard.includes('execute_query') && heard.split('event: frame').length > 2) resolve(heard);
      });
    });
  });
  sent.destroy();
  expect(found(text)).toEqual([]);
});

interface Line {
  readonly event: string;
  readonly [fact: string]: unknown;
}

const logDir = () => join(set.daemon.dir, 'log');
const logged = (name: string): Line[] =>
  readLog(join(logDir(), name))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

test('the log files have the events that scripts look for, with their facts', async () => {
  const id = { 'mcp-session-id': await rawSession(set.daemon.url) };
  const pings = Array.from({ length: PER_MINUTE * 2 }, (_, at) => ({ jsonrpc: '2.0', id: at, method: 'ping' }));
  for (let at = 0; at < pings.length; at += 50) {
    const answers = await Promise.all(pings.slice(at, at + 50).map((ping) => post(set.daemon.url, ping, id)));
    await Promise.all(answers.map((answer) => answer.text()));
    if (answers.some(({ status }) => status === 429)) break;
  }
  await eventually(() => logged('application.log').some(({ event }) => event === 'rate_limit'));
  const lines = logged('application.log');
  const first = (event: string) => lines.find((line) => line.event === event);
  const every = {
    time: expect.any(String),
    level: expect.any(String),
    msg: expect.any(String),
    pid: expect.any(Number),
  };
  const whose = { request_id: expect.any(String), session: mcp.sessionId.slice(0, 8), principal: 'anonymous' };
  const call = { ...every, ...whose, worker: expect.any(Number), tool: 'execute_query' };
  expect(first('tool_call')).toMatchObject(call);
  const measured = { query_duration_ms: expect.any(Number), rows: 1, bytes: expect.any(Number) };
  expect(first('query')).toMatchObject({ ...call, ...measured, query_id: expect.any(String) });
  expect(first('error')).toMatchObject({ ...call, 'error.code': expect.any(String), component: 'tools' });
  expect(first('rate_limit')).toMatchObject({ ...every, principal: 'anonymous', limit_type: 'client_rate' });
});

test('no log file has any of it, though every call is in there', () => {
  const files = readdirSync(logDir()).filter((name) => name.endsWith('.log'));
  expect(files).toEqual(expect.arrayContaining(['application.log', 'audit.log', 'daemon.log', 'worker-0.log']));
  for (const name of files) expect([name, found(readFileSync(join(logDir(), name), 'utf8'))]).toEqual([name, []]);
  expect(logged('audit.log').filter(({ event }) => event === 'tool_call').length).toBeGreaterThan(8);
});
