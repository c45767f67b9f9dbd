/** What must not get in, against a real daemon with one key: foreign places, forged headers, odd JSON, and a flood. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePrincipal, OPERATOR } from '../../../src/shared/principal.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { INITIALIZE } from '../../support/worker-client.ts';

const KEY = 'the-only-key-of-this-test-0123456789';
let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon({ workers: 1, env: { API_KEYS: KEY } });
});
afterAll(() => daemon[Symbol.asyncDispose]());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** With exactly these headers, Host and all. */
function ask(
  headers: Record<string, string>,
  body?: string,
  more: { path?: string; agent?: Agent } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(daemon.url);
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path: more.path ?? '/mcp', headers, agent: more.agent },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The bytes as they are; resolves to the first line of the answer. */
function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(daemon.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\r\n')) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''));
  });
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const WITH_KEY = { ...JSON_HEADERS, authorization: `Bearer ${KEY}` };
const start = JSON.stringify(INITIALIZE);

test.each<[string, Record<string, string>, number]>([
  ['no key', {}, 401],
  ['a wrong key', { authorization: 'Bearer nope' }, 401],
  ['a key of the form of ours', { authorization: `Bearer smcp_${'a'.repeat(10)}_${'A'.repeat(43)}` }, 401],
  ['a key in another scheme', { authorization: `Basic ${Buffer.from(KEY).toString('base64')}` }, 401],
  ['an empty key', { authorization: 'Bearer ' }, 401],
  ['a foreign Host with the right key', { authorization: `Bearer ${KEY}`, host: 'evil.example' }, 403],
  ['a name that was rebound to this machine', { authorization: `Bearer ${KEY}`, host: 'localhost.evil.example' }, 403],
  ['a foreign Origin with the right key', { authorization: `Bearer ${KEY}`, origin: 'https://evil.example' }, 403],
  ['the Origin null', { authorization: `Bearer ${KEY}`, origin: 'null' }, 403],
  ['the name of a fellow worker', { 'x-snowflake-mcp-principal': encodePrincipal(OPERATOR) }, 401],
  ['the right key', { authorization: `Bearer ${KEY}` }, 200],
])('attack: initialize with %s', async (_what, headers, status) => {
  const answer = await ask({ ...JSON_HEADERS, ...headers }, start);
  expect(answer.status).toBe(status);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  expect(answer.text).not.toContain(KEY);
});

test.each(['/mcp?api_key=', '/mcp?x=1&token=', '/status?access_token='])(
  'attack: a key in the address (%s) is 400 with the reason, even the right one, and is not logged',
  async (path) => {
    const answer = await ask(WITH_KEY, start, { path: `${path}${KEY}` });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('do not belong into the address')]);
    expect(daemon.logText('worker-0.log')).not.toContain(KEY);
  },
);

test('attack: a principal header from outside does not make an operator, whatever key comes with it', async () => {
  const forged = { ...WITH_KEY, 'x-snowflake-mcp-principal': encodePrincipal(OPERATOR), via: '1.1 proxy' };
  expect((await ask(forged, undefined, { path: '/admin/maintenance-mode' })).status).toBe(403);
  expect((await ask({ via: '1.1 proxy' }, undefined, { path: '/metrics' })).status).toBe(401);
  expect((await ask(WITH_KEY, undefined, { path: '/admin/maintenance-mode' })).status).toBe(403);
});

test('attack: what a client sends in headers does not come back in ours', async () => {
  const odd = { ...WITH_KEY, 'x-request-id': 'a b%0d%0aset-cookie: x=1', 'mcp-session-id': '%0d%0aset-cookie: y=1' };
  const answer = await ask(odd, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
  expect([answer.status, answer.headers['set-cookie']]).toEqual([404, undefined]);
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('attack: requests of two lengths and bare line feeds are refused before anybody reads them', async () => {
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY}\r\n`;
  const twoLengths = `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await raw(twoLengths)).toContain('400');
  expect(await raw(`${head}X-Odd: a\nInjected: b\r\nContent-Length: 0\r\n\r\n`)).toContain('400');
  expect(await raw(`${head}Content-Length: 0\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`)).toContain('431');
});

test('attack: prototype keys and deep JSON do no harm', async () => {
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const answer = await ask(WITH_KEY, deep);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('nested deeper')]);
  const { client, call, close } = await connectClient(daemon.url, { headers: { authorization: `Bearer ${KEY}` } });
  const poisoned = JSON.parse('{"query":"select 1","__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}');
  const refused = await call('execute_query', poisoned as Record<string, unknown>);
  expect(JSON.stringify(refused)).toContain('ARGUMENT_INVALID');
  const init = { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities: JSON.parse('{"__proto__":{"x":1}}') } };
  expect((await ask(WITH_KEY, JSON.stringify(init))).status).toBeLessThan(500);
  for (const name of ['__proto__', 'constructor', 'toString']) {
    expect(JSON.stringify(await call(name))).toContain('TOOL_UNKNOWN');
  }
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
  await close();
});

const FLOOD = 10_000;
const AT_ONCE = 50;

test('attack: 10,000 bad requests leave the worker quick, small and alive', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const bad: (() => Promise<Answer>)[] = [
    () => ask({ ...JSON_HEADERS, authorization: `Bearer ${Math.random()}` }, start, { agent }),
    () => ask({ ...JSON_HEADERS, authorization: `Bearer eyJhbGciOiJub25lIn0.e30.${Math.random()}` }, start, { agent }),
    () => ask({ ...JSON_HEADERS, host: `h${Math.random()}.example` }, start, { agent }),
    () =>
      ask({ ...WITH_KEY, 'mcp-session-id': `s${Math.random()}` }, '{"jsonrpc":"2.0","id":1,"method":"ping"}', {
        agent,
      }),
    () => ask(WITH_KEY, '{"jsonrpc":', { agent }),
    () => ask(WITH_KEY, undefined, { path: `/nothing/${Math.random()}`, agent }),
  ];
  const memory = async () => (await daemon.status()).workers[0]?.rssBytes ?? 0;
  const before = await daemon.status();
  const rssBefore = await memory();
  let sent = 0;
  let isDone = false;
  const waits: number[] = [];
  const watcher = (async () => {
    while (!isDone) {
      const at = performance.now();
      await ask({}, undefined, { path: '/healthz' });
      waits.push(performance.now() - at);
    }
  })();
  const statuses = new Set<number>();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = sent++; next < FLOOD; next = sent++) {
        const answer = await bad[next % bad.length]?.();
        statuses.add(answer?.status ?? 0);
      }
    }),
  );
  isDone = true;
  await watcher;
  agent.destroy();
  expect([...statuses].filter((status) => status < 400 || status >= 500)).toEqual([]);
  expect(waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.95)]).toBeLessThan(1000);
  expect((await memory()) - rssBefore).toBeLessThan(100 * 1024 * 1024);
  expect((await daemon.status()).workers[0]?.pid).toBe(before.workers[0]?.pid);
  expect((await ask(WITH_KEY, start)).status).toBe(200);
});
