/** MCP over WebSocket: who is let in, what may be said, and how a connection ends. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectSocketClient, openSocket, refusedUpgrade } from '../../support/web-socket.ts';
import { INITIALIZE } from '../../support/worker-client.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

function worker(overrides: Parameters<TestCluster['start']>[1] = {}, query = fakeQueryService()) {
  cluster = createTestCluster();
  return cluster.start(query, overrides);
}

const call = (id: number, query = 'SELECT 1') => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query } },
});
const PING = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });

/** A query that waits for its signal or for the test. */
function waitingQuery() {
  let [running, cancelled] = [0, 0];
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const query = fakeQueryService(async (_request, signal) => {
    running++;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        cancelled++;
        reject(new Error('cancelled'));
      });
    });
    await Promise.race([finished, aborted]);
    return fakeResult(['N'], [[7]]);
  });
  return { query, running: () => running, cancelled: () => cancelled, finish: () => finish() };
}

test('websocket: the SDK client lists and calls tools', async () => {
  const { url, service } = await worker();
  const { client } = await connectSocketClient(url);
  expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('execute_query');
  const result = await client.callTool({ name: 'execute_query', arguments: { query: 'SELECT 1' } });
  expect(result.structuredContent).toMatchObject({ rows: [[1]] });
  expect(service.figures()).toMatchObject({ webSockets: 1, connections: 1, inflight: 0 });
  await client.close();
  await eventually(() => service.figures().webSockets === 0);
});

test.each([
  ['a foreign Host', { headers: { host: 'evil.example' } }, 'mcp', 403, 'FORBIDDEN_HOST'],
  ['a foreign Origin', { origin: 'https://evil.example' }, 'mcp', 403, 'FORBIDDEN_HOST'],
  ['another path', { path: '/other' }, 'mcp', 404, 'NOT_FOUND'],
  ['another subprotocol', {}, 'graphql', 400, 'BAD_REQUEST'],
  ['no subprotocol', {}, undefined, 400, 'BAD_REQUEST'],
])('websocket: %s is refused before the upgrade', async (_name, options, protocol, status, code) => {
  const { url } = await worker();
  const refusal = await refusedUpgrade(url, options, protocol ?? '');
  expect(refusal.status).toBe(status);
  expect(JSON.parse(refusal.body)).toMatchObject({ error: { code } });
  expect(refusal.headers['x-request-id']).toMatch(/\S/);
});

test('websocket: with keys configured, only a valid key is let in; in the address it is refused', async () => {
  const { url } = await worker({ auth: { api_keys: ['k'.repeat(32)] } });
  const without = await refusedUpgrade(url);
  expect([without.status, without.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Bearer')]);
  expect((await refusedUpgrade(url, { path: `/mcp?api_key=${'k'.repeat(32)}` })).status).toBe(400);
  await using socket = await openSocket(url, { headers: { authorization: `Bearer ${'k'.repeat(32)}` } });
  socket.send(INITIALIZE);
  expect((await socket.answer(1)).result).toMatchObject({ protocolVersion: '2025-11-25' });
});

test('websocket: one more than server.websocket_max_connections is answered 503 until one leaves', async () => {
  const { url, counts } = await worker({ server: { websocket_max_connections: 1 } });
  const first = await openSocket(url);
  const refusal = await refusedUpgrade(url);
  expect([refusal.status, refusal.headers['retry-after']]).toEqual([503, '30']);
  expect(counts.get('mcp_connections_rejected_total websocket_limit')).toBe(1);
  await first[Symbol.asyncDispose]();
  await eventually(async () => {
    await using _second = await openSocket(url);
  });
});

test('websocket: a binary frame closes with 1003, one over server.max_body with 1009', async () => {
  const { url } = await worker({ server: { max_body: '2K' } });
  await using binary = await openSocket(url);
  binary.socket.send(Buffer.from('{}'), { binary: true });
  expect((await binary.closed).code).toBe(1003);
  await using large = await openSocket(url);
  large.send(`"${'x'.repeat(4096)}"`);
  expect((await large.closed).code).toBe(1009);
});

test('websocket: what is no JSON-RPC message gets an error and the session goes on', async () => {
  const { url } = await worker();
  await using socket = await openSocket(url);
  for (const bad of ['{nope', '[]', '{"a":1}', `${'['.repeat(100)}${']'.repeat(100)}`]) socket.send(bad);
  await eventually(() => socket.frames.length === 4);
  const codes = socket.frames.map(({ id, error }) => [id, error?.code, error?.data?.code]);
  expect(codes[0]).toEqual([null, -32700, 'NOT_JSON']);
  for (const one of codes.slice(1)) expect(one).toEqual([null, -32600, 'BAD_REQUEST']);
  socket.send(PING(5));
  expect((await socket.answer(5)).result).toEqual({});
});

test('websocket: an id that still runs is refused; a cancelled call ends in the query service and gets no answer', async () => {
  const waiting = waitingQuery();
  const { url, service } = await worker({}, waiting.query);
  await using socket = await openSocket(url);
  socket.send(INITIALIZE);
  socket.send(call(9));
  await eventually(() => waiting.running() === 1);
  socket.send(call(9));
  expect((await socket.answer(9)).error?.data?.code).toBe('BAD_REQUEST');
  socket.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } });
  await eventually(() => waiting.cancelled() === 1 && service.figures().inflight === 0);
  expect(socket.frames.filter((frame) => frame.id === 9)).toHaveLength(1);
});

