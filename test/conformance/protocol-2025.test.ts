/** Sentences of the specification up to 2025-11-25, over plain HTTP. */
import { afterAll, beforeAll, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { askModern, type ModernAnswer, readAnswer } from '../support/modern-client.ts';
import { INITIALIZE, post, rawSession } from '../support/worker-client.ts';
import { type ProtocolWorkers, startProtocolWorkers } from './protocol-workers.ts';
import { verifies } from './verifies.ts';

let workers: ProtocolWorkers;
let session: Record<string, string>;
beforeAll(async () => {
  workers = await startProtocolWorkers();
  session = { 'mcp-session-id': await rawSession(workers.one), 'mcp-protocol-version': '2025-11-25' };
});
afterAll(() => workers.close());

let lastId = 10;
const send = (method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  post(workers.one, { jsonrpc: '2.0', id: ++lastId, method, params }, { ...session, ...headers });
const ask = async (method: string, params: Record<string, unknown> = {}): Promise<ModernAnswer> =>
  readAnswer(await send(method, params));
const notify = (method: string, params: Record<string, unknown> = {}) =>
  post(workers.one, { jsonrpc: '2.0', method, params }, session);
const run = (query: string) => ({ name: 'execute_query', arguments: { query } });
const initialize = (protocolVersion: string) =>
  post(workers.one, { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } });

interface ListedTool {
  readonly name: string;
  readonly inputSchema: { readonly type: string };
}
const tools = async () => (await ask('tools/list')).message.result?.tools as ListedTool[];

verifies(['25-response-id', '25-ping'], 'a ping with an id is answered empty, with that id', async () => {
  const { message } = await ask('ping');
  expect(message).toMatchObject({ id: lastId, result: {} });
});

verifies(['25-error-shape'], 'an unknown method is an error with a number and words', async () => {
  const { message } = await ask('no/such/method');
  expect(message).toMatchObject({ id: lastId, error: { code: -32601, message: expect.any(String) as unknown } });
});

verifies(['25-version-same', '25-version-other'], 'known versions are kept, others get the latest', async () => {
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
    expect((await readAnswer(await initialize(version))).message.result?.protocolVersion).toBe(version);
  }
  expect((await readAnswer(await initialize('1999-01-01'))).message.result?.protocolVersion).toBe('2025-11-25');
});

verifies(
  ['25-capabilities', '25-log-capability'],
  'tools, resources, prompts, completions and logging are declared',
  async () => {
    const { capabilities } = (await readAnswer(await initialize('2025-11-25'))).message.result as {
      capabilities: object;
    };
    const names = ['tools', 'resources', 'prompts', 'completions', 'logging'];
    expect(Object.keys(capabilities)).toEqual(expect.arrayContaining(names));
  },
);

verifies(['25-origin'], 'a foreign origin is 403 for every method', async () => {
  for (const method of ['POST', 'GET', 'DELETE']) {
    const headers = { ...session, origin: 'http://evil.example', 'content-type': 'application/json' };
    const body = method === 'POST' ? { body: JSON.stringify(INITIALIZE) } : {};
    expect((await fetch(`${workers.one}/mcp`, { method, headers, ...body })).status).toBe(403);
  }
});

verifies(['25-accepted'], 'a notification is 202 without a body', async () => {
  const response = await notify('notifications/initialized');
  expect([response.status, await response.text()]).toEqual([202, '']);
});

verifies(['25-not-accepted'], 'what is no message is refused', async () => {
  expect((await post(workers.one, 'not json', session)).status).toBe(400);
  expect((await post(workers.one, { hello: 'world' }, session)).status).toBe(400);
  const plain = { method: 'POST', headers: { ...session, 'content-type': 'text/plain' }, body: '{}' };
  expect((await fetch(`${workers.one}/mcp`, plain)).status).toBe(415);
});

verifies(
  ['25-answer-kind', '25-stream-ends'],
  'a call is answered as JSON, or on a stream that then ends',
  async () => {
    const quick = await send('tools/call', run('select 1'));
    expect(quick.headers.get('content-type')).toMatch(/^(application\/json|text\/event-stream)/);
    expect((await readAnswer(quick)).message.result).toMatchObject({ structuredContent: { rows: [[1]] } });
    const told = await send('tools/call', { ...run('steps'), _meta: { progressToken: 'p' } });
    expect(told.headers.get('content-type')).toContain('text/event-stream');
    expect((await readAnswer(told)).message.result).toMatchObject({ structuredContent: { rows: [[1]] } });
  },
);

