/** Calls whose client loses its connection, or whose worker ends: the answer is there for the client that comes back. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type FakeQueryService, fakeQueryService, fakeResult } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectClient, INITIALIZE, openCall, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;

beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const SOON = { state: { resume_after: '20ms' } };
const WRITES = { ...SOON, policy: { write_sql_commands: 'insert', write_without_confirmation: true } };
const QUERY_ID = '01b00000-0000-0000-0000-00000000abcd';

/** A query service whose statements end when the test says so, and whose statements have a name from the start. */
function gated(queryId: string | null = QUERY_ID) {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const query = fakeQueryService(async (request) => {
    request.onStatement?.(() => queryId ?? undefined);
    await gate;
    return fakeResult(['T'], [['from-the-first']]);
  });
  return { query, open };
}

const answering = (text: string): FakeQueryService => fakeQueryService(() => fakeResult(['T'], [[text]]));
const call = (name: string, args: Record<string, unknown>, id: string | number = 8) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const READ = call('execute_query', { query: 'select 1' });
const WRITE = call('execute_statement', { statement: 'insert into t values (1)' });

async function comeBack(url: string, session: string, lastEventId: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/mcp`, {
    headers: { accept: 'text/event-stream', 'mcp-session-id': session, 'last-event-id': lastEventId, ...headers },
  });
  const text = await response.text();
  const data = /^data: (\{.*)$/m.exec(text)?.[1];
  const message = data === undefined ? undefined : (JSON.parse(data) as Record<string, unknown>);
  return { status: response.status, text, message, lastId: [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '' };
}

test('resume: a quick call gives no event id and leaves nothing behind', async () => {
  const { url, service } = await cluster.start(answering('quick'), { state: { resume_after: '1m' } });
  const session = await rawSession(url);
  const text = await (await post(url, READ, { 'mcp-session-id': session })).text();
  expect(text).toContain('quick');
  expect(text).not.toContain('id:');
  expect(service.figures().eventBytes).toBe(0);
});

test('resume: a client that lost its connection gets the answer, on any worker, once', async () => {
  const { query, open } = gated();
  const [a, b] = [await cluster.start(query, SOON), await cluster.start(answering('never asked'), SOON)];
  const session = await rawSession(a.url);
  const first = await openCall(a.url, session, READ);
  const id = await first.nextId();
  first.leave();
  const back = comeBack(b.url, session, id);
  await eventually(() => a.counts.get('mcp_streams_resumed_total attached') === 1);
  open();
  const { message, lastId, text } = await back;
  expect(text.startsWith(`id: ${id}\n`)).toBe(true);
  expect(message).toMatchObject({ id: 8, result: { structuredContent: { rows: [['from-the-first']] } } });
  expect((await comeBack(b.url, session, id)).message).toEqual(message);
  expect((await comeBack(a.url, session, lastId)).status).toBe(204);
  expect(query.asked).toHaveLength(1);
  const outcomes = ['attached', 'replayed', 'complete'].map((one) => a.counts.get(`mcp_streams_resumed_total ${one}`));
  expect(outcomes).toEqual([1, 1, 1]);
});

test('resume: the SDK client gets the answer of a call whose worker died, from the statement that runs on', async () => {
  const { query } = gated();
  const again = answering('from-the-second');
  const [a, b] = [await cluster.start(query, SOON), await cluster.start(again, SOON)];
  const { client, close } = await connectClient(b.url, {}, a.url);
  const tokens: string[] = [];
  const options = { onresumptiontoken: (token: string) => void tokens.push(token) };
  const result = client.callTool({ name: 'execute_query', arguments: { query: 'select 1' } }, undefined, options);
  await eventually(() => tokens.length === 1, { what: 'the client has an event id' });
  await a.kill();
  cluster.reap(a.incarnation);
  expect((await result).structuredContent).toMatchObject({ rows: [['from-the-second']] });
  expect(again.asked.map(({ request }) => request.attachTo)).toEqual([QUERY_ID]);
  expect(b.counts.get('mcp_streams_resumed_total reattached')).toBe(1);
  await close();
});

test('resume: a read whose statement has no name yet is run once more, and not a third time', async () => {
  const [one, two] = [gated(null), gated(null)];
  const third = answering('never asked');
  const [a, b] = [await cluster.start(one.query, SOON), await cluster.start(two.query, SOON)];
  const session = await rawSession(a.url);
  const id = await (await openCall(a.url, session, READ)).nextId();
  await a.kill();
  cluster.reap(a.incarnation);
  const second = comeBack(b.url, session, id).catch(() => 'cut');
  await eventually(() => two.query.asked.length === 1);
  const c = await cluster.start(third, SOON);
  await b.kill();
  cluster.reap(b.incarnation);
  await second;
  const { message } = await comeBack(c.url, session, id);
  expect(JSON.stringify(message)).toContain('CALL_INTERRUPTED');
  expect(message).toMatchObject({ id: 8, result: { isError: true } });
  expect(third.asked).toEqual([]);
  expect(b.counts.get('mcp_streams_resumed_total rerun')).toBe(1);
  expect(c.counts.get('mcp_streams_resumed_total interrupted')).toBe(1);
});

test('resume: a write is never run twice; the answer says how to find what came of it', async () => {
  const { query } = gated();
  const other = answering('never asked');
  const [a, b] = [await cluster.start(query, WRITES), await cluster.start(other, WRITES)];
  const session = await rawSession(a.url);
  const sent = await openCall(a.url, session, WRITE, { 'x-request-id': 'the-write' });
  const id = await sent.nextId();
  await eventually(() => a.service.figures().resumable === 1);
  await a.noted();
  await a.kill();
  cluster.reap(a.incarnation);
  const { message, lastId } = await comeBack(b.url, session, id);
  const text = JSON.stringify(message);
  for (const part of ['WRITE_OUTCOME_UNKNOWN', 'the-write', QUERY_ID]) expect(text).toContain(part);
  expect(message).toMatchObject({ id: 8, result: { isError: true } });
  expect((await comeBack(b.url, session, id)).message).toEqual(message);
  expect((await comeBack(b.url, session, lastId)).status).toBe(204);
  expect(other.asked).toEqual([]);
});

test('fence: a worker that was taken for dead and wakes up neither answers nor writes down what another answered', async () => {
  const { query, open } = gated();
  const [a, b] = [await cluster.start(query, SOON), await cluster.start(answering('from-the-second'), SOON)];
  const session = await rawSession(a.url);
  const first = await openCall(a.url, session, READ);
  const id = await first.nextId();
  cluster.reap(a.incarnation);
  const { message } = await comeBack(b.url, session, id);
  expect(JSON.stringify(message)).toContain('from-the-second');
  open();
  expect(await first.rest()).not.toContain('from-the-first');
  await eventually(() => a.service.figures().resumable === 0);
  expect((await comeBack(b.url, session, id)).message).toEqual(message);
});

test('resume: an event id of another session, of nobody or of nonsense is refused in the same words', async () => {
  const { query, open } = gated();
  const { url } = await cluster.start(query, SOON);
  const [mine, other] = [await rawSession(url), await rawSession(url)];
  const sent = await openCall(url, mine, READ);
  const id = await sent.nextId();
  open();
  await sent.rest();
  const [foreign, unknown, nonsense] = await Promise.all(
    [id, `${'0'.repeat(32)}.1`, '_GET_stream'].map((text) => comeBack(url, other, text)),
  );
  expect([foreign, unknown, nonsense].map((answer) => answer?.status)).toEqual([400, 400, 400]);
  expect(foreign?.text).toBe(unknown?.text);
  expect(nonsense?.text).toBe(unknown?.text);
  expect((await comeBack(url, mine, id)).status).toBe(200);
});

test('resume: what another principal has is not found, neither session nor event', async () => {
  const auth = { ...SOON, auth: { api_keys: ['key-one-0123456789', 'key-two-0123456789'] } };
  const { query, open } = gated();
  const [a, b] = [await cluster.start(query, auth), await cluster.start(query, auth)];
  const [one, two] = [{ 'x-api-key': 'key-one-0123456789' }, { 'x-api-key': 'key-two-0123456789' }];
  const session = await rawSession(a.url, one);
  const sent = await openCall(a.url, session, READ, one);
  const id = await sent.nextId();
  for (const { url } of [a, b]) {
    expect((await comeBack(url, session, id, two)).status).toBe(404);
    const again = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    expect((await post(url, again, { ...two, 'mcp-session-id': session })).status).toBe(404);
  }
  open();
  await sent.rest();
  expect((await comeBack(b.url, session, id, one)).status).toBe(200);
});

test('resume: an answer that is too large to keep is told as gone, and a deleted session has no events', async () => {
  const { query, open } = gated();
  const { url, counts } = await cluster.start(query, { state: { resume_after: '20ms', event_bytes: '1K' } });
  const session = await rawSession(url);
  const args = { query: 'select 1', format: 'json' };
  const sent = await openCall(url, session, call('execute_query', args, 'x'.repeat(900)));
  const id = await sent.nextId();
  open();
  expect(await sent.rest()).toContain('from-the-first');
  const { message } = await comeBack(url, session, id);
  expect(JSON.stringify(message)).toContain('ANSWER_GONE');
  expect(counts.get('mcp_events_evicted_total size')).toBe(1);
  expect(counts.get('mcp_streams_resumed_total gone')).toBe(1);
  await fetch(`${url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': session } });
  expect((await comeBack(url, session, id)).status).toBe(404);
});

