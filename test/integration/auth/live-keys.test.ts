/** Keys of the file in a serving worker: made, revoked, rotated and changed while it runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addKey, type KeyWishes, revokeKey, rotateKey } from '../../../src/shared/client-keys.ts';
import { changeKeys, lastUsed } from '../../../src/shared/keys-file.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { openSocket, refusedUpgrade } from '../../support/web-socket.ts';
import { connectClient, INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
let dir: string;
let file: string;
beforeEach(() => {
  cluster = createTestCluster();
  dir = mkdtempSync(join(tmpdir(), 'live-keys-'));
  file = join(dir, 'keys.json');
});
afterEach(async () => {
  await cluster.close();
  rmSync(dir, { recursive: true, force: true });
});

const add = (name: string, more: Partial<KeyWishes> = {}) =>
  changeKeys(file, (keys) => addKey(keys, { name, scopes: ['read'], ...more }, new Date()));
const revoke = (name: string) => changeKeys(file, (keys) => revokeKey(keys, name, new Date()));
const start = (more: object = {}) =>
  cluster.start(fakeQueryService(), { auth: { keys_file: file }, ...more } as Parameters<TestCluster['start']>[1]);
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const statusOf = async (url: string, headers: Record<string, string>) => {
  const answer = await post(url, INITIALIZE, headers);
  await answer.text();
  return answer.status;
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

test('live: the first key switches authentication on, and it stays on', async () => {
  const { url } = await start();
  expect(await statusOf(url, {})).toBe(200);
  const { secret } = await add('first');
  await eventually(async () => (await statusOf(url, {})) === 401);
  expect(await statusOf(url, bearer(secret))).toBe(200);
  rmSync(file);
  await eventually(async () => (await statusOf(url, bearer(secret))) === 401);
  expect(await statusOf(url, {})).toBe(401);
});

test('live: a revoked key stops in every worker, and its open stream ends', async () => {
  const { secret } = await add('stays');
  const leaver = await add('leaves');
  const [one, two] = [await start(), await start()];
  const headers = { ...bearer(leaver.secret), 'mcp-session-id': await rawSession(one.url, bearer(leaver.secret)) };
  const stream = await fetch(`${two.url}/mcp`, { headers: { ...headers, accept: 'text/event-stream' } });
  expect(stream.status).toBe(200);
  const ended = stream.text().then(
    () => 'ended',
    () => 'ended',
  );
  await revoke('leaves');
  expect(await ended).toBe('ended');
  await eventually(async () => (await statusOf(one.url, bearer(leaver.secret))) === 401);
  expect((await post(one.url, LIST, headers)).status).toBe(401);
  expect(await statusOf(one.url, bearer(secret))).toBe(200);
});

test('live: after a rotation both secrets reach the same session', async () => {
  const first = await add('rotated');
  const { url } = await start();
  const id = await rawSession(url, bearer(first.secret));
  const { secret } = await changeKeys(file, (keys) => rotateKey(keys, 'rotated', { overlapMs: 60_000 }, new Date()));
  await eventually(async () => (await statusOf(url, bearer(secret))) === 200);
  for (const now of [first.secret, secret]) {
    const answer = await post(url, LIST, { ...bearer(now), 'mcp-session-id': id });
    expect(answer.status).toBe(200);
    await answer.text();
  }
});

test('live: an expired key is told so, an unknown one only that it is unknown', async () => {
  const { secret } = await add('old', { expires: new Date(Date.now() - 1000).toISOString() });
  const { url } = await start();
  const expired = await post(url, INITIALIZE, bearer(secret));
  expect([expired.status, await expired.text()]).toEqual([401, expect.stringContaining('expired')]);
  const unknown = await post(url, INITIALIZE, bearer(`${secret.slice(0, -2)}AA`));
  expect([unknown.status, await unknown.text()]).toEqual([401, expect.stringContaining('not known')]);
});

test('live: a damaged file leaves the keys as they were', async () => {
  const { secret } = await add('one');
  const worker = await start();
  const { writeFileSync } = await import('node:fs');
  writeFileSync(file, '{');
  await eventually(() => worker.lines.some((line) => line.event === 'keys.unusable'));
  expect(await statusOf(worker.url, bearer(secret))).toBe(200);
});

test('live: the last use is noted beside the file', async () => {
  const { key, secret } = await add('used');
  const { url } = await start();
  expect(await statusOf(url, bearer(secret))).toBe(200);
  await eventually(() => lastUsed(file, key.id) !== undefined);
});

test('scopes: without read no tool runs, without admin no operator’s endpoint opens', async () => {
  const reader = await add('reader');
  const scraper = await add('scraper', { scopes: ['metrics'] });
  const admin = await add('admin', { scopes: ['admin'] });
  const { url } = await start({ admin: { trust_loopback: false } });
  const get = async (path: string, secret?: string) => {
    const answer = await fetch(`${url}${path}`, secret === undefined ? {} : { headers: bearer(secret) });
    await answer.text();
    return answer.status;
  };
  const detailed = await Promise.all([undefined, reader, scraper, admin].map((key) => get('/status', key?.secret)));
  expect(detailed).toEqual([401, 403, 403, 200]);
  const metrics = await Promise.all([undefined, reader, scraper, admin].map((key) => get('/metrics', key?.secret)));
  expect(metrics).toEqual([401, 403, 503, 503]);
  const refused = await post(url, INITIALIZE, bearer(scraper.secret));
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    403,
    'Bearer error="insufficient_scope", scope="read"',
  ]);
  await refused.text();
});

test('limits: a key gets fewer rows than the configuration allows, never more', async () => {
  const few = await add('few', { limits: { maxRows: 7 } });
  const { url } = await start();
  const { client, close } = await connectClient(url, bearer(few.secret));
  const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
  expect(structuredContent).toMatchObject({ max_rows: 7, scopes: ['read'] });
  await close();
});

test('audit: refused callers leave lines without what they sent, over HTTP and WebSocket; good ones none', async () => {
  const reader = await add('reads');
  const { url, audit } = await start();
  expect(await statusOf(url, bearer(reader.secret))).toBe(200);
  expect(audit).toEqual([]);
  const wrong = `smcp_${'a'.repeat(10)}_${'A'.repeat(43)}`;
  for (let nth = 0; nth < 5; nth++) expect(await statusOf(url, bearer(wrong))).toBe(401);
  expect((await fetch(`${url}/api/sessions`, { headers: { ...bearer(reader.secret), via: 'x' } })).status).toBe(403);
  const refusals = audit.filter(({ event }) => event === 'login.refused');
  expect(refusals).toEqual([
    expect.objectContaining({ 'error.code': 'UNAUTHENTICATED', address: '127.0.0.1', path: '/mcp' }),
    expect.objectContaining({ 'error.code': 'INSUFFICIENT_SCOPE', principal: `key:reads.${reader.key.id}` }),
  ]);
  expect((await refusedUpgrade(url, { headers: bearer('nobody') })).status).toBe(401);
  expect(JSON.stringify(audit)).not.toMatch(/smcp_|nobody/);
});

test('live: a WebSocket is among the sessions, and closes with 1008 when its key expires', async () => {
  const expires = new Date(Date.now() + 6000).toISOString();
  const short = await add('short', { expires });
  const admin = await add('looks', { scopes: ['admin'] });
  const { url } = await start();
  await using socket = await openSocket(url, { headers: bearer(short.secret) });
  const listed = await fetch(`${url}/api/sessions`, { headers: bearer(admin.secret) });
  const { active_sessions } = (await listed.json()) as { active_sessions: readonly unknown[] };
  expect(active_sessions).toContainEqual(
    expect.objectContaining({ transport: 'websocket', principal: `key:short.${short.key.id}` }),
  );
  expect((await socket.closed).code).toBe(1008);
});

test('live: a WebSocket whose key was revoked runs nothing more, though its client does not answer the close', async () => {
  const { secret } = await add('gone');
  const query = fakeQueryService();
  const { url, lines, service } = await cluster.start(query, { auth: { keys_file: file } });
  await using socket = await openSocket(url, { headers: bearer(secret) });
  socket.send(INITIALIZE);
  await socket.answer(1);
  socket.socket.pause();
  await revoke('gone');
  await eventually(() => lines.some(({ event }) => event === 'keys.changed'));
  socket.send({ ...LIST, method: 'tools/call', params: { name: 'execute_query', arguments: { query: 'select 1' } } });
  await eventually(() => service.figures().webSockets === 0);
  expect(query.asked).toEqual([]);
});
