/** Limits per minute and on what runs at once, over two workers of one primary. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { openSocket } from '../../support/web-socket.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

const [ALICE, BOB] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const as = (key: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...more });
const PING = { jsonrpc: '2.0', id: 7, method: 'ping' };

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

test('rate limit: a principal over its rate gets 429 from every worker, with when to come back; others go on', async () => {
  const overrides = { auth: { api_keys: [ALICE, BOB] }, limits: { client_rate_per_minute: 20, rate_burst: 0 } };
  const workers = [
    await cluster.start(fakeQueryService(), overrides),
    await cluster.start(fakeQueryService(), overrides),
  ];
  const id = await rawSession(workers[0]?.url ?? '', as(ALICE));
  let passed = 1;
  let refusal: Response | undefined;
  for (let i = 0; i < 40; i++) {
    const answer = await post(workers[i % 2]?.url ?? '', PING, as(ALICE, { 'mcp-session-id': id }));
    if (answer.status === 200) passed++;
    else refusal = answer;
    if (answer.status === 200) await answer.text();
  }
  expect(passed).toBeGreaterThanOrEqual(19);
  expect(passed).toBeLessThanOrEqual(20);
  const headers = Object.fromEntries(refusal?.headers ?? []);
  expect(refusal?.status).toBe(429);
  expect(headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '0' });
  expect(Number(headers['retry-after'])).toBeGreaterThan(50);
  expect(headers['ratelimit-reset']).toBe(headers['retry-after']);
  expect(await refusal?.json()).toMatchObject({ jsonrpc: '2.0', error: { data: { code: 'RATE_LIMITED' } } });
  const lines = workers.flatMap((worker) => worker.lines).filter((line) => line.event === 'rate_limit');
  expect(lines.length).toBeLessThanOrEqual(2);
  expect(lines[0]).toMatchObject({ limit_type: 'client_rate', principal: expect.stringMatching(/^key:/) });
  expect(workers[0]?.counts.get('rate_limit_exceeded_total client_rate')).toBeGreaterThan(5);
  await rawSession(workers[1]?.url ?? '', as(BOB));
});

test('rate limit: all clients together have a rate too, and WebSocket messages count', async () => {
  const overrides = { limits: { rate_per_minute: 5, rate_burst: 0 } };
  const { url, counts } = await cluster.start(fakeQueryService(), overrides);
  await rawSession(url);
  await using socket = await openSocket(url);
  socket.send(INITIALIZE);
  for (let id = 2; id < 9; id++) socket.send({ jsonrpc: '2.0', id, method: 'ping' });
  await eventually(() => socket.frames.length === 8);
  const refused = socket.frames.filter((frame) => frame.error?.data?.code === 'RATE_LIMITED');
  expect(refused.map((frame) => frame.id)).toEqual([5, 6, 7, 8]);
  expect((await post(url, INITIALIZE)).status).toBe(429);
  expect(counts.get('rate_limit_exceeded_total rate')).toBe(5);
});

test('limits: one principal cannot take all places: 429 for it, and another still gets one', async () => {
  const { query, release } = heldQueryService();
  const limits = { max_concurrent_requests: 3, client_max_concurrent_requests: 2 };
  const { url, counts } = await cluster.start(query, { auth: { api_keys: [ALICE, BOB] }, limits });
  const id = await rawSession(url, as(ALICE));
  const bobs = await rawSession(url, as(BOB));
  const call = (key: string, session: string, number: number) => {
    const params = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
    const message = { jsonrpc: '2.0', id: number, method: 'tools/call', params };
    return post(url, message, as(key, { 'mcp-session-id': session }));
  };
  const running = [call(ALICE, id, 1), call(ALICE, id, 2)];
  await eventually(() => query.asked.length === 2);
  expect((await call(ALICE, id, 3)).status).toBe(429);
  running.push(call(BOB, bobs, 4));
  await eventually(() => query.asked.length === 3);
  expect((await call(BOB, bobs, 5)).status).toBe(503);
  expect(counts.get('rate_limit_exceeded_total client_concurrent')).toBe(1);
  expect(counts.get('rate_limit_exceeded_total concurrent')).toBe(1);
  release();
  expect((await Promise.all(running)).map((answer) => answer.status)).toEqual([200, 200, 200]);
});
