/** Bounds, role and login of a key reach its calls in every protocol version, and only ever tighten the configured ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addKey, type KeyWishes } from '../../../src/shared/client-keys.ts';
import { changeKeys } from '../../../src/shared/keys-file.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { askModern, sendModern } from '../../support/modern-client.ts';
import { openSocket, refusedUpgrade } from '../../support/web-socket.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
let dir: string;
let file: string;
beforeEach(() => {
  cluster = createTestCluster();
  dir = mkdtempSync(join(tmpdir(), 'key-bounds-'));
  file = join(dir, 'keys.json');
});
afterEach(async () => {
  await cluster.close();
  rmSync(dir, { recursive: true, force: true });
});

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const add = async (name: string, more: Partial<KeyWishes> = {}) => {
  const { key, secret } = await changeKeys(file, (keys) =>
    addKey(keys, { name, scopes: ['read'], ...more }, new Date()),
  );
  return { id: `key:${key.name}.${key.id}`, headers: bearer(secret) };
};
const CALL = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
const LISTEN = { notifications: { toolsListChanged: true } };

function waitingQuery() {
  const { query, release } = heldQueryService();
  return { query, release: () => release() };
}

test('2026: role, login and bounds of a key reach the statement, and the audit line names the key', async () => {
  const query = fakeQueryService();
  const limits = { maxRows: 7, queryTimeoutMs: 5000 };
  const key = await add('bound', { role: 'ANALYST', identity: 'etl', limits });
  const { url, audit } = await cluster.start(query, { auth: { keys_file: file } });
  const { status } = await askModern(url, 'tools/call', CALL, { headers: key.headers });
  expect(status).toBe(200);
  expect(query.asked[0]?.request.caller).toMatchObject({ principal: key.id, role: 'ANALYST', identity: 'etl', limits });
  expect(audit).toContainEqual(expect.objectContaining({ event: 'tool_call', principal: key.id }));
});

test('2026: the rate of a key holds over both protocol versions', async () => {
  const key = await add('slow', { limits: { requestsPerMinute: 3 } });
  const { url } = await cluster.start(fakeQueryService(), { auth: { keys_file: file }, limits: { rate_burst: 0 } });
  await rawSession(url, key.headers);
  const statuses = [];
  for (let nth = 0; nth < 3; nth++) {
    const answer = await sendModern(url, 'tools/call', CALL, { headers: key.headers });
    await answer.text();
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 429]);
});

test.each([
  ['of the key, where it is the smaller', { maxConcurrent: 1 }, 2],
  ['of the configuration, where the key has a larger one', { maxConcurrent: 50 }, 1],
])('2026: calls at once are bounded by the figure %s', async (_what, limits, configured) => {
  const { query, release } = waitingQuery();
  const key = await add('parallel', { limits });
  const { url } = await cluster.start(query, {
    auth: { keys_file: file },
    limits: { client_max_concurrent_requests: configured },
  });
  const running = sendModern(url, 'tools/call', CALL, { headers: key.headers });
  await eventually(() => query.asked.length === 1);
  const refused = await askModern(url, 'tools/call', CALL, { headers: key.headers });
  expect([refused.status, refused.message.error?.data?.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
  release();
  expect((await running).status).toBe(200);
});

test('bounds: a list of calls takes as many places as it has calls', async () => {
  const { query, release } = waitingQuery();
  const key = await add('parallel', { limits: { maxConcurrent: 2 } });
  const { url } = await cluster.start(query, { auth: { keys_file: file } });
  // Its sessions take lists of messages.
  const old = { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: '2025-03-26' } };
  const opened = await post(url, old, key.headers);
  await opened.text();
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const headers = { ...key.headers, ...session, 'mcp-protocol-version': '2025-03-26' };
  const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: CALL });
  const refused = await post(url, [call(2), call(3), call(4)], headers);
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('TOO_MANY_REQUESTS')]);
  expect(query.asked).toEqual([]);
  const running = post(url, [call(2), call(3)], headers);
  await eventually(() => query.asked.length === 2);
  expect((await post(url, call(5), headers)).status).toBe(429);
  release();
  await (await running).text();
  expect((await post(url, call(6), headers)).status).toBe(200);
});

test('bounds: a call keeps its place until it ends, also when its client has gone', async () => {
  const { query, release } = waitingQuery();
  const key = await add('parallel', { limits: { maxConcurrent: 1 } });
  const { url, service } = await cluster.start(query, { auth: { keys_file: file }, state: { resume_after: '1m' } });
  const headers = { ...key.headers, 'mcp-session-id': await rawSession(url, key.headers) };
  const call = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: CALL });
  const leave = new AbortController();
  const json = { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const left = fetch(`${url}/mcp`, { method: 'POST', headers: json, body: call(2), signal: leave.signal });
  await eventually(() => query.asked.length === 1);
  const open = service.listeners.connections();
  leave.abort();
  await expect(left).rejects.toThrow();
  await eventually(() => service.listeners.connections() < open);
  const refused = await post(url, call(3), headers);
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('TOO_MANY_REQUESTS')]);
  release();
  await eventually(async () => (await post(url, call(4), headers)).status === 200);
});

test('bounds: a key cannot have a higher rate or more sessions than the configuration gives a principal', async () => {
  const key = await add('greedy', { limits: { requestsPerMinute: 1000, maxSessions: 1000 } });
  const limits = { client_rate_per_minute: 4, rate_burst: 0 };
  const overrides = { auth: { keys_file: file }, limits, state: { max_sessions_per_principal: 2 } };
  const { url } = await cluster.start(fakeQueryService(), overrides);
  const statuses = [];
  for (let nth = 0; nth < 5; nth++) {
    const answer = await post(url, INITIALIZE, key.headers);
    await answer.text();
    statuses.push(answer.status);
  }
  expect(statuses).toEqual([200, 200, 503, 503, 429]);
});

test('bounds: a key with fewer sessions than the configuration gives has only those', async () => {
  const key = await add('single', { limits: { maxSessions: 1 } });
  const { url } = await cluster.start(fakeQueryService(), { auth: { keys_file: file } });
  await rawSession(url, key.headers);
  const refused = await post(url, INITIALIZE, key.headers);
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('TOO_MANY_SESSIONS')]);
});

test('bounds: WebSockets are sessions too: a key has as many at one worker as it may have sessions', async () => {
  const key = await add('single', { limits: { maxSessions: 1 } });
  const { url } = await cluster.start(fakeQueryService(), { auth: { keys_file: file } });
  const first = await openSocket(url, { headers: key.headers });
  const refused = await refusedUpgrade(url, { headers: key.headers });
  expect([refused.status, refused.body]).toEqual([503, expect.stringContaining('TOO_MANY_SESSIONS')]);
  await first[Symbol.asyncDispose]();
  await eventually(async () => {
    await using _again = await openSocket(url, { headers: key.headers });
  });
});

test('2026: one principal has its share of listen streams, gets it back, and another has its own', async () => {
  const [alice, bob] = [await add('alice'), await add('bob')];
  const { url, counts } = await cluster.start(fakeQueryService(), {
    auth: { keys_file: file },
    limits: { client_max_subscriptions: 1 },
  });
  const leave = new AbortController();
  const open = (headers: Record<string, string>, signal?: AbortSignal) =>
    sendModern(url, 'subscriptions/listen', LISTEN, { headers, ...(signal === undefined ? {} : { signal }) });
  const first = await open(alice.headers, leave.signal);
  expect(first.status).toBe(200);
  const refused = await open(alice.headers);
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('TOO_MANY_STREAMS')]);
  expect(counts.get('rate_limit_exceeded_total client_streams')).toBe(1);
  const others = await open(bob.headers, leave.signal);
  expect(others.status).toBe(200);
  leave.abort();
  const again = new AbortController();
  await eventually(async () => {
    const next = await open(alice.headers, again.signal);
    if (next.status !== 200) await next.text();
    return next.status === 200;
  });
  again.abort();
});
