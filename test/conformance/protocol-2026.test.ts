/** Sentences of the specification 2026-07-28, over plain HTTP. */
import { afterAll, beforeAll, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { askModern, listen, type ModernOptions, sendModern, VERSION_2026 } from '../support/modern-client.ts';
import { rawSession } from '../support/worker-client.ts';
import { type ProtocolWorkers, startProtocolWorkers } from './protocol-workers.ts';
import { verifies } from './verifies.ts';

let workers: ProtocolWorkers;
beforeAll(async () => {
  workers = await startProtocolWorkers();
});
afterAll(() => workers.close());

const META = 'io.modelcontextprotocol';
const HEADER_MISMATCH = -32020;
const ask = (method: string, params: Record<string, unknown> = {}, options: ModernOptions = {}) =>
  askModern(workers.one, method, params, options);
const run = (query: string) => ({ name: 'execute_query', arguments: { query } });
const WRITE = { name: 'execute_statement', arguments: { statement: 'INSERT INTO T VALUES (1)' } };
const CAN_ASK = { capabilities: { elicitation: {} } };
const LISTS = ['tools/list', 'resources/templates/list', 'prompts/list', 'server/discover'];

verifies(
  ['26-response-id', '26-result-type', '26-server-info'],
  'every result has the id, a type and who answers',
  async () => {
    for (const method of LISTS) {
      const { message } = await ask(method, {}, { id: `of ${method}` });
      expect(message.id).toBe(`of ${method}`);
      expect(message.result).toMatchObject({
        resultType: 'complete',
        _meta: { [`${META}/serverInfo`]: { name: 'snowflake-mcp-daemon' } },
      });
    }
  },
);

verifies(['26-error-id'], 'errors have the id of their request', async () => {
  for (const [method, id] of [
    ['no/such', 'x'],
    ['prompts/get', 77],
  ] as const) {
    const { message } = await ask(method, { name: 'none' }, { id });
    expect(message).toMatchObject({ id, error: { message: expect.any(String) as unknown } });
  }
});

verifies(['26-stateless', '26-any-process'], 'the first thing a worker hears may be a call', async () => {
  for (const url of [workers.two, workers.one, workers.two]) {
    expect((await askModern(url, 'tools/call', run('select 1'))).message.result).toMatchObject({
      resultType: 'complete',
    });
  }
});

verifies(['26-meta-required'], 'a request without capabilities in its metadata is 400 and -32602', async () => {
  const { status, message } = await ask('tools/list', {}, { meta: { [`${META}/clientCapabilities`]: undefined } });
  expect([status, message.error?.code]).toEqual([400, -32602]);
});

verifies(['26-client-info'], 'a client need not say who it is', async () => {
  expect((await ask('tools/list', {}, { meta: { [`${META}/clientInfo`]: undefined } })).status).toBe(200);
});

verifies(['26-version-unsupported'], 'an unknown version is 400 with those there are', async () => {
  const headers = { 'mcp-protocol-version': '2099-01-01' };
  const { status, message } = await ask(
    'tools/list',
    {},
    { headers, meta: { [`${META}/protocolVersion`]: '2099-01-01' } },
  );
  expect(status).toBe(400);
  expect(message.error).toMatchObject({ data: { supported: [VERSION_2026], requested: '2099-01-01' } });
});

verifies(['26-discover'], 'discovery tells versions, capabilities and instructions', async () => {
  const { result } = (await ask('server/discover')).message;
  expect(result).toMatchObject({
    supportedVersions: [VERSION_2026],
    capabilities: { tools: { listChanged: true }, resources: {}, prompts: {}, completions: {} },
    instructions: expect.any(String) as unknown,
  });
});

verifies(['26-both-eras'], 'the same address starts sessions for older clients', async () => {
  expect(await rawSession(workers.one)).not.toBe('');
  expect((await ask('tools/list')).headers.get('mcp-session-id')).toBeNull();
});

verifies(['26-origin'], 'a foreign origin is 403', async () => {
  expect((await ask('tools/list', {}, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
});

verifies(['26-accepted'], 'a notification is 202 without a body', async () => {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 1, _meta: { [`${META}/protocolVersion`]: VERSION_2026, [`${META}/clientCapabilities`]: {} } },
  });
  const headers = {
    'content-type': 'application/json',
    'mcp-protocol-version': VERSION_2026,
    'mcp-method': 'notifications/cancelled',
  };
  const response = await fetch(`${workers.one}/mcp`, { method: 'POST', headers, body });
  expect([response.status, await response.text()]).toEqual([202, '']);
});

verifies(
  ['26-answer-kind', '26-stream-ends', '26-no-buffering', '26-progress-grows'],
  'a call is plain JSON, or a stream of growing progress that its answer ends',
  async () => {
    expect((await ask('tools/call', run('select 1'))).headers.get('content-type')).toContain('application/json');
    const { headers, messages } = await ask('tools/call', run('steps'), { meta: { progressToken: 5 } });
    expect(headers.get('content-type')).toContain('text/event-stream');
    expect(headers.get('x-accel-buffering')).toBe('no');
    const figures = messages.slice(0, -1).map(({ params }) => Number(params?.progress));
    expect(figures.length).toBeGreaterThanOrEqual(3);
    expect(figures).toEqual([...new Set(figures)].sort((a, b) => a - b));
    expect(messages.at(-1)?.result).toMatchObject({ resultType: 'complete' });
  },
);

verifies(['26-close-cancels'], 'a stream that the client closes cancels its statement', async () => {
  const leave = new AbortController();
  const options = { meta: { progressToken: 'p' }, signal: leave.signal };
  await sendModern(workers.one, 'tools/call', run('hang on a stream'), options);
  leave.abort();
  await eventually(() => workers.cancelled.includes('hang on a stream'));
});

verifies(
  ['26-header-version', '26-header-method', '26-header-name'],
  'headers must say what the body says',
  async () => {
    const wrong: ModernOptions['headers'][] = [
      { 'mcp-protocol-version': undefined },
      { 'mcp-method': undefined },
      { 'mcp-method': 'prompts/list' },
      { 'mcp-name': undefined },
      { 'mcp-name': 'list_databases' },
    ];
    for (const headers of wrong) {
      const { status, message } = await ask('tools/call', run('select 1'), headers === undefined ? {} : { headers });
      expect([status, message.error?.code], JSON.stringify(headers)).toEqual([400, HEADER_MISMATCH]);
    }
  },
);

verifies(
  ['26-header-base64', '26-header-case'],
  'an encoded name and capital header names are understood',
  async () => {
    const encoded = `=?base64?${Buffer.from('execute_query').toString('base64')}?=`;
    const headers = { 'mcp-name': undefined, 'mcp-method': undefined, 'MCP-NAME': encoded, 'MCP-METHOD': 'tools/call' };
    expect((await ask('tools/call', run('select 1'), { headers })).status).toBe(200);
  },
);

verifies(['26-method-unknown'], 'methods that are not, and those that were, are 404 and -32601', async () => {
  for (const method of ['no/such', 'initialize', 'ping', 'logging/setLevel', 'resources/subscribe']) {
    const { status, message } = await ask(method);
    expect([status, message.error?.code], method).toEqual([404, -32601]);
  }
});

verifies(['26-get-delete'], 'GET and DELETE are 405', async () => {
  for (const method of ['GET', 'DELETE']) {
    const headers = { 'mcp-protocol-version': VERSION_2026, accept: 'text/event-stream' };
    const response = await fetch(`${workers.one}/mcp`, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  }
});

verifies(['26-ask-capability'], 'a client that cannot elicit is not asked', async () => {
  const { result } = (await ask('tools/call', WRITE)).message;
  expect(result).toMatchObject({ resultType: 'complete', isError: true });
});

verifies(
  ['26-ask-complete', '26-ask-again', '26-ask-extra'],
  'a question has a key and a state; a wrong key asks again',
  async () => {
    const { result } = (await ask('tools/call', WRITE, CAN_ASK)).message;
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { confirm: { method: 'elicitation/create' } },
      requestState: expect.any(String) as unknown,
    });
    const { requestState } = result as { requestState: string };
    const beside = { inputResponses: { other: { action: 'accept', content: { confirm: true } } }, requestState };
    expect((await ask('tools/call', { ...WRITE, ...beside }, CAN_ASK)).message.result?.resultType).toBe(
      'input_required',
    );
  },
);

