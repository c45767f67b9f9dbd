/** Limits that hold before a request is understood: time, size, number, and clients that do not read. */
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimPort } from '../../../src/primary/port-check.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

interface Raw {
  readonly socket: Socket;
  text(): string;
  readonly closed: Promise<string>;
}

/** A plain connection; what it gets is kept. */
async function raw(url: string, first = ''): Promise<Raw> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await new Promise((resolve) => socket.once('connect', resolve));
  if (first !== '') socket.write(first);
  return { socket, text: () => text, closed };
}

/** Asks for a call on a connection that is not read. */
async function deaf(
  url: string,
  session: string,
  id: number,
  accept = 'application/json',
  on?: Socket,
): Promise<Socket> {
  const params = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
  const socket = on ?? (await raw(url)).socket;
  socket.pause();
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: ${accept}\r\nMcp-Session-Id: ${session}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';
const rejected = (counts: Map<string, number>, reason: string) =>
  counts.get(`mcp_connections_rejected_total ${reason}`);

test('connections: headers that do not end are answered 408 and closed, however slowly they come', async () => {
  const { url, counts } = await cluster.start(fakeQueryService(), { server: { headers_timeout: '300ms' } });
  const slow = await raw(url, HEALTH);
  const drip = setInterval(() => slow.socket.write('X-A: b\r\n'), 50);
  expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s);
  clearInterval(drip);
  expect(rejected(counts, 'timeout')).toBe(1);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('connections: a body that does not end is cut off', async () => {
  const { url, counts, service } = await cluster.start(fakeQueryService(), {
    server: { headers_timeout: '300ms', request_timeout: '400ms' },
  });
  const slow = await raw(
    url,
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{',
  );
  const drip = setInterval(() => slow.socket.write(' '), 50);
  await slow.closed;
  clearInterval(drip);
  expect(rejected(counts, 'timeout')).toBe(1);
  await eventually(() => service.figures().inflight === 0 && service.listeners.connections() === 0);
});

test.each([
  ['headers that are too large', `${HEALTH}X-Big: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE', 'headers'],
  ['too many headers', `${HEALTH}${'X-A: b\r\n'.repeat(150)}\r\n`, 431, 'TOO_MANY_HEADERS', 'headers'],
  ['what is not HTTP', '\x16\x03\x01 hello\r\n\r\n', 400, 'BAD_REQUEST', 'malformed'],
  ['two lengths', `${HEALTH}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'BAD_REQUEST', 'malformed'],
  [
    'a length and chunks',
    `${HEALTH}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
    'BAD_REQUEST',
    'malformed',
  ],
  ['a header with a control character', `${HEALTH}X-A: b\x00c\r\n\r\n`, 400, 'BAD_REQUEST', 'malformed'],
])('connections: %s are answered with an error in JSON and closed', async (_name, bytes, status, code, reason) => {
  const { url, counts } = await cluster.start(fakeQueryService());
  const answer = await (await raw(url, bytes)).closed;
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatchObject({ error: { code } });
  expect(rejected(counts, reason)).toBe(1);
});

test.each(['websocket', 'h2c'])(
  'connections: an upgrade (%s) behind a request without an answer ends the connection, and no more than that',
  async (protocol) => {
    const { url, counts, service } = await cluster.start(fakeQueryService());
    const upgrade = `GET /other HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    await (await raw(url, `${HEALTH}\r\n${upgrade}`)).closed;
    expect(rejected(counts, 'malformed')).toBe(1);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await eventually(() => service.figures().webSockets === 0);
  },
);

test('connections: one more than server.max_connections is closed at once, and there is room when one leaves', async () => {
  const { url, counts, service } = await cluster.start(fakeQueryService(), { server: { max_connections: 2 } });
  const [first] = [await raw(url), await raw(url)];
  await eventually(() => service.listeners.connections() === 2);
  expect(await (await raw(url, `${HEALTH}\r\n`)).closed).toBe('');
  expect(rejected(counts, 'limit')).toBe(1);
  first.socket.destroy();
  await eventually(() => service.listeners.connections() === 1);
  const third = await raw(url, `${HEALTH}Connection: close\r\n\r\n`);
  expect(await third.closed).toMatch(/^HTTP\/1\.1 200/);
});

test.each(['application/json, text/event-stream', 'application/json'])(
  'connections: a client that does not read its answer (%s) is cut off after server.stall_timeout',
  async (accept) => {
    const big = 'x'.repeat(200_000);
    const rows = Array.from({ length: 40 }, () => [big]);
    const query = fakeQueryService(() => fakeResult(['T'], rows));
    const { url, counts, service } = await cluster.start(query, { server: { stall_timeout: '300ms' } });
    const id = await rawSession(url, { accept });
    const client = await deaf(url, id, 2, accept);
    await eventually(() => rejected(counts, 'slow_reader') === 1);
    client.destroy();
    await eventually(() => service.figures().inflight === 0);
  },
);

test('connections: of what clients leave unread together the largest are cut beyond server.max_unread', async () => {
  const big = 'x'.repeat(200_000);
  const rows = Array.from({ length: 40 }, () => [big]);
  const query = fakeQueryService(() => fakeResult(['T'], rows));
  const { url, counts } = await cluster.start(query, { server: { max_unread: '1M' } });
  const id = await rawSession(url, { accept: 'application/json' });
  const clients = [];
  for (const call of [2, 3, 4]) clients.push(await deaf(url, id, call));
  await eventually(() => rejected(counts, 'slow_reader') === 2);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  for (const client of clients) client.destroy();
});

test('connections: answers that one client asks for in a row and does not read are bounded together', async () => {
  const rows = Array.from({ length: 20 }, () => ['x'.repeat(200_000)]);
  const { url, counts } = await cluster.start(
    fakeQueryService(() => fakeResult(['T'], rows)),
    { server: { max_unread: '1M' } },
  );
  const id = await rawSession(url, { accept: 'application/json' });
  const client = await deaf(url, id, 2);
  for (const call of [3, 4]) await deaf(url, id, call, 'application/json', client);
  await eventually(() => rejected(counts, 'slow_reader') === 1);
  client.destroy();
});

test('connections: a body in chunks that is too large is refused, whatever its begin says', async () => {
  const { url } = await cluster.start(fakeQueryService(), { server: { max_body: '1K' } });
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const body = `${chunk(JSON.stringify(INITIALIZE))}${chunk(' '.repeat(2000))}0\r\n\r\n`;
  const head =
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  expect(await (await raw(url, `${head}${body}`)).closed).toMatch(/^HTTP\/1\.1 413 .*BODY_TOO_LARGE/s);
});

test('connections: large bodies beyond server.max_bodies are answered 503, small ones go on', async () => {
  const { url } = await cluster.start(fakeQueryService(), { server: { max_bodies: '1M' } });
  const body = `"${'x'.repeat(700_000)}`;
  const large = async () => {
    const answer = await post(url, `${body}"`);
    return [answer.status, (await answer.text()).includes('BODIES_FULL')].join();
  };
  expect(await large()).toBe('400,false');
  const slow = await raw(
    url,
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 800000\r\n\r\n${body}`,
  );
  await eventually(async () => (await large()) === '503,true');
  await rawSession(url);
  slow.socket.destroy();
  await eventually(async () => (await large()) === '400,false');
});

test('connections: a call that takes longer than server.stall_timeout is not cut off', async () => {
  const { query, release: answer } = heldQueryService(5);
  const { url, counts } = await cluster.start(query, { server: { stall_timeout: '100ms' } });
  const headers = { accept: 'application/json' };
  const id = await rawSession(url, headers);
  const params = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
  const call = post(url, { jsonrpc: '2.0', id: 2, method: 'tools/call', params }, { ...headers, 'mcp-session-id': id });
  const startedAt = performance.now();
  await eventually(() => performance.now() - startedAt > 500);
  answer();
  expect(await (await call).text()).toContain('5');
  expect(rejected(counts, 'slow_reader')).toBeUndefined();
});

test('connections: an idle one is closed after keep_alive_timeout, a used up one says so before', async () => {
  const server = { keep_alive_timeout: '1s', max_requests_per_connection: 2 };
  const { url } = await cluster.start(fakeQueryService(), { server });
  const client = await raw(url, `${HEALTH}\r\n`);
  await eventually(() => client.text().includes('active_websocket_connections'));
  expect(client.text()).toMatch(/Connection: keep-alive/i);
  client.socket.write(`${HEALTH}\r\n`);
  expect(await client.closed).toMatch(/Connection: close/i);
  const idle = await raw(url, `${HEALTH}\r\n`);
  expect(await idle.closed).toMatch(/^HTTP\/1\.1 200/);
});

test('connections: without server.keep_alive every answer ends its connection', async () => {
  const { url } = await cluster.start(fakeQueryService(), { server: { keep_alive: 'false' } });
  expect(await (await raw(url, `${HEALTH}\r\n`)).closed).toMatch(/^HTTP\/1\.1 200 .*Connection: close/is);
});

test('connections: the kernel looks after the other end of an open one', async () => {
  const { url } = await cluster.start(fakeQueryService());
  const { socket } = await raw(url);
  const rows = execFileSync('ss', ['-tnoH', 'src', `127.0.0.1:${new URL(url).port}`], { encoding: 'utf8' });
  expect(rows).toMatch(/timer:\(keepalive,/);
  socket.destroy();
});

test('connections: a port that is closed while it opens is closed then, and opened once when it is wanted again', async () => {
  const port = await claimPort('127.0.0.1', 0, 'server.port');
  const { url, service } = await cluster.start(fakeQueryService(), { server: { port } });
  const { listeners } = service;
  listeners.stopAccepting();
  const opening = listeners.listen();
  listeners.stopAccepting();
  await opening;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  const first = listeners.listen();
  listeners.stopAccepting();
  await Promise.all([first, listeners.listen()]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
