/** Faults by plan: each one seen by a bare HTTP client, and what the query service makes of it. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Embedded, startTestEmbedded, USER } from '../../support/embedded-driver.ts';
import { type RawSession, rawLogin } from '../../support/embedded-raw.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

const CONTROL = 'control-token';
let embedded: Embedded;
let raw: RawSession;

beforeAll(async () => {
  embedded = await startTestEmbedded({ controlToken: CONTROL, longPollMs: 50 });
});

afterAll(() => embedded.close());

beforeEach(async () => {
  embedded.faults.clear();
  raw = await rawLogin(embedded);
});

/** Status of a statement's request, or the network error it ends in. */
async function statusOf(sqlText: string, requestId = randomUUID(), token = raw.token): Promise<number> {
  const response = await fetch(`${embedded.url}/queries/v1/query-request?requestId=${requestId}`, {
    method: 'POST',
    headers: { authorization: `Snowflake Token="${token}"` },
    body: JSON.stringify({ sqlText }),
    signal: AbortSignal.timeout(2000),
  });
  await response.text();
  return response.status;
}

async function control(method: string, body?: unknown, token = CONTROL) {
  const init = { method, headers: { authorization: `Bearer ${token}` } };
  const response = await fetch(`${embedded.url}/embedded/faults`, {
    ...init,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, reply: (await response.json()) as Record<string, unknown> };
}

test('faults: plans are given, listed with their hits and cleared over the control endpoint', async () => {
  const given = await control('POST', { fault: 'http-503', match: { sqlPattern: 'select 1' }, times: 1 });
  expect(given).toMatchObject({ status: 200, reply: { faults: [{ fault: 'http-503', times: 1, seen: 0, hits: 0 }] } });
  expect(await statusOf('SELECT 2')).toBe(200);
  expect(await statusOf('SELECT 1')).toBe(503);
  expect(await statusOf('SELECT 1')).toBe(200);
  expect((await control('GET')).reply).toMatchObject({ faults: [{ fault: 'http-503', seen: 2, hits: 1 }] });
  await control('POST', { faults: [{ fault: 'drop' }, { fault: 'hang', match: { path: '/nowhere' } }] });
  expect((await control('GET')).reply.faults).toHaveLength(3);
  expect((await control('DELETE')).reply).toEqual({ faults: [] });
  expect(await statusOf('SELECT 1')).toBe(200);
});

test('faults: without the control token nothing is told and nothing is planned', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    expect((await control(method, method === 'POST' ? { fault: 'drop' } : undefined, 'guess')).status).toBe(403);
  }
  expect(embedded.faults.list()).toEqual([]);
  const closed = await startTestEmbedded();
  const response = await fetch(`${closed.url}/embedded/faults`, { headers: { authorization: 'Bearer undefined' } });
  expect(response.status).toBe(403);
  await closed.close();
});

test.each([
  ['not json', /not JSON/],
  [{ fault: 'earthquake' }, /"fault" must be one of/],
  [{ fault: 'drop', times: -1 }, /"times" must be/],
  [{ fault: 'drop', match: { sqlPattern: '(' } }, /regular expression/],
  [{ faults: [] }, /must be a list of plans/],
  ['{"__proto__": {"fault": "drop"}}', /"fault" must be one of/],
])('faults: a plan that cannot be read is refused with what is wrong (%j)', async (body, words) => {
  const { status, reply } = await control('POST', body);
  expect(status).toBe(400);
  expect(reply.message).toMatch(words);
});

test('faults: nth lets the calls before it go well, and times ends the fault', async () => {
  embedded.faults.add({ fault: 'http-500', match: { nth: 2 }, times: 2 });
  const statuses: number[] = [];
  for (let at = 0; at < 4; at++) statuses.push(await statusOf('SELECT 1'));
  expect(statuses).toEqual([200, 500, 500, 200]);
});

test('faults: plans are bounded', () => {
  for (let at = 0; at < 100; at++) embedded.faults.add({ fault: 'drop', match: { path: '/nowhere' } });
  expect(() => embedded.faults.add({ fault: 'drop' })).toThrow(/100 fault plans/);
});

test('faults: slow answers later, drop and half-answer break the connection, hang never answers', async () => {
  embedded.faults.add({ fault: 'slow', delayMs: 120 });
  const from = performance.now();
  expect(await statusOf('SELECT 1')).toBe(200);
  expect(performance.now() - from).toBeGreaterThan(110);
  embedded.faults.add({ fault: 'drop' });
  await expect(statusOf('SELECT 1')).rejects.toThrow(/fetch failed/);
  embedded.faults.add({ fault: 'half-answer' });
  await expect(statusOf('SELECT 1')).rejects.toThrow(/terminated/);
  embedded.faults.add({ fault: 'hang' });
  await expect(statusOf('SELECT 1')).rejects.toThrow(/timeout/);
});