verifies(
  ['26-state-forged', '26-state-once'],
  'a state that was changed is refused, one that was used asks again',
  async () => {
    const { requestState } = (await ask('tools/call', WRITE, CAN_ASK)).message.result as { requestState: string };
    const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
    const answer = (state: string) => ask('tools/call', { ...WRITE, inputResponses, requestState: state }, CAN_ASK);
    expect((await answer(`${requestState}x`)).message.error?.code).toBe(-32602);
    const written = () => workers.query.asked.filter(({ kind }) => kind === 'write').length;
    const before = written();
    expect((await answer(requestState)).message.result?.resultType).toBe('complete');
    expect((await answer(requestState)).message.result?.resultType).toBe('input_required');
    expect(written() - before).toBe(1);
  },
);

verifies(
  ['26-listen-ack', '26-listen-filter', '26-tools-changed'],
  'what was asked for is heard, after the word that it will be',
  async () => {
    const listening = await listen(workers.one, { toolsListChanged: true });
    const deaf = await listen(workers.one, { resourcesListChanged: true });
    await eventually(() => expect([listening.heard.length, deaf.heard.length]).toEqual([1, 1]));
    await workers.addOther();
    await eventually(() => expect(listening.heard).toHaveLength(2));
    for (const { params } of listening.heard) expect(params?._meta).toEqual({ [`${META}/subscriptionId`]: 7 });
    expect(listening.heard.map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
    ]);
    expect(deaf.heard).toHaveLength(1);
    listening.close();
    deaf.close();
  },
);

