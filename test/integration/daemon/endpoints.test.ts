/** Every endpoint of the service port on a real cluster: the answers are what the document says, and true. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { errorView } from '../../../src/shared/openapi.ts';
import { ROUTES, type Route, type RouteName, type ViewOf } from '../../../src/worker/http/api-routes.ts';
import { type AccountDaemon, slowSql, startAccountDaemon } from '../../support/account-daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, type McpClient } from '../../support/mcp-client.ts';

let set: AccountDaemon;
let mcp: McpClient;
beforeAll(async () => {
  set = await startAccountDaemon();
  mcp = await connectClient(set.daemon.url);
});
afterAll(async () => {
  await mcp.close();
  await set[Symbol.asyncDispose]();
});

const send = (path: string, init: RequestInit = {}) =>
  fetch(`${set.daemon.url}${path}`, { ...init, headers: { connection: 'close', ...init.headers } });

/** Asks the route and checks the answer against its schema. */
async function ask<Name extends RouteName>(name: Name, id = ''): Promise<ViewOf<Name>> {
  const { method, path, view } = ROUTES[name] as Route;
  const answer = await send(path.replace(':id', id), { method: method.toUpperCase() });
  expect([name, answer.status]).toEqual([name, 200]);
  if ('text' in view) {
    expect(answer.headers.get('content-type')).toContain(view.text);
    return (await answer.text()) as ViewOf<Name>;
  }
  return (view as z.ZodType).parse(await answer.json()) as ViewOf<Name>;
}

const SECRETS = /pa55-word|HELD_LITERAL/;
const others = (Object.keys(ROUTES) as RouteName[]).filter((name) => !/killQuery|resourceMetadata/.test(name));

test.each(others)('%s answers what the document says, without secrets or literals', async (name) => {
  await mcp.call('execute_query', { query: "SELECT 'HELD_LITERAL' AS X" });
  const body = await ask(name);
  expect(JSON.stringify(body)).not.toMatch(SECRETS);
  expect(JSON.stringify(body)).not.toContain(mcp.sessionId);
  if (name === 'maintenanceOn') await ask('maintenanceOff');
});