test('websocket: a client that goes away cancels its calls', async () => {
  const waiting = waitingQuery();
  const { url } = await worker({}, waiting.query);
  const socket = await openSocket(url);
  socket.send(INITIALIZE);
  socket.send(call(2));
  await eventually(() => waiting.running() === 1);
  socket.socket.terminate();
  await eventually(() => waiting.cancelled() === 1);
});

test('websocket: a client that answers no ping is cut off, one that does stays', async () => {
  const { url, service, counts } = await worker({ server: { websocket_ping: '100ms' } });
  await using silent = await openSocket(url, { autoPong: false });
  await using lively = await openSocket(url);
  expect((await silent.closed).code).toBe(1006);
  lively.send(PING(1));
  await lively.answer(1);
  expect([service.figures().webSockets, counts.get('mcp_connections_rejected_total silent')]).toEqual([1, 1]);
});

test('websocket: a client that does not read is closed once server.max_backlog waits for it', async () => {
  const big = 'x'.repeat(200_000);
  const query = fakeQueryService(() => fakeResult(['T'], [[big]]));
  const { url, service, counts } = await worker({ server: { max_backlog: '64K' } }, query);
  await using socket = await openSocket(url);
  socket.send(INITIALIZE);
  await socket.answer(1);
  socket.socket.pause();
  for (let id = 2; id < 80; id++) socket.send(call(id));
  await eventually(() => service.figures().webSockets === 0);
  expect(counts.get('mcp_connections_rejected_total slow_reader')).toBe(1);
});

test('websocket: drain refuses new calls, lets the running one end, then closes with 1012', async () => {
  const waiting = waitingQuery();
  const { url, service, setDraining } = await worker({}, waiting.query);
  await using busy = await openSocket(url);
  await using idle = await openSocket(url);
  busy.send(INITIALIZE);
  busy.send(call(2));
  await eventually(() => waiting.running() === 1);
  setDraining();
  service.endStreams();
  expect((await idle.closed).code).toBe(1012);
  busy.send(call(3));
  expect((await busy.answer(3)).error?.data?.code).toBe('DRAINING');
  expect((await refusedUpgrade(url)).status).toBe(503);
  waiting.finish();
  expect((await busy.answer(2)).result).toMatchObject({ structuredContent: { rows: [[7]] } });
  expect(await busy.closed).toEqual({ code: 1012, reason: 'service restart' });
});

test('websocket: a request to upgrade to HTTP/2 is served as plain HTTP/1.1, body included', async () => {
  const { url } = await worker();
  const { hostname, port } = new URL(url);
  const body = JSON.stringify(INITIALIZE);
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(body.length),
  };
  for (const writesLate of [false, true]) {
    const status = await new Promise((resolve, reject) => {
      const asked = request({ hostname, port, path: '/mcp', method: 'POST', headers }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      });
      asked.once('error', reject);
      if (writesLate) asked.flushHeaders();
      if (writesLate) setImmediate(() => asked.end(body));
      else asked.end(body);
    });
    expect(status).toBe(200);
  }
});

test('websocket: a handshake that is broken is answered 400 and leaves nothing behind', async () => {
  const { url, service } = await worker();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET /mcp HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mcp\r\n\r\n`,
  );
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.once('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400/);
  await eventually(() => service.figures().webSockets === 0 && service.listeners.connections() === 0);
});
