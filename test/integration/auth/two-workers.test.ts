/** Two principals against a real daemon of two workers: what one has, the other neither sees, ends nor takes over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePrincipal, OPERATOR } from '../../../src/shared/principal.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { askModern } from '../../support/modern-client.ts';
import { openSocket } from '../../support/web-socket.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

const KEYS = { alice: 'key-of-alice-0123456789abcdef', bob: 'key-of-bob-0123456789abcdefgh' };
const as = (who: keyof typeof KEYS, more: Record<string, string> = {}) => ({
  authorization: `Bearer ${KEYS[who]}`,
  // Each request on a connection of its own, so that both workers get some.
  connection: 'close',
  ...more,
});
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
const TRIES = [1, 2, 3, 4];

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon({ workers: 2, env: { API_KEYS: Object.values(KEYS).join(',') } });
});
afterAll(() => daemon[Symbol.asyncDispose]());

test('two workers: a session of another is 404 on POST, GET, replay and DELETE, whatever names the caller claims', async () => {
  const id = await rawSession(daemon.url, as('alice'));
  const alice = { id: 'anybody', scopes: ['read'] } as const;
  const statuses = [];
  for (const claim of [
    {},
    ...[OPERATOR, alice].map((one) => ({ 'x-snowflake-mcp-principal': encodePrincipal(one) })),
  ]) {
    const headers = as('bob', { 'mcp-session-id': id, ...claim });
    const stream = { ...headers, accept: 'text/event-stream' };
    for (const answer of [
      await post(daemon.url, LIST, headers),
      await fetch(`${daemon.url}/mcp`, { headers: stream }),
      await fetch(`${daemon.url}/mcp`, { headers: { ...stream, 'last-event-id': '1' } }),
      await fetch(`${daemon.url}/mcp`, { method: 'DELETE', headers }),
    ]) {
      statuses.push(answer.status);
      await answer.text();
    }
  }
  expect(statuses).toEqual(Array.from({ length: 12 }, () => 404));
  for (const _ of TRIES) {
    const answer = await post(daemon.url, LIST, as('alice', { 'mcp-session-id': id }));
    expect([answer.status, (await answer.text()).length > 100]).toEqual([200, true]);
  }
});

test('two workers: a WebSocket that names the session of another has one of its own', async () => {
  const id = await rawSession(daemon.url, as('alice'));
  const { connection: _, ...headers } = as('bob', { 'mcp-session-id': id });
  await using socket = await openSocket(daemon.url, { headers });
  socket.send(INITIALIZE);
  await socket.answer(1);
  socket.send({ ...LIST, method: 'tools/call', params: { name: 'whoami', arguments: {} } });
  const { result } = await socket.answer(2);
  expect(JSON.stringify(result)).not.toContain(id);
  const answer = await post(daemon.url, LIST, as('alice', { 'mcp-session-id': id }));
  expect(answer.status).toBe(200);
  await answer.text();
});

test('two workers: a submitted statement of another does not exist, in the newest version too', async () => {
  const call = (who: keyof typeof KEYS, name: string, args: Record<string, unknown>) =>
    askModern(daemon.url, 'tools/call', { name, arguments: args }, { headers: as(who) });
  const submitted = await call('alice', 'query_submit', { query: 'SELECT 1 AS ONE' });
  const { query_id: id } = (submitted.message.result as { structuredContent: { query_id: string } }).structuredContent;
  for (const name of ['query_status', 'query_result', 'query_cancel']) {
    const [mine, nobodys] = [
      await call('bob', name, { query_id: id }),
      await call('bob', name, { query_id: '01b00000-0000-0000-0000-00000000dead' }),
    ].map(({ message }) => JSON.stringify(message.result));
    expect(mine?.replaceAll(id, 'ID')).toBe(nobodys?.replaceAll('01b00000-0000-0000-0000-00000000dead', 'ID'));
  }
  const own = await call('alice', 'query_result', { query_id: id, wait_seconds: 20 });
  expect(JSON.stringify(own.message.result)).toContain('succeeded');
});

test('two workers: a key for tools opens no endpoint that tells of others or changes anything', async () => {
  const paths = ['/api/sessions', '/api/debug/active-queries', '/api/debug/session-memory', '/status'];
  for (const path of paths) {
    const answer = await fetch(`${daemon.url}${path}`, { headers: as('bob', { via: '1.1 proxy' }) });
    expect([path, answer.status]).toEqual([path, 403]);
    await answer.text();
  }
});