test('sessions: every worker tells all of them, with requests and the worker that holds them', async () => {
  const other = await connectClient(set.daemon.url);
  await other.call('list_databases');
  const views = await eventually(async () => {
    const seen = [];
    for (let round = 0; round < 6; round += 1) {
      const { body } = await set.ask({ method: 'GET', path: '/api/sessions' });
      seen.push(body as ViewOf<'sessions'>, await ask('sessions'));
    }
    const isTold = seen.every(({ active_sessions }) =>
      active_sessions.some((it) => it.session_id === other.sessionId.slice(0, 8) && it.requests >= 2),
    );
    return isTold && seen;
  });
  for (const { active_sessions, total, missing_workers } of views) {
    expect(total).toBe(2);
    expect(missing_workers).toEqual([]);
    expect(active_sessions.map(({ worker }) => worker)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(active_sessions[0]).toMatchObject({ client: 'test 1.0.0', transport: 'http', principal: 'anonymous' });
  }
  await other.close();
});

test('active queries: one that runs is listed by every worker without its text, and ended from any', async () => {
  const running = mcp.call('execute_query', { query: slowSql('HELD_LITERAL') });
  const [found] = await eventually(async () => {
    const rows = await ask('activeQueries');
    return rows.length === 1 && rows[0]?.state === 'running' && rows;
  });
  expect(found).toMatchObject({ session: mcp.sessionId.slice(0, 8), tool: 'execute_query', kind: 'select' });
  expect(JSON.stringify(found)).not.toMatch(SECRETS);
  await eventually(async () => {
    expect(await ask('sessionMemory')).toMatchObject([{ session_id: mcp.sessionId.slice(0, 8), queries: 1 }]);
  });
  expect((await ask('health')).connection_pool.active).toBeGreaterThanOrEqual(0);
  expect(await ask('killQuery', found?.id)).toEqual({ id: found?.id, killed: true });
  const ended = await running;
  expect(ended.isError).toBe(true);
  expect(JSON.stringify(ended.content)).toContain('QUERY_KILLED');
  await eventually(() =>
    set.account.queries().some((query) => query.sqlText.includes('HELD_LITERAL') && query.state === 'aborted'),
  );
  const gone = await send(`/api/debug/active-queries/${found?.id}`, { method: 'DELETE' });
  expect(gone.status).toBe(404);
  expect(errorView.parse(await gone.json()).error.code).toBe('QUERY_NOT_ACTIVE');
});

test('submitted statements are tasks: remembered, running, ended by an operator', async () => {
  const submitted = await mcp.call('query_submit', { query: slowSql('TASK') });
  const { query_id } = submitted.structuredContent as { query_id: string };
  await eventually(async () => {
    const { tasks } = await ask('metricsJson');
    return tasks.total >= 1 && tasks.locked === 1;
  });
  await eventually(async () => {
    expect(await ask('activeQueries')).toMatchObject([{ query_id, state: 'submitted', tool: 'query_submit' }]);
  });
  expect((await ask('exportState')).handles).toMatchObject([{ query_id }]);
  await ask('killQuery', query_id);
  await eventually(async () => (await ask('metricsJson')).tasks.completed_today >= 1, { deadlineMs: 30_000 });
});

test('reset: every worker replaces its connections; the next query runs on a new one', async () => {
  await mcp.call('execute_query', { query: 'SELECT 1' });
  expect(await ask('resetPool')).toEqual({ reset: true, workers: 2, missing_workers: [] });
  expect((await mcp.call('execute_query', { query: 'SELECT 2' })).isError ?? false).toBe(false);
});

test('test of the connection: who we are, or why not with what to do', async () => {
  expect(await ask('testConnection')).toMatchObject({ success: true, account: expect.any(String), user: 'ALICE' });
  set.account.faults.add({ fault: 'http-503', times: 0 });
  set.account.faults.add({ fault: 'http-503', times: 0, match: { path: '/session' } });
  const bad = await eventually(async () => {
    const answer = await ask('testConnection');
    return answer.success ? false : answer;
  });
  expect(bad.error).toMatchObject({
    code: expect.stringMatching(/^(SNOWFLAKE|CONNECTION|POOL)/),
    next: expect.any(String),
  });
  set.account.faults.clear();
});

test('figures: queries and connections of the whole cluster', async () => {
  const figures = await eventually(async () => {
    const view = await ask('metricsJson');
    return view.performance.avg_query_time_ms > 0 && view;
  });
  expect(figures.connections.total_opened).toBeGreaterThanOrEqual(figures.connections.active);
  expect(figures.system.memory_usage_mb).toBeGreaterThan(50);
  const { counters, config } = await ask('exportState');
  expect(counters.mcp_connections_opened_total).toBeGreaterThan(1);
  expect(config.snowflake).toMatchObject({ user: 'ALICE', password: '***' });
});

test.each([
  ['an unknown path', 'GET', '/api/nothing', undefined, 404, 'NOT_FOUND'],
  ['a path with a part too many', 'GET', '/health/detailed/x', undefined, 404, 'NOT_FOUND'],
  ['an address that cannot be read', 'DELETE', '/api/debug/active-queries/%E0%A4%A', undefined, 400, 'BAD_REQUEST'],
  ['a wrong method', 'PUT', '/admin/maintenance-mode', undefined, 405, 'METHOD_NOT_ALLOWED'],
  ['a get of what changes something', 'GET', '/admin/reset-connection-pool', undefined, 405, 'METHOD_NOT_ALLOWED'],
  ['a body that is not JSON', 'POST', '/admin/maintenance-mode', '{nope', 400, 'NOT_JSON'],
  ['a body over the limit', 'POST', '/api/test-connection', 'x'.repeat(5 * 1024 * 1024), 413, 'BODY_TOO_LARGE'],
  ['a statement that does not run', 'DELETE', '/api/debug/active-queries/9999.1', undefined, 404, 'QUERY_NOT_ACTIVE'],
  ['what only workers ask each other', 'GET', '/worker/report', undefined, 404, 'NOT_FOUND'],
] as const)('%s is answered with its status and says what to do', async (_name, method, path, body, status, code) => {
  const answer = await send(path, { method, ...(body === undefined ? {} : { body }) });
  expect(answer.status).toBe(status);
  const { error } = errorView.parse(await answer.json());
  expect(error).toMatchObject({ code, next: expect.stringMatching(/.{10}/) });
  if (status === 405) expect(answer.headers.get('allow')?.length).toBeGreaterThan(2);
});

test.each(others.filter((name) => ROUTES[name].access !== 'open'))(
  '%s is refused to a caller that a proxy or a page speaks for',
  async (name) => {
    const { method, path } = ROUTES[name];
    const answer = await send(path, { method: method.toUpperCase(), headers: { 'x-forwarded-for': '10.1.2.3' } });
    expect(answer.status).toBe(401);
    expect(errorView.parse(await answer.json()).error.code).toBe('UNAUTHENTICATED');
  },
);

test('a worker that hangs is named, and the others answer for it', async () => {
  const pid = (await set.daemon.status()).workers[1]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    const view = await eventually(async () => {
      const { body } = await set.ask({ method: 'GET', path: '/api/sessions' });
      const sessions = body as ViewOf<'sessions'>;
      return sessions.missing_workers.length > 0 && sessions;
    });
    expect(view.missing_workers).toEqual([1]);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
