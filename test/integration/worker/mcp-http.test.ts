/** One worker's HTTP service with the official SDK client, and with requests no SDK would send. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectClient, INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;

beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const textOf = (result: unknown) => (result as { content: { text: string }[] }).content.map((item) => item.text);

test('mcp: the SDK client lists the tools and gets rows as text and as structure', async () => {
  const { url } = await cluster.start(fakeQueryService(() => fakeResult(['A|B', 'C'], [['x|y\nz', null]])));
  const { client, close } = await connectClient(url);
  const { tools } = await client.listTools();
  for (const name of ['list_databases', 'list_views', 'describe_view', 'query_view', 'execute_query', 'query_submit']) {
    expect(tools.map((tool) => tool.name)).toContain(name);
  }
  const result = await client.callTool({ name: 'execute_query', arguments: { query: 'select 1' } });
  expect(textOf(result)[0]).toBe('| A\\|B | C |\n| --- | --- |\n| x\\|y\\nz | NULL |\n\n1 row');
  expect(result.structuredContent).toMatchObject({ rows: [['x|y\nz', null]], row_count: 1 });
  await close();
});

test('mcp: names reach the statement quoted, limits are bound, and a cut result says so', async () => {
  const truncated = { truncated: { limit: 'rows', max: 3 } as const };
  const query = fakeQueryService(() => fakeResult(['N'], [[1], [2], [3]], truncated));
  const { url } = await cluster.start(query);
  const { client, close } = await connectClient(url);
  const args = { database: 'demo_db', view_name: 'x"; drop table y; --', limit: 3 };
  const result = await client.callTool({ name: 'query_view', arguments: args });
  expect(query.asked[0]?.request).toMatchObject({
    sql: 'SELECT * FROM "DEMO_DB"."PUBLIC"."x""; drop table y; --" LIMIT 4',
    maxRows: 3,
  });
  expect(result.structuredContent).toMatchObject({ truncated: { limit: 'rows', max: 3 } });
  expect(textOf(result)[1]).toContain('Only the first 3 rows');
  await close();
});

test('mcp: failures are tool results with a stable code, and carry no secret', async () => {
  const query = fakeQueryService(() => {
    throw new AppError('SNOWFLAKE_UNREACHABLE', { reason: 'password=hunter2 did not help' });
  });
  const { url, counts } = await cluster.start(query);
  const { client, close } = await connectClient(url);
  const call = async (name: string, args: Record<string, unknown>) => {
    const result = await client.callTool({ name, arguments: args });
    expect(result.isError).toBe(true);
    return JSON.parse(textOf(result)[0] ?? '') as { code: string; message: string; next: string };
  };
  const unreachable = await call('list_databases', {});
  expect(unreachable.code).toBe('SNOWFLAKE_UNREACHABLE');
  expect(unreachable.message).not.toContain('hunter2');
  expect((await call('no_such_tool', {})).code).toBe('TOOL_UNKNOWN');
  expect((await call('execute_query', { query: 1, nonsense: true })).code).toBe('ARGUMENT_INVALID');
  expect((await call('execute_query', { query: 'x', use_transaction: true, auto_commit: false })).code).toBe(
    'TRANSACTION_NEEDS_WRITE',
  );
  expect(counts.get('mcp_requests_total tools/call,list_databases,503')).toBe(1);
  expect(counts.get('mcp_requests_total tools/call,unknown,404')).toBe(1);
  await close();
});

test('mcp: a client that cancels cancels the statement', async () => {
  let wasAborted = false;
  const query = fakeQueryService(
    (_request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          wasAborted = true;
          reject(new AppError('QUERY_CANCELLED', {}));
        });
      }),
  );
  const { url, service } = await cluster.start(query);
  const { client, close } = await connectClient(url);
  const abort = new AbortController();
  const call = client.callTool({ name: 'execute_query', arguments: { query: 'x' } }, undefined, {
    signal: abort.signal,
  });
  call.catch(() => {});
  await eventually(() => query.asked.length === 1);
  abort.abort('enough');
  await expect(call).rejects.toThrow();
  await eventually(() => wasAborted && service.mcp.inflight() === 0);
  await close();
});

test('mcp: a client that asks for progress hears of it while the call runs', async () => {
  const { url } = await cluster.start(fakeQueryService());
  const { client, close } = await connectClient(url);
  const heard: (string | undefined)[] = [];
  const options = { onprogress: (progress: { message?: string | undefined }) => heard.push(progress.message) };
  await client.callTool({ name: 'execute_query', arguments: { query: 'x' } }, undefined, options);
  expect(heard).toEqual(['running in Snowflake, 0 rows']);
  await close();
});

test('mcp: each call leaves one audit line without arguments, bound to request and session', async () => {
  const { url, audit, lines } = await cluster.start(fakeQueryService());
  const { client, transport, close } = await connectClient(url);
  await client.callTool({ name: 'execute_query', arguments: { query: "select 'secret literal'" } });
  expect(audit).toHaveLength(1);
  expect(audit[0]).toMatchObject({
    event: 'tool_call',
    tool: 'execute_query',
    principal: 'anonymous',
    session: transport.sessionId?.slice(0, 8),
  });
  expect(lines.some((line) => line.event === 'tool_call')).toBe(true);
  expect(JSON.stringify([audit, lines])).not.toContain('secret literal');
  await close();
});

test('mcp: a client that takes no event streams gets plain JSON', async () => {
  const { url } = await cluster.start(fakeQueryService());
  const accept = { accept: 'application/json' };
  const id = await rawSession(url, accept);
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const answer = await post(url, list, { ...accept, 'mcp-session-id': id });
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(((await answer.json()) as { result: { tools: unknown[] } }).result.tools.length).toBeGreaterThan(5);
});

test('mcp: unknown sessions are 404, missing ones 400, deleted ones gone', async () => {
  const { url } = await cluster.start(fakeQueryService());
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const unknown = await post(url, list, { 'mcp-session-id': '1-00000000-0000-4000-8000-000000000000' });
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { code: -32001, data: { code: 'SESSION_NOT_FOUND' } } });
  expect((await post(url, list)).status).toBe(400);
  const id = await rawSession(url);
  const headers = { 'mcp-session-id': id };
  expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers })).status).toBe(200);
  expect((await post(url, list, headers)).status).toBe(404);
});

test('http: malformed, oversized and foreign requests are refused with their status', async () => {
  const { url } = await cluster.start(fakeQueryService(), { server: { max_body: '1K' } });
  expect((await post(url, '{')).status).toBe(400);
  expect((await post(url, `${'['.repeat(200)}${']'.repeat(200)}`)).status).toBe(400);
  expect((await post(url, { ...INITIALIZE, pad: 'x'.repeat(2000) })).status).toBe(413);
  expect((await post(url, { pad: 'x'.repeat(8_000_000) })).status).toBe(413);
  expect((await post(url, INITIALIZE, { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await post(url, INITIALIZE, { origin: 'https://evil.example' })).status).toBe(403);
  const put = await fetch(`${url}/mcp`, { method: 'PUT' });
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE']);
  const nowhere = await fetch(`${url}/nowhere`);
  expect(nowhere.status).toBe(404);
  expect(await nowhere.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  expect((await fetch(`${url}/sse`)).status).toBe(410);
  expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/metrics`)).status).toBe(503);
});

test('http: health says what is, and the request id comes back', async () => {
  const worker = await cluster.start(fakeQueryService());
  const health = await fetch(`${worker.url}/health`, { headers: { 'x-request-id': 'abc-1' } });
  expect(health.status).toBe(200);
  expect(health.headers.get('x-request-id')).toBe('abc-1');
  expect(health.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await health.json()).toMatchObject({
    status: 'healthy',
    snowflake_connection: 'healthy',
    session_store: 'shared',
    connection_pool: { status: 'healthy', active: 0, idle: 1, total: 1, max: 8 },
    worker: { id: 0, pid: process.pid },
  });
  expect(await (await fetch(`${worker.url}/status`)).json()).toMatchObject({ available_tools: expect.anything() });
  expect((await fetch(`${worker.url}/health/detailed`)).status).toBe(200);
  const proxied = await fetch(`${worker.url}/health/detailed`, { headers: { 'x-forwarded-for': '10.0.0.1' } });
  expect(proxied.status).toBe(401);
  worker.setDraining();
  expect((await fetch(`${worker.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${worker.url}/livez`)).status).toBe(200);
});

test('auth: with keys configured only their holders get in, and a session is its principal’s alone', async () => {
  const keys = ['key-of-alice-0123456789', 'key-of-bob-01234567890'];
  const { url } = await cluster.start(fakeQueryService(), { auth: { api_keys: keys } });
  expect((await post(url, INITIALIZE)).status).toBe(401);
  expect((await post(url, INITIALIZE, { authorization: 'Bearer wrong' })).status).toBe(401);
  const inQuery = await fetch(`${url}/mcp?api_key=${keys[0]}`, { method: 'POST', body: '{}' });
  expect(inQuery.status).toBe(400);
  const id = await rawSession(url, { authorization: `Bearer ${keys[0]}` });
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const asBob = await post(url, list, { 'mcp-session-id': id, 'x-api-key': keys[1] ?? '' });
  expect(asBob.status).toBe(404);
  const asAlice = await post(url, list, { 'mcp-session-id': id, 'x-api-key': keys[0] ?? '' });
  expect(asAlice.status).toBe(200);
  await asAlice.text();
});

test('limits: one session too many is 503 with Retry-After, one call too many 503', async () => {
  const { query, release } = heldQueryService();
  const limits = { state: { max_sessions: 1 }, limits: { max_concurrent_requests: 1 } };
  const { url } = await cluster.start(query, limits);
  const id = await rawSession(url);
  const second = await post(url, INITIALIZE);
  expect([second.status, second.headers.get('retry-after')]).toEqual([503, '30']);
  const headers = { 'mcp-session-id': id };
  const params = { name: 'list_databases', arguments: {} };
  const running = post(url, { jsonrpc: '2.0', id: 3, method: 'tools/call', params }, headers);
  await eventually(() => query.asked.length === 1);
  const busy = await post(url, { jsonrpc: '2.0', id: 4, method: 'tools/list' }, headers);
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
  release();
  expect((await running).status).toBe(200);
});