verifies(['25-get-stream', '25-one-stream'], 'a GET opens a stream that hears nothing of another request', async () => {
  const leave = new AbortController();
  const headers = { ...session, accept: 'text/event-stream' };
  const stream = await fetch(`${workers.one}/mcp`, { headers, signal: leave.signal });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const read = stream.text().catch(() => '');
  expect((await ask('tools/call', run('select 1'))).message.result).toBeDefined();
  leave.abort();
  expect(await read).not.toContain('structuredContent');
});

verifies(['25-disconnect'], 'a connection that breaks does not cancel the call', async () => {
  const leave = new AbortController();
  const body = JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method: 'tools/call', params: run('hang on') });
  const headers = { ...session, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const call = fetch(`${workers.one}/mcp`, { method: 'POST', headers, body, signal: leave.signal });
  call.catch(() => {});
  await eventually(() => workers.query.asked.some(({ request }) => request.sql === 'hang on'));
  leave.abort();
  await ask('ping');
  expect(workers.cancelled).not.toContain('hang on');
  await notify('notifications/cancelled', { requestId: lastId - 1 });
  await eventually(() => workers.cancelled.includes('hang on'));
});

verifies(['25-session-ascii', '25-session-unique'], 'ids are visible ASCII, long and all different', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => rawSession(workers.one)));
  expect(new Set(ids).size).toBe(20);
  for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{36,}$/);
});