test('resume: a cancelled call has no answer for the client that comes back', async () => {
  const query = fakeQueryService(
    (_request, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error()))),
  );
  const { url } = await cluster.start(query, SOON);
  const session = await rawSession(url);
  const sent = await openCall(url, session, READ);
  const id = await sent.nextId();
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: READ.id } };
  expect((await post(url, cancelled, { 'mcp-session-id': session })).status).toBe(202);
  await sent.rest();
  expect((await comeBack(url, session, id)).status).toBe(204);
});

/** A client that can ask its person, and comes back by hand. */
async function askingSession(url: string): Promise<string> {
  const params = { ...INITIALIZE.params, capabilities: { elicitation: {} } };
  const response = await post(url, { ...INITIALIZE, params });
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

/** What a stream says, as it comes. */
async function follow(url: string, session: string, lastEventId: string) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const headers = { accept: 'text/event-stream', 'mcp-session-id': session, 'last-event-id': lastEventId };
  const response = await fetch(`${url}/mcp`, { headers, signal: leaving.signal });
  let text = '';
  void (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  })().catch(() => {});
  const messages = () =>
    [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Record<string, unknown>);
  const find = (is: (message: Record<string, unknown>) => boolean) =>
    eventually(() => messages().find(is) ?? false, { what: 'the message' });
  return {
    question: () => find(({ method }) => method === 'elicitation/create'),
    answer: () => find(({ result, error }) => result !== undefined || error !== undefined),
    said: (method: string) => messages().filter((message) => message.method === method),
    leave: () => leaving.abort(),
  };
}

