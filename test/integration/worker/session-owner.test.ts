/** Sessions over several workers: whichever is asked answers; what a worker held is carried on when it is gone. */
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

const LIST = { jsonrpc: '2.0', id: 7, method: 'tools/list' };
const CALL = {
  jsonrpc: '2.0',
  id: 8,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query: 'x' } },
};
const dataOf = (text: string) => JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? text) as { result?: unknown };

test('owner: a request that reaches another worker is answered by the owner', async () => {
  const [one, two] = [fakeQueryService(), fakeQueryService()];
  const [a, b] = [await cluster.start(one), await cluster.start(two)];
  const id = await rawSession(a.url);
  const answer = await post(b.url, CALL, { 'mcp-session-id': id, 'x-request-id': 'over-there' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('mcp-session-id')).toBe(id);
  expect(answer.headers.get('x-request-id')).toBe('over-there');
  expect(dataOf(await answer.text()).result).toBeDefined();
  expect([one.asked.length, two.asked.length]).toEqual([1, 0]);
  expect(a.audit[0]).toMatchObject({ request_id: 'over-there' });
  expect([...b.counts.keys()].filter((key) => key.startsWith('mcp_requests_total'))).toEqual([]);
});

test('owner: a call fills a place where it runs, and none where it came in', async () => {
  const bound = { limits: { max_concurrent_requests: 1 } };
  const ends: (() => void)[] = [];
  const slow = fakeQueryService(() => new Promise((resolve) => ends.push(() => resolve(fakeResult(['N'], [[1]])))));
  const [a, b] = [await cluster.start(slow, bound), await cluster.start(fakeQueryService(), bound)];
  const [there, here] = [await rawSession(a.url), await rawSession(b.url)];
  const handedOn = post(b.url, CALL, { 'mcp-session-id': there });
  await eventually(() => expect(ends).toHaveLength(1));
  const own = await post(b.url, CALL, { 'mcp-session-id': here });
  expect(own.status).toBe(200);
  await own.text();
  const refused = await post(b.url, { ...CALL, id: 9 }, { 'mcp-session-id': there });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  await refused.text();
  ends[0]?.();
  expect((await handedOn).status).toBe(200);
  await (await handedOn).text();
});

test.each([
  ['longer than a key of the store', 'x'.repeat(8000)],
  ['with a path', '1-../../../../etc'],
  ['nobody made', 'nobody'],
])('owner: a session id %s is not found, and says nothing about the store', async (_what, id) => {
  const { url, lines } = await cluster.start(fakeQueryService());
  const health = async () => (await (await fetch(`${url}/health`)).json()) as { session_store: string };
  for (const body of [LIST, INITIALIZE]) {
    expect((await post(url, body, { 'mcp-session-id': id })).status).toBe(404);
  }
  const gone = await fetch(`${url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': id } });
  expect([gone.status, (await health()).session_store]).toEqual([404, 'shared']);
  expect(lines.join('')).not.toContain('store.failed');
});

test('owner: the principal of the first hop holds at the owner', async () => {
  const auth = { auth: { api_keys: ['key-one-0123456789', 'key-two-0123456789'] } };
  const [a, b] = [await cluster.start(fakeQueryService(), auth), await cluster.start(fakeQueryService(), auth)];
  const id = await rawSession(a.url, { 'x-api-key': 'key-one-0123456789' });
  const headers = { 'mcp-session-id': id };
  expect((await post(b.url, LIST, { ...headers, 'x-api-key': 'key-two-0123456789' })).status).toBe(404);
  const spoofed = { ...headers, 'x-api-key': 'key-two-0123456789', 'x-snowflake-mcp-principal': 'key:whoever' };
  expect((await post(b.url, LIST, spoofed)).status).toBe(404);
  const own = await post(b.url, LIST, { ...headers, 'x-api-key': 'key-one-0123456789' });
  expect(own.status).toBe(200);
  await own.text();
});

test('adopt: the session of a worker that is gone is carried on by whoever is asked, client and all', async () => {
  const [a, b] = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService())];
  const { client, transport, close } = await connectClient(a.url);
  const id = transport.sessionId ?? '';
  await a.kill();
  const early = post(b.url, CALL, { 'mcp-session-id': id });
  await eventually(() => b.service.mcp.inflight() > 0, { what: 'the call waits' });
  cluster.reap(a.incarnation);
  const answer = await early;
  expect(answer.status).toBe(200);
  expect(answer.headers.get('mcp-session-id')).toBe(id);
  expect(dataOf(await answer.text()).result).toBeDefined();
  expect(b.counts.get('mcp_sessions_adopted_total')).toBe(1);
  expect(b.service.sessions.owned()).toBe(1);
  await close().catch(() => client);
});

test('adopt: never while the primary still lists the owner, then 503 with Retry-After', async () => {
  const [a, b] = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService())];
  const id = await rawSession(a.url);
  await a.kill();
  const answer = await post(b.url, LIST, { 'mcp-session-id': id });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(b.counts.get('mcp_sessions_adopted_total')).toBeUndefined();
});

test('adopt: of many workers asked at once exactly one becomes the owner', async () => {
  const a = await cluster.start(fakeQueryService());
  const others = await Promise.all([1, 2, 3].map(() => cluster.start(fakeQueryService())));
  const id = await rawSession(a.url);
  await a.kill();
  cluster.reap(a.incarnation);
  const answers = await Promise.all(
    [...others, ...others, ...others].map((worker, at) =>
      post(worker.url, { ...LIST, id: at }, { 'mcp-session-id': id }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
  await Promise.all(answers.map((answer) => answer.text()));
  expect(others.reduce((sum, worker) => sum + worker.service.sessions.owned(), 0)).toBe(1);
});

test('adopt: a read whose owner died before its first byte is asked once more', async () => {
  const stuck = fakeQueryService(() => new Promise(() => {}));
  const [a, b] = [await cluster.start(stuck), await cluster.start(fakeQueryService())];
  const id = await rawSession(a.url);
  const call = post(b.url, CALL, { 'mcp-session-id': id });
  await eventually(() => stuck.asked.length === 1);
  await a.kill();
  cluster.reap(a.incarnation);
  const answer = await call;
  expect(dataOf(await answer.text()).result).toBeDefined();
});

test('adopt: a write whose owner died before its first byte is not run again, and nobody is told to try again', async () => {
  const policy = { policy: { write_sql_commands: 'insert', write_without_confirmation: true } };
  const [stuck, other] = [fakeQueryService(() => new Promise(() => {})), fakeQueryService()];
  const [a, b] = [await cluster.start(stuck, policy), await cluster.start(other, policy)];
  const id = await rawSession(a.url);
  const params = { name: 'execute_statement', arguments: { statement: 'insert into t values (1)' } };
  const call = post(b.url, { ...CALL, params }, { 'mcp-session-id': id, 'x-request-id': 'the-write' });
  await eventually(() => stuck.asked.length === 1);
  await a.kill();
  cluster.reap(a.incarnation);
  const answer = await call;
  const text = await answer.text();
  for (const part of ['WRITE_OUTCOME_UNKNOWN', 'the-write']) expect(text).toContain(part);
  expect(answer.headers.get('retry-after')).toBeNull();
  expect(other.asked).toEqual([]);
});

test('owner: a deleted session is gone on every worker, and a client that leaves is noticed by the owner', async () => {
  const [a, b] = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService())];
  const id = await rawSession(a.url);
  const headers = { 'mcp-session-id': id };
  const leaving = new AbortController();
  const listen = { headers: { ...headers, accept: 'text/event-stream' }, signal: leaving.signal };
  const stream = await fetch(`${b.url}/mcp`, listen);
  expect(stream.status).toBe(200);
  const second = () => fetch(`${a.url}/mcp`, { headers: listen.headers });
  expect((await second()).status).toBe(409);
  leaving.abort();
  await eventually(async () => {
    const again = await second();
    await again.body?.cancel();
    return again.status === 200;
  });
  expect((await fetch(`${b.url}/mcp`, { method: 'DELETE', headers })).status).toBe(200);
  expect((await post(a.url, LIST, headers)).status).toBe(404);
  expect((await post(b.url, LIST, headers)).status).toBe(404);
});

test('owner: cancelling reaches the statement through another worker', async () => {
  let isCancelled = false;
  const query = fakeQueryService(
    (_request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isCancelled = true;
          reject(new AppError('QUERY_CANCELLED', {}));
        });
      }),
  );
  const [a, b] = [await cluster.start(query), await cluster.start(fakeQueryService())];
  const headers = { 'mcp-session-id': await rawSession(a.url) };
  const call = post(b.url, CALL, headers);
  await eventually(() => query.asked.length === 1);
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: CALL.id } };
  expect((await post(b.url, cancelled, headers)).status).toBe(202);
  await eventually(() => isCancelled);
  await (await call).text();
});

test('drain: sessions are handed over, running calls finish, and nothing is adopted by the one that leaves', async () => {
  const { query: slow, release } = heldQueryService();
  const [a, b] = [await cluster.start(slow), await cluster.start(fakeQueryService())];
  const idle = await rawSession(a.url);
  const busy = await rawSession(a.url);
  const stream = await fetch(`${a.url}/mcp`, { headers: { 'mcp-session-id': idle, accept: 'text/event-stream' } });
  const call = post(a.url, CALL, { 'mcp-session-id': busy });
  await eventually(() => slow.asked.length === 1);
  a.setDraining();
  cluster.setState(a.incarnation, 'draining');
  a.service.mcp.endStreams();
  const handedOver = a.service.sessions.handOverAll(new AbortController().signal);
  expect(await stream.text()).toContain('retry:');
  await eventually(() => a.service.sessions.owned() === 1);
  // On a connection that is still open to the leaving worker: its fellow answers.
  const onOldConnection = await post(a.url, LIST, { 'mcp-session-id': idle });
  expect([onOldConnection.status, onOldConnection.headers.get('connection')]).toEqual([200, 'close']);
  await onOldConnection.text();
  expect(b.service.sessions.owned()).toBe(1);
  expect((await rawSession(a.url)).startsWith(`${b.incarnation.toString(36)}-`)).toBe(true);
  release();
  expect(dataOf(await (await call).text()).result).toBeDefined();
  await handedOver;
  expect(a.service.sessions.owned()).toBe(0);
  expect((await post(b.url, LIST, { 'mcp-session-id': busy })).status).toBe(200);
});

test('store: without it sessions live in the worker that made them, and health says so', async () => {
  await cluster.close();
  cluster = createTestCluster({ withoutStore: true });
  const [a, b] = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService())];
  const id = await rawSession(a.url);
  const answer = await post(b.url, LIST, { 'mcp-session-id': id });
  expect(answer.status).toBe(200);
  await answer.text();
  const health = (await (await fetch(`${b.url}/health`)).json()) as Record<string, unknown>;
  expect(health).toMatchObject({ status: 'degraded', session_store: 'memory' });
  expect((await post(b.url, INITIALIZE)).status).toBe(200);
});