verifies(['25-session-missing'], 'a request without an id is 400', async () => {
  expect((await post(workers.one, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(400);
});

verifies(['25-session-ended', '25-session-delete'], 'a deleted session is 404 on every worker', async () => {
  const mine = { 'mcp-session-id': await rawSession(workers.one) };
  expect((await fetch(`${workers.two}/mcp`, { method: 'DELETE', headers: mine })).status).toBe(200);
  for (const url of [workers.one, workers.two]) {
    expect((await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, mine)).status).toBe(404);
  }
});

verifies(['25-version-header', '25-version-absent'], 'a wrong version header is 400, none is served', async () => {
  expect((await send('ping', {}, { 'mcp-protocol-version': 'nonsense' })).status).toBe(400);
  const { 'mcp-session-id': id = '' } = session;
  const response = await post(workers.one, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': id });
  expect(response.status).toBe(200);
});

verifies(
  ['25-cancel-stops', '25-cancel-silent'],
  'a cancelled call stops, and its stream ends without an answer',
  async () => {
    const call = send('tools/call', run('hang till cancelled'));
    const requestId = lastId;
    await eventually(() => workers.query.asked.some(({ request }) => request.sql === 'hang till cancelled'));
    expect((await notify('notifications/cancelled', { requestId, reason: 'enough' })).status).toBe(202);
    await eventually(() => workers.cancelled.includes('hang till cancelled'));
    const { messages } = await readAnswer(await call);
    expect(messages.filter((message) => message.result !== undefined || message.error !== undefined)).toEqual([]);
  },
);

verifies(['25-cancel-unknown'], 'cancelling what does not run changes nothing', async () => {
  expect((await notify('notifications/cancelled', { requestId: 99_999 })).status).toBe(202);
  expect((await ask('ping')).message.result).toEqual({});
});

verifies(
  ['25-progress-token', '25-progress-grows', '25-progress-stops'],
  'progress has the token, only grows, and ends with the answer',
  async () => {
    const { messages } = await ask('tools/call', { ...run('steps'), _meta: { progressToken: 'mine' } });
    const told = messages.slice(0, -1).map(({ params }) => params as { progressToken: string; progress: number });
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(new Set(told.map(({ progressToken }) => progressToken))).toEqual(new Set(['mine']));
    const figures = told.map(({ progress }) => progress);
    expect(figures).toEqual([...new Set(figures)].sort((a, b) => a - b));
    expect(messages.at(-1)?.result).toBeDefined();
  },
);

verifies(['25-cursor'], 'a cursor of nobody is -32602 in every list', async () => {
  for (const list of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']) {
    expect((await ask(list, { cursor: 'garbage' })).message.error?.code, list).toBe(-32602);
  }
});

verifies(['25-tool-names', '25-tool-schema'], 'names are plain and unique, schemas are objects', async () => {
  const listed = await tools();
  expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
  for (const { name, inputSchema } of listed) {
    expect(name).toMatch(/^[A-Za-z0-9_.-]{1,128}$/);
    expect(inputSchema.type).toBe('object');
  }
});

verifies(['25-tool-errors'], 'bad arguments are a result an agent can read', async () => {
  const { message } = await ask('tools/call', { name: 'execute_query', arguments: { query: 7 } });
  expect(message.result).toMatchObject({ isError: true });
  expect(JSON.stringify(message.result)).toContain('ARGUMENT_INVALID');
});

verifies(['25-tool-structure', '25-tool-text'], 'a result has the structure its schema tells, and text', async () => {
  const { result } = (await ask('tools/call', run('select 1'))).message;
  expect(result).toMatchObject({
    structuredContent: { columns: [{ name: 'N' }], rows: [[1]], row_count: 1 },
    content: [{ type: 'text', text: expect.stringContaining('| N |') as unknown }],
  });
});

verifies(['25-resource-missing'], 'an object that is not there is -32002', async () => {
  const { message } = await ask('resources/read', { uri: 'snowflake://D/S/MISSING' });
  expect(message.error?.code).toBe(-32002);
});

verifies(['25-prompt-invalid'], 'an unknown prompt and a missing argument are -32602', async () => {
  expect((await ask('prompts/get', { name: 'none' })).message.error?.code).toBe(-32602);
  expect((await ask('prompts/get', { name: 'explore-database' })).message.error?.code).toBe(-32602);
});

verifies(['25-completion-max'], 'of 150 names 100 come, with the total', async () => {
  const ref = { type: 'ref/resource', uri: 'snowflake://{database}/{schema}/{object}' };
  const { result } = (await ask('completion/complete', { ref, argument: { name: 'database', value: 'DB' } })).message;
  const { completion } = result as { completion: { values: string[]; total: number; hasMore: boolean } };
  expect(completion.values).toHaveLength(100);
  expect(completion).toMatchObject({ total: 150, hasMore: true });
});

verifies(['25-log-level', '25-log-invalid'], 'a session hears what is as bad as its level or worse', async () => {
  const own = { 'mcp-session-id': await rawSession(workers.one) };
  const said = async (method: string, params: Record<string, unknown>) => (await send(method, params, own)).text();
  const level = (name: string) => said('logging/setLevel', { level: name });
  expect(JSON.parse(await level('loud'))).toMatchObject({ error: { code: -32602 } });
  await level('error');
  expect(await said('tools/call', run('select 1'))).not.toContain('notifications/message');
  await level('info');
  expect(await said('tools/call', run('select 1'))).toMatch(/notifications\/message.*"level":"info"/);
});

/** Defines the table anew, through the other worker and in the other version. */
async function define(): Promise<void> {
  const write = { name: 'execute_statement', arguments: { statement: 'create table d.s.known (n number)' } };
  const canAsk = { capabilities: { elicitation: {} } };
  const { requestState } = (await askModern(workers.two, 'tools/call', write, canAsk)).message.result ?? {};
  const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
  await askModern(workers.two, 'tools/call', { ...write, inputResponses, requestState }, canAsk);
}

verifies(
  ['25-subscribe', '25-list-changed'],
  'a change is heard on the listening stream until the end of the subscription',
  async () => {
    const own = { 'mcp-session-id': await rawSession(workers.one) };
    const uri = 'snowflake://D/S/KNOWN';
    expect(await (await send('resources/subscribe', { uri }, own)).text()).toContain('"result":{}');
    const leaving = new AbortController();
    const stream = await fetch(`${workers.one}/mcp`, {
      headers: { accept: 'text/event-stream', ...own },
      signal: leaving.signal,
    });
    let heard = '';
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) heard += Buffer.from(chunk).toString();
    })().catch(() => {});
    const updates = () => heard.match(/resources\/updated/g)?.length ?? 0;
    const lists = () => heard.match(/resources\/list_changed/g)?.length ?? 0;
    await eventually(() => expect(updates()).toBe(1), { what: 'what may have been missed' });
    await define();
    await eventually(() => expect([updates(), lists()]).toEqual([2, 1]));
    await (await send('resources/unsubscribe', { uri }, own)).text();
    await define();
    await eventually(() => expect(lists()).toBe(2));
    expect(updates()).toBe(2);
    leaving.abort();
    await reading;
  },
);
