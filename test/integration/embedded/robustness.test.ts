/** Requests that no driver sends, sessions in numbers and an end in the middle of work. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Embedded, SLOW_SQL, startTestEmbedded } from '../../support/embedded-driver.ts';
import { type RawSession, rawLogin } from '../../support/embedded-raw.ts';
import { eventually } from '../../support/eventually.ts';

const CONTROL = 'control-token';
let embedded: Embedded;
let raw: RawSession;

beforeAll(async () => {
  embedded = await startTestEmbedded({
    controlToken: CONTROL,
    longPollMs: 50,
    maxSessions: 200,
    maxResultBytes: 32 * 1024 * 1024,
  });
  raw = await rawLogin(embedded);
});

afterAll(() => embedded.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** As the bytes are given: fetch would tidy the path up. */
function send(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const port = embedded.port;
    const length = String(Buffer.byteLength(body ?? ''));
    const all = { ...headers, 'content-length': length };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const ID = '00000000-0000-0000-0000-000000000000';
const ENDPOINTS: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/session/v1/login-request'],
  ['POST', '/session/token-request'],
  ['POST', '/session/heartbeat'],
  ['POST', '/session?delete=false'],
  ['POST', '/telemetry/send'],
  ['POST', '/queries/v1/query-request?requestId=__proto__'],
  ['POST', '/queries/v1/abort-request'],
  ['POST', `/queries/${ID}/abort-request`],
  ['GET', `/queries/${ID}/result`],
  ['GET', `/monitoring/queries/${ID}`],
  ['GET', '/chunks/__proto__/0'],
  ['GET', `/chunks/${'0'.repeat(32)}/-1`],
  ['GET', '/embedded/queries'],
  ['POST', '/embedded/faults'],
  ['GET', '/constructor'],
  ['GET', '//'],
  ['DELETE', '/queries/v1/query-request'],
];

const BODIES: readonly (readonly [what: string, body: string | Buffer, headers?: Record<string, string>])[] = [
  ['no body', ''],
  ['half of a JSON text', '{"data": {'],
  ['an array', '[1,2,3]'],
  ['null', 'null'],
  ['a number', '12'],
  [
    'prototype keys',
    '{"__proto__":{"sqlText":"SELECT 1"},"constructor":{"x":1},"data":{"__proto__":{}},"parameters":{"__proto__":1,"toString":2}}',
  ],
  [
    'values of the wrong kind',
    '{"data":7,"sqlText":{"a":1},"bindings":[1],"parameters":"x","requestType":[],"asyncExec":"yes","requestId":{}}',
  ],
  ['bytes that are no gzip', Buffer.from('not gzip'), { 'content-encoding': 'gzip' }],
  ['deep brackets', '['.repeat(20_000)],
];

test.each(ENDPOINTS)('robustness: %s %s answers bad bodies and wrong tokens cleanly', async (method, path) => {
  for (const token of ['', raw.token]) {
    for (const [what, body, headers] of BODIES) {
      if (method === 'GET' && what !== 'no body') continue;
      const answer = await send(method, path, body, { ...headers, authorization: `Snowflake Token="${token}"` });
      expect([200, 400, 403, 404], `${what}: ${answer.text}`).toContain(answer.status);
      expect(JSON.parse(answer.text), what).toMatchObject({ success: expect.any(Boolean) });
      expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules|TypeError/);
    }
  }
  expect((await raw.query('SELECT 1')).success).toBe(true);
});

test('robustness: a body that never ends is refused before it fills the process', async () => {
  const from = process.memoryUsage().rss;
  const answers = await Promise.allSettled(
    Array.from({ length: 4 }, () => send('POST', '/queries/v1/query-request', Buffer.alloc(40 * 1024 * 1024, 120))),
  );
  for (const answer of answers) {
    // The server may close the socket while the client still writes.
    if (answer.status === 'fulfilled') expect(answer.value.status).toBe(413);
    else expect(String(answer.reason)).toMatch(/EPIPE|ECONNRESET/);
  }
  expect(process.memoryUsage().rss - from).toBeLessThan(400 * 1024 * 1024);
  expect((await raw.query('SELECT 1')).success).toBe(true);
});

test('robustness: 100 sessions and 50 results that nobody fetches stay within the bound of results', async () => {
  const sessions = await Promise.all(Array.from({ length: 100 }, () => rawLogin(embedded)));
  await Promise.all(sessions.map((session) => session.query('SELECT 1')));
  const wide = "SELECT SEQ4() AS id, REPEAT('x', 200) AS text FROM TABLE(GENERATOR(ROWCOUNT => 10000))";
  const chunkOf: string[] = [];
  for (let at = 0; at < 50; at++) {
    const reply = await (sessions[at] ?? raw).query(wide);
    const [chunk] = reply.data.chunks as { url: string }[];
    chunkOf.push(chunk?.url ?? '');
  }
  const statuses = await Promise.all(chunkOf.map(async (url) => (await fetch(url)).status));
  const kept = statuses.filter((status) => status === 200).length;
  // 10,000 rows of some 210 bytes: 15 results fit into 32 MB.
  expect(kept).toBeLessThanOrEqual(16);
  expect(kept).toBeGreaterThanOrEqual(10);
  expect(statuses.slice(0, 20)).not.toContain(200);
  await Promise.all(sessions.map((session) => session.call('POST', '/session?delete=true', {})));
});

test('robustness: a statement that is queued behind too many others of its session is refused by name', async () => {
  const session = await rawLogin(embedded);
  const slow = session.call('POST', '/queries/v1/query-request?requestId=slow', { sqlText: SLOW_SQL, asyncExec: true });
  await slow;
  const replies = await Promise.all(
    Array.from({ length: 70 }, (_, at) =>
      session.call('POST', `/queries/v1/query-request?requestId=q${at}`, { sqlText: 'SELECT 1' }),
    ),
  );
  expect(replies.filter(({ message }) => /64 statements waiting/.test(String(message))).length).toBeGreaterThan(0);
  expect(await session.call('POST', '/session?delete=true', {})).toMatchObject({ success: true });
});

test('robustness: close() ends within its deadline while statements run, wait and are fetched', async () => {
  const busy = await startTestEmbedded({ longPollMs: 20_000 });
  const sessions = await Promise.all(Array.from({ length: 4 }, () => rawLogin(busy)));
  const pending = sessions.flatMap((session) => [
    session.query(SLOW_SQL).catch(() => undefined),
    session.query('SELECT 1').catch(() => undefined),
  ]);
  await eventually(() => busy.queries().filter(({ state }) => state === 'running').length >= 4, { what: 'four run' });
  const from = performance.now();
  await busy.close();
  expect(performance.now() - from).toBeLessThan(5_000);
  await Promise.all(pending);
  expect(busy.queries().every(({ state }) => state === 'aborted' || state === 'success')).toBe(true);
});