const yesTo = ({ id }: Record<string, unknown>) => ({
  jsonrpc: '2.0',
  id,
  result: { action: 'accept', content: { confirm: true } },
});
const ASKED_WRITES = { ...SOON, policy: { write_sql_commands: 'insert' } };

test('resume: progress goes on for the client that comes back, from what it missed', async () => {
  const reports: ((state: 'running' | 'reading', rows: number) => void)[] = [];
  const { query, open } = gated();
  const reporting = {
    ...query,
    run: (request: Parameters<typeof query.run>[0], signal: AbortSignal) => {
      reports.push((state, rows) => request.report?.(state, rows));
      return query.run(request, signal);
    },
  };
  const [a, b] = [await cluster.start(reporting, SOON), await cluster.start(answering('x'), SOON)];
  const session = await rawSession(a.url);
  const asked = { ...READ, params: { ...READ.params, _meta: { progressToken: 'p' } } };
  const sent = await openCall(a.url, session, asked);
  const id = await sent.nextId();
  sent.leave();
  reports[0]?.('reading', 7);
  const back = await follow(b.url, session, id);
  await eventually(() => expect(JSON.stringify(back.said('notifications/progress'))).toContain('7 rows'));
  reports[0]?.('reading', 9);
  await eventually(() => expect(JSON.stringify(back.said('notifications/progress').at(-1))).toContain('9 rows'));
  open();
  expect(JSON.stringify(await back.answer())).toContain('from-the-first');
});

test('resume: a question the client missed is asked on the stream it comes back to, and its answer counts by any worker', async () => {
  const query = answering('written');
  const [a, b] = [await cluster.start(query, ASKED_WRITES), await cluster.start(answering('x'), ASKED_WRITES)];
  const session = await askingSession(a.url);
  const sent = await openCall(a.url, session, WRITE);
  const id = await sent.nextId();
  sent.leave();
  const back = await follow(b.url, session, id);
  const question = await back.question();
  expect(query.asked).toEqual([]);
  expect((await post(b.url, yesTo(question), { 'mcp-session-id': session })).status).toBe(202);
  expect(JSON.stringify(await back.answer())).toContain('written');
  expect(query.asked.map(({ kind }) => kind)).toEqual(['write']);
});

test('resume: a person who is asked while the worker ends is asked again by the next one; what they said to the first counts no more, and the write runs once', async () => {
  const [one, two] = [answering('first'), answering('second')];
  const [a, b] = [await cluster.start(one, ASKED_WRITES), await cluster.start(two, ASKED_WRITES)];
  const session = await askingSession(a.url);
  const id = await (await openCall(a.url, session, WRITE)).nextId();
  const first = await (await follow(a.url, session, id)).question();
  await a.kill();
  cluster.reap(a.incarnation);
  const back = await follow(b.url, session, id);
  const second = await back.question();
  expect(second.id).not.toBe(first.id);
  await post(b.url, yesTo(first), { 'mcp-session-id': session });
  await post(b.url, { jsonrpc: '2.0', id: 99, method: 'ping' }, { 'mcp-session-id': session });
  expect(two.asked).toEqual([]);
  await post(b.url, yesTo(second), { 'mcp-session-id': session });
  expect(JSON.stringify(await back.answer())).toContain('second');
  expect([one.asked.length, two.asked.length]).toEqual([0, 1]);
});

test('resume: a write that was confirmed and has begun is not asked for again when its worker ends', async () => {
  const stuck = gated();
  const [a, b] = [await cluster.start(stuck.query, ASKED_WRITES), await cluster.start(answering('x'), ASKED_WRITES)];
  const session = await askingSession(a.url);
  const id = await (await openCall(a.url, session, WRITE)).nextId();
  const question = await (await follow(a.url, session, id)).question();
  await post(a.url, yesTo(question), { 'mcp-session-id': session });
  await eventually(() => stuck.query.asked.length === 1, { what: 'the write has begun' });
  await a.kill();
  cluster.reap(a.incarnation);
  const { message } = await comeBack(b.url, session, id);
  expect(JSON.stringify(message)).toContain('WRITE_OUTCOME_UNKNOWN');
});