test('faults: expired-token ends the token until it is renewed, gone-session ends the session', async () => {
  embedded.faults.add({ fault: 'expired-token' });
  expect((await raw.query('SELECT 1')).code).toBe('390112');
  expect((await raw.query('SELECT 1')).code).toBe('390112');
  const body = { requestType: 'RENEW', oldSessionToken: raw.token };
  const renewed = await raw.call('POST', '/session/token-request', body, raw.masterToken);
  expect(await statusOf('SELECT 1', randomUUID(), String(renewed.data.sessionToken))).toBe(200);
  raw = await rawLogin(embedded);
  embedded.faults.add({ fault: 'gone-session' });
  expect((await raw.query('SELECT 1')).code).toBe('390104');
  expect((await raw.query('SELECT 1')).code).toBe('390104');
});

test('faults: bad-chunk sends a chunk that looks whole and is not', async () => {
  embedded.faults.add({ fault: 'bad-chunk' });
  const reply = await raw.query('SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 3000))');
  const [chunk] = reply.data.chunks as { url: string }[];
  const text = async () => (await fetch(chunk?.url ?? '')).text();
  const bad = await text();
  expect(() => JSON.parse(`[${bad}]`)).toThrow();
  const good = await text();
  expect(JSON.parse(`[${good}]`)).toHaveLength(2000);
});

const services: ReturnType<typeof testService>[] = [];
afterEach(async () => {
  embedded.faults.clear();
  await Promise.all(services.splice(0).map(({ service }) => service.close(1000)));
});

function service(more: Record<string, Record<string, unknown>> = {}) {
  const snowflake = { account: 'embedded', user: USER, access_url: embedded.url, password: embedded.password };
  const made = testService({ pool: { min_size: 0 }, ...more, snowflake });
  services.push(made);
  return made.service;
}

const COUNT = 'SELECT COUNT(*) AS N FROM DEMO_DB.SALES.PRODUCTS';
const hits = () => embedded.faults.list().map((fault) => fault.hits);

test.each(['http-503', 'http-500', 'drop'] as const)('faults: the service survives one %s', async (fault) => {
  embedded.faults.add({ fault, match: { sqlPattern: 'PRODUCTS' } });
  expect((await service().run(ask(COUNT), NEVER)).rows).toEqual([[9]]);
  expect(hits()).toEqual([1]);
  expect(
    embedded.queries().filter(({ sqlText, state }) => sqlText === COUNT && state === 'success').length,
  ).toBeGreaterThan(0);
});

test('faults: the service renews an expired token and runs the statement once', async () => {
  const under = service();
  await under.run(ask('SELECT 1'), NEVER);
  const sessions = new Set(embedded.queries().map(({ sessionId }) => sessionId));
  embedded.faults.add({ fault: 'expired-token', match: { sqlPattern: 'PRODUCTS AS RENEWED' } });
  expect((await under.run(ask(`${COUNT} AS RENEWED`), NEVER)).rows).toEqual([[9]]);
  const ran = embedded.queries().filter(({ sqlText }) => sqlText.includes('AS RENEWED'));
  expect(ran).toHaveLength(1);
  expect(sessions).toContain(ran[0]?.sessionId);
});

test('faults: the service reads once more on a new session when its own is gone', async () => {
  const under = service();
  await under.run(ask('SELECT 1 AS BEFORE_IT'), NEVER);
  const before = embedded.queries().findLast(({ sqlText }) => sqlText.includes('BEFORE_IT'))?.sessionId;
  embedded.faults.add({ fault: 'gone-session', match: { sqlPattern: 'PRODUCTS AS GONE' } });
  expect((await under.run(ask(`${COUNT} AS GONE`), NEVER)).rows).toEqual([[9]]);
  const ran = embedded.queries().filter(({ sqlText }) => sqlText.includes('AS GONE'));
  expect(ran).toHaveLength(1);
  expect(ran[0]?.sessionId).not.toBe(before);
});

test('faults: a statement that hangs ends in QUERY_TIMEOUT', async () => {
  embedded.faults.add({ fault: 'hang', match: { sqlPattern: 'PRODUCTS' }, times: 0 });
  const error = service({ limits: { query_timeout: '1s' } }).run(ask(COUNT), NEVER);
  await expect(error).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
});

test.each([
  ['half-answer', 'SNOWFLAKE_UNREACHABLE'],
  ['bad-chunk', 'RESULT_UNREADABLE'],
] as const)('faults: %s ends in %s, and the next statement goes well', async (fault, code) => {
  const sql = 'SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => 5000))';
  embedded.faults.add({ fault, match: { sqlPattern: 'GENERATOR' }, times: 0 });
  const under = service({ limits: { query_timeout: '5s', max_rows: 5000 } });
  const error = await under.run(ask(sql, { maxRows: 5000 }), NEVER).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toMatch(/undefined|\[object/);
  embedded.faults.clear();
  expect((await under.run(ask(sql, { maxRows: 5000 }), NEVER)).rows).toHaveLength(5000);
});
