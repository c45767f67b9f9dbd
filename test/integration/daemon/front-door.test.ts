/** What the service port of a real cluster says to good, odd and hostile HTTP, on both loopback addresses. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { INITIALIZE } from '../../support/worker-client.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** fetch sets some headers itself; this one says what it is told. */
function ask({ method = 'GET', path, headers = {}, body }: Asked, host = '127.0.0.1') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const options = { host, port: new URL(daemon.url).port, method, path, headers, agent: false as const };
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

test.each<[string, Asked, number, string]>([
  ['an unknown path', { path: '/nothing' }, 404, 'NOT_FOUND'],
  ['a path above the root', { path: '/../etc/passwd' }, 404, 'NOT_FOUND'],
  ['a wrong method of health', { path: '/healthz', method: 'POST' }, 405, 'METHOD_NOT_ALLOWED'],
  ['a wrong method of /mcp', { path: '/mcp', method: 'PUT' }, 405, 'METHOD_NOT_ALLOWED'],
  ['the old transport', { path: '/sse' }, 410, 'GONE_SSE'],
  ['a body that is no JSON', { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: '{nope' }, 400, 'NOT_JSON'],
  ['no body', { path: '/mcp', method: 'POST', headers: JSON_TYPE }, 400, 'NOT_JSON'],
  [
    'another type',
    { path: '/mcp', method: 'POST', headers: { ...JSON_TYPE, 'content-type': 'text/plain' }, body: message },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'a packed body',
    { path: '/mcp', method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: message },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['an empty batch', { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: '[]' }, 400, 'BAD_REQUEST'],
  ['no session', { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: message }, 400, 'BAD_REQUEST'],
  [
    'an unknown session',
    { path: '/mcp', method: 'POST', headers: { ...JSON_TYPE, 'mcp-session-id': 'x' }, body: message },
    404,
    'SESSION_NOT_FOUND',
  ],
  [
    'deep nesting',
    { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: `${'['.repeat(5000)}${']'.repeat(5000)}` },
    400,
    'BAD_REQUEST',
  ],
  [
    'a body over 4 MiB',
    { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: `"${'x'.repeat(4 * 1024 * 1024)}"` },
    413,
    'BODY_TOO_LARGE',
  ],
  ['a foreign Host', { path: '/mcp', headers: { host: 'evil.example' } }, 403, 'FORBIDDEN_HOST'],
  ['a foreign Origin', { path: '/mcp', headers: { origin: 'https://evil.example' } }, 403, 'FORBIDDEN_HOST'],
  ['a key in the address', { path: '/mcp?api_key=abc' }, 400, 'BAD_REQUEST'],
  [
    'prototype keys',
    { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: '{"__proto__":{"id":1}}' },
    400,
    'BAD_REQUEST',
  ],
])('front door: %s', async (_name, asked, status, code) => {
  const answer = await ask(asked);
  expect(answer.status).toBe(status);
  const { error } = JSON.parse(answer.body) as {
    error: { code: unknown; next?: string; data?: { code: string; next: string } };
  };
  expect(error.data?.code ?? error.code).toBe(code);
  expect(error.data?.next ?? error.next).toMatch(/\S/);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['x-request-id']).toMatch(/\S/);
});

test('front door: both loopback addresses are served, an id is kept if it is one, and the usual headers are set', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const { status, headers } = await ask({ path: '/healthz', headers: { 'x-request-id': 'abc-1' } }, host);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-request-id': 'abc-1',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'strict-transport-security': expect.any(String),
      'content-security-policy': expect.any(String),
      'referrer-policy': 'no-referrer',
    });
    expect(headers['x-powered-by']).toBeUndefined();
  }
  const { headers } = await ask({ path: '/healthz', headers: { 'x-request-id': 'a b<script>' } });
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  const started = await ask(
    { path: '/mcp', method: 'POST', headers: JSON_TYPE, body: JSON.stringify(INITIALIZE) },
    '::1',
  );
  expect(started.status).toBe(200);
});

/** Writes the same bad bytes over one connection after the other, without waiting for answers. */
async function pour(port: number, bytes: string, times: number): Promise<void> {
  for (let sent = 0; sent < times; ) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const batch = Math.min(25, times - sent);
    socket.end(bytes.repeat(batch));
    socket.resume();
    sent += batch;
    await closed;
  }
}

test('front door: 10,000 bad requests leave the loop free, memory bounded and good requests answered', async () => {
  const port = Number(new URL(daemon.url).port);
  const rss = async () => (await daemon.status()).workers.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const before = await rss();
  const post = (body: string, headers = '') =>
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
  const kinds = [
    post('{nope'),
    post(message, 'Mcp-Session-Id: nobody\r\n'),
    post(message, 'Origin: https://evil.example\r\n'),
    'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
    '\x16\x03\x01\x00garbage\r\n\r\n',
  ];
  let isOver = false;
  const bad = Promise.all(kinds.flatMap((bytes) => [pour(port, bytes, 1000), pour(port, bytes, 1000)])).finally(() => {
    isOver = true;
  });
  let slowestMs = 0;
  while (!isOver) {
    const askedAt = performance.now();
    expect((await ask({ path: '/healthz' })).status).toBe(200);
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
  }
  await bad;
  expect(slowestMs).toBeLessThan(1500);
  await eventually(async () => sum(samples(await daemon.metrics(), 'mcp_connections_rejected_total')) > 0);
  expect((await rss()) - before).toBeLessThan(150 * 1024 * 1024);
  expect((await daemon.status()).workers.every(({ restarts }) => restarts === 0)).toBe(true);
});
