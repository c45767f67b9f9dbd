/** Lists of messages, which protocol version 2025-03-26 has: each HTTP exchange ends, and with it the places of its calls. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const VERSION = '2025-03-26';
const BOTH = 'application/json, text/event-stream';
const call = (id: number, query: string) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query } },
});
const cancel = (requestId: number) => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });

/** A session of the version with lists; `select 'waits'` runs until it is cancelled. */
async function scene(accept: string) {
  const query = fakeQueryService(({ sql }, signal) =>
    sql.includes('waits')
      ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))))
      : fakeResult(['T'], [['answered']]),
  );
  const { url, service } = await cluster.start(query);
  const params = { ...INITIALIZE.params, protocolVersion: VERSION };
  const opened = await post(url, { ...INITIALIZE, params }, { accept });
  await opened.text();
  const session = opened.headers.get('mcp-session-id') ?? '';
  const headers = { accept, 'mcp-session-id': session, 'mcp-protocol-version': VERSION };
  const isIdle = () => eventually(() => service.figures().inflight === 0, { what: 'nothing runs' });
  return { url, query, headers, isIdle };
}

test.each(['application/json', BOTH])('lists: a cancelled call does not keep its list open (%s)', async (accept) => {
  const { url, query, headers, isIdle } = await scene(accept);
  const running = post(url, [call(8, "select 'waits'"), call(9, 'select 1')], headers);
  await eventually(() => query.asked.length === 2);
  expect((await post(url, cancel(8), headers)).status).toBe(202);
  const answer = await running;
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, expect.stringContaining('answered')]);
  expect(text).toContain('The request was cancelled');
  await isIdle();
});

test('lists: a session that ends says so for each call that runs', async () => {
  const { url, query, headers, isIdle } = await scene('application/json');
  const running = post(url, [call(8, "select 'waits'"), call(9, "select 'waits too'")], headers);
  await eventually(() => query.asked.length === 2);
  expect((await fetch(`${url}/mcp`, { method: 'DELETE', headers })).status).toBe(200);
  const ended = { error: { message: expect.stringContaining('session has ended') } };
  expect(await (await running).json()).toMatchObject([ended, ended]);
  await isIdle();
});

test('lists: a session of a version that has none refuses them', async () => {
  const { url } = await cluster.start(fakeQueryService());
  const headers = { 'mcp-session-id': await rawSession(url) };
  const answer = await post(url, [call(8, 'select 1')], headers);
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('knows no lists')]);
});
