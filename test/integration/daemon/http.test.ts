/** What the service port answers to good and bad HTTP. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { isAlive } from '../../support/process.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

const get = (path: string, init?: RequestInit) => fetch(`${daemon.url}${path}`, init);

/** fetch() sets Host itself; this one says what it is told. */
function rawGet(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const { hostname, port } = new URL(daemon.url);
  return new Promise((resolve, reject) => {
    const req = request({ hostname, port, path, headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    req.on('error', reject);
    req.end();
  });
}

test('health: the documented fields, for the whole cluster', async () => {
  const health = (await (await get('/health')).json()) as Record<string, unknown>;
  expect(health).toMatchObject({
    status: expect.stringMatching(/^(healthy|degraded)$/),
    snowflake_connection: expect.stringMatching(/^(healthy|unhealthy|unknown)$/),
    connection_pool: {
      status: expect.any(String),
      active: expect.any(Number),
      idle: expect.any(Number),
      total: expect.any(Number),
      max: 16,
    },
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    uptime_seconds: expect.any(Number),
    timestamp: expect.any(String),
    worker: { id: expect.any(Number), pid: expect.any(Number) },
  });
  expect(await (await get('/healthz')).json()).toMatchObject({
    status: expect.any(String),
    timestamp: expect.any(String),
  });
  expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([200, 200]);
});

test('primary port: live, ready, status and metrics', async () => {
  for (const path of ['/livez', '/readyz', '/status', '/metrics', '/']) {
    expect((await fetch(`${daemon.metricsUrl}${path}`)).status).toBe(200);
  }
  expect((await fetch(`${daemon.metricsUrl}/nothing`)).status).toBe(404);
});

test.each([
  ['an unknown path', '/nothing', {}, 404],
  ['the old transport', '/sse', {}, 410],
  ['a wrong method', '/health', { method: 'POST' }, 405],
  [
    'a body that is not JSON',
    '/mcp',
    {
      method: 'POST',
      body: '{nope',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    400,
  ],
  [
    'an unknown session',
    '/mcp',
    {
      method: 'POST',
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': '6f9619ff-8b86-4011-b42d-00c04fc964ff',
      },
    },
    404,
  ],
  [
    'a call without a session',
    '/mcp',
    {
      method: 'POST',
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    400,
  ],
  [
    'a body over the limit',
    '/mcp',
    {
      method: 'POST',
      body: `{"x":"${'a'.repeat(5 * 1024 * 1024)}"}`,
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    413,
  ],
  [
    'a foreign origin',
    '/mcp',
    { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', origin: 'https://evil.example' } },
    403,
  ],
])('%s is answered with its status and a JSON error', async (_name, path, init, status) => {
  const answer = await get(path, init);
  expect(answer.status).toBe(status);
  const body = (await answer.json()) as { error?: { message?: string } };
  expect(body.error?.message?.length).toBeGreaterThan(0);
});

test('a foreign Host is refused: a web page cannot reach the service by rebinding a name', async () => {
  expect(await rawGet('/health', { host: 'evil.example' })).toBe(403);
  expect(await rawGet('/health', { host: 'localhost' })).toBe(200);
});

test('request ids: one that comes in goes out, otherwise one is made', async () => {
  expect((await get('/livez', { headers: { 'x-request-id': 'abc-123' } })).headers.get('x-request-id')).toBe('abc-123');
  expect((await get('/livez')).headers.get('x-request-id')).toMatch(/.{8,}/);
});

test('after all of this both workers still are the first ones', async () => {
  const { workers } = await daemon.status();
  expect(workers.map((worker) => worker.restarts)).toEqual([0, 0]);
  expect(workers.every((worker) => isAlive(worker.pid))).toBe(true);
});