verifies(
  ['26-log-capability', '26-log-level', '26-log-invalid'],
  'a request that names a level hears what is as bad or worse, before its answer',
  async () => {
    const discovered = (await ask('server/discover')).message.result as { capabilities: object };
    expect(discovered.capabilities).toHaveProperty('logging');
    const from = (level: string, options: ModernOptions = {}) =>
      ask('tools/call', run('select 1'), { ...options, meta: { [`${META}/logLevel`]: level } });
    expect((await from('info')).messages).toMatchObject([
      { method: 'notifications/message', params: { level: 'info', logger: 'execute_query' } },
      { id: 1, result: { resultType: 'complete' } },
    ]);
    expect((await from('warning')).messages).toMatchObject([{ result: { resultType: 'complete' } }]);
    const { headers, messages } = await from('debug', { headers: { accept: 'application/json' } });
    expect([headers.get('content-type'), messages.length]).toEqual(['application/json', 1]);
    expect((await from('loud')).message.error?.code).toBe(-32602);
  },
);

verifies(['26-no-log'], 'no log messages are sent to who did not ask for them', async () => {
  const { messages } = await ask('tools/call', run('steps'), { meta: { progressToken: 1 } });
  expect(messages.filter(({ method }) => method === 'notifications/message')).toEqual([]);
});

verifies(
  ['26-tools-order', '26-tools-steady'],
  'the tools are the same in the same order, whoever answers',
  async () => {
    const [first, again] = [await ask('tools/list'), await askModern(workers.two, 'tools/list')];
    expect(again.message.result).toEqual(first.message.result);
  },
);

verifies(['26-tool-errors'], 'bad arguments are a result an agent can read', async () => {
  const { result } = (await ask('tools/call', { name: 'execute_query', arguments: { query: 7 } })).message;
  expect(result).toMatchObject({ isError: true, resultType: 'complete' });
});

verifies(['26-resource-missing'], 'an object that is not there is -32602', async () => {
  const { message } = await ask('resources/read', { uri: 'snowflake://D/S/MISSING' });
  expect(message.error?.code).toBe(-32602);
});

verifies(
  ['26-cache-hints', '26-cache-private'],
  'lists say how long they hold, and that they are for one caller',
  async () => {
    for (const method of LISTS) {
      const { ttlMs, cacheScope } = (await ask(method)).message.result as { ttlMs: number; cacheScope: string };
      expect(Number.isInteger(ttlMs) && ttlMs >= 0).toBe(true);
      expect(cacheScope).toBe('private');
    }
  },
);

verifies(['26-cursor'], 'a cursor of nobody is -32602 in every list', async () => {
  for (const list of ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']) {
    expect((await ask(list, { cursor: 'garbage' })).message.error?.code, list).toBe(-32602);
  }
});

verifies(['26-prompt-invalid'], 'an unknown prompt and a missing argument are -32602', async () => {
  expect((await ask('prompts/get', { name: 'none' })).message.error?.code).toBe(-32602);
  expect((await ask('prompts/get', { name: 'explore-database' })).message.error?.code).toBe(-32602);
});

// Last: afterwards this worker takes no listeners.
verifies(['26-listen-end'], 'a worker that drains answers the listen request before it ends the stream', async () => {
  const listening = await listen(workers.one, { toolsListChanged: true });
  await eventually(() => expect(listening.heard).toHaveLength(1));
  workers.endStreams();
  await listening.ended;
  expect(listening.heard.at(-1)).toMatchObject({ id: 7, result: { resultType: 'complete' } });
});
