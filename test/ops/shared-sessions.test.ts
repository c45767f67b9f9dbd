/** Two daemons on one real redis-server: each answers for the sessions of both, and one carries on what the other held. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { claimPort } from '../../src/primary/port-check.ts';
import { slowSql } from '../support/account-daemon.ts';
import { type Daemon, samples, startDaemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/heard.ts';
import { descendants, killAtOnce } from '../support/process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openCall, post, rawSession } from '../support/worker-client.ts';

const SECRET = 'a secret of at least thirty-two characters';
const CALL = {
  jsonrpc: '2.0',
  id: 8,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query: 'SELECT 1' } },
};
let redis: RedisServer;
let count = 0;

beforeAll(async () => {
  redis = await startRedis({ password: 'pw' });
});
afterAll(() => redis[Symbol.asyncDispose]());

async function daemonOn(
  prefix: string,
  more: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Daemon> {
  const port = await claimPort('127.0.0.1', 0, 'test');
  const env = {
    STATE_URL: redis.url,
    STATE_PASSWORD: 'pw',
    STATE_KEY_PREFIX: prefix,
    SERVER_INTERNAL_URL: `http://127.0.0.1:${port}`,
    SERVER_INTERNAL_SECRET: SECRET,
    STATE_LEASE: '5s',
    ...more,
  };
  const daemon = await startDaemon({ port, workers: 1, env, args });
  return daemon;
}

async function call(daemon: Daemon, id: string): Promise<number> {
  const answer = await post(daemon.url, CALL, { 'mcp-session-id': id });
  const text = await answer.text();
  if (answer.status === 200) expect(text).toContain('structuredContent');
  return answer.status;
}

async function isAnswered(daemon: Daemon, id: string): Promise<boolean> {
  const status = await call(daemon, id);
  // Nobody is told that a session is lost that is not.
  expect([200, 503]).toContain(status);
  return status === 200;
}

async function adopted(daemon: Daemon): Promise<number> {
  return Number(/^mcp_sessions_adopted_total (\d+)/m.exec(await daemon.metrics())?.[1]);
}

test('two daemons: a request at the wrong one is led to the owner, and a daemon killed with all it has loses no session', async () => {
  const prefix = `two${++count}`;
  const a = await daemonOn(prefix);
  await using b = await daemonOn(prefix);
  const family = [a.pid, ...descendants(a.pid)];
  onTestFinished(() => killAtOnce(family));
  const ids = await Promise.all([1, 2, 3, 4, 5].map(() => rawSession(a.url)));
  for (const id of ids) expect(await call(b, id)).toBe(200);
  expect(await adopted(b)).toBe(0);

  killAtOnce(family);
  for (const id of ids) {
    await eventually(() => isAnswered(b, id), { what: 'the other daemon carries it on', deadlineMs: 30_000 });
  }
  await eventually(async () => (await adopted(b)) > 0, { what: 'they are counted' });
  // A claim that the store answered too late, and that was made all the same, is not counted.
  expect(await adopted(b)).toBeLessThanOrEqual(ids.length);
});

test('two daemons: an owner that was stopped past its lease has lost its sessions when it wakes up', async () => {
  const prefix = `stopped${++count}`;
  await using a = await daemonOn(prefix);
  await using b = await daemonOn(prefix);
  const id = await rawSession(a.url);
  const long = { ...CALL, params: { name: 'execute_query', arguments: { query: slowSql('LONG') } } };
  const running = await openCall(a.url, id, long);
  await running.nextId();
  const family = [a.pid, ...descendants(a.pid)];
  for (const pid of family) process.kill(pid, 'SIGSTOP');
  try {
    await eventually(() => isAnswered(b, id), { what: 'the other daemon carries it on', deadlineMs: 30_000 });
  } finally {
    for (const pid of family) process.kill(pid, 'SIGCONT');
  }
  // Of what it was doing nothing reaches the client any more.
  expect(await running.rest()).not.toMatch(/"(result|error)"/);
  await eventually(() => isAnswered(a, id), { what: 'the woken one leads to the new owner', deadlineMs: 30_000 });
  await eventually(async () => (await adopted(b)) > 0, { what: 'it is counted' });
  expect([await adopted(a), await adopted(b)]).toEqual([0, 1]);
});

test('two daemons: the headers between them mean nothing without the secret, and another secret is refused', async () => {
  const prefix = `secret${++count}`;
  await using a = await daemonOn(prefix);
  const id = await rawSession(a.url);
  const mallory = Buffer.from(JSON.stringify({ id: 'operator', scopes: ['admin', 'read'] })).toString('base64url');
  const forged = { 'mcp-session-id': id, 'x-snowflake-mcp-principal': mallory };
  expect((await post(a.url, CALL, forged)).status).toBe(200);
  expect((await post(a.url, CALL, { ...forged, 'x-snowflake-mcp-secret': 'x'.repeat(42) })).status).toBe(401);
  const told = { ...forged, 'x-snowflake-mcp-secret': SECRET };
  expect((await post(a.url, CALL, told)).status).toBe(404);
});

test('two daemons: while the store is away sessions go on, and new ones are kept in it when it is back', async () => {
  await using own = await startRedis({ password: 'pw' });
  const prefix = `away${++count}`;
  await using dir = tempDir();
  const file = join(dir.path, 'c.json');
  const policy = { write_sql_commands: 'create table', write_without_confirmation: true };
  writeFileSync(file, JSON.stringify({ policy, state: { event_backlog: 1 } }));
  await using a = await daemonOn(prefix, { STATE_URL: own.url, STATE_LEASE: '1m' }, ['--config', file]);
  const dropped = async (reason: string) =>
    samples(await a.metrics(), 'mcp_bus_dropped_total').get(`{reason="${reason}"}`) ?? 0;
  const held = await rawSession(a.url);
  await own.stop();
  expect(await call(a, held)).toBe(200);
  const late = await rawSession(a.url);
  expect(await call(a, late)).toBe(200);
  // Two events, of which one may wait, and that one nobody takes.
  const define = { name: 'execute_statement', arguments: { statement: 'CREATE TABLE DEMO_DB.PUBLIC.NEWS (N INT)' } };
  expect(await (await post(a.url, { ...CALL, params: define }, { 'mcp-session-id': late })).text()).toContain('NEWS');
  await eventually(async () => (await dropped('full')) > 0 && (await dropped('unreachable')) > 0, {
    what: 'events that reach no other daemon are counted',
  });
  const health = (await (await fetch(`${a.url}/health/detailed`)).json()) as { components: { state: unknown } };
  expect(health).toMatchObject({ status: 'degraded', components: { state: { status: 'degraded' } } });
  await own.restart();
  const state = async () =>
    ((await (await fetch(`${a.url}/health`)).json()) as { session_store: string }).session_store === 'shared';
  await eventually(state, { what: 'the store is used again', deadlineMs: 30_000 });
  expect(await call(a, late)).toBe(200);
  const stranger = new Redis(own.url, { password: 'pw' });
  onTestFinished(() => stranger.disconnect());
  await eventually(async () => (await stranger.publish(`${prefix}:events`, 'no event')) > 0, { what: 'it is heard' });
  await eventually(async () => (await dropped('invalid')) > 0, { what: 'what is no event is counted' });
  expect(await call(a, late)).toBe(200);
});

test('two daemons: what one defines is heard in a session of the other, and still after that session was taken over', async () => {
  const prefix = `two${++count}`;
  await using dir = tempDir();
  const file = join(dir.path, 'c.json');
  const policy = { write_sql_commands: 'alter table', write_without_confirmation: true };
  writeFileSync(file, JSON.stringify({ policy }));
  const a = await daemonOn(prefix, {}, ['--config', file]);
  await using b = await daemonOn(prefix, {}, ['--config', file]);
  const family = [a.pid, ...descendants(a.pid)];
  onTestFinished(() => killAtOnce(family));
  const [id, writer] = [await rawSession(a.url), await rawSession(b.url)];
  const send = async (daemon: Daemon, session: string, method: string, params: unknown) =>
    (await post(daemon.url, { jsonrpc: '2.0', id: 9, method, params }, { 'mcp-session-id': session })).text();
  const define = async (column: string) => {
    const statement = `ALTER TABLE DEMO_DB.PUBLIC.COUNTRIES ADD COLUMN ${column} TEXT`;
    const answer = await send(b, writer, 'tools/call', { name: 'execute_statement', arguments: { statement } });
    expect(answer).toContain('structuredContent');
  };
  const uri = 'snowflake://DEMO_DB/PUBLIC/COUNTRIES';
  expect(await send(a, id, 'resources/subscribe', { uri })).toContain('"result":{}');
  const updates = (stream: Awaited<ReturnType<typeof listen>>) =>
    stream.heard().filter(({ method }) => method === 'notifications/resources/updated').length;

  const first = await listen(a.url, id);
  const told = updates(first);
  await define('ONE');
  await eventually(() => updates(first) > told, { what: 'the other daemon tells' });
  killAtOnce(family);
  await eventually(() => isAnswered(b, id), { what: 'it is taken over', deadlineMs: 30_000 });
  const second = await listen(b.url, id);
  await eventually(() => updates(second) === 1, { what: 'what may have been missed' });
  await define('TWO');
  await eventually(() => updates(second) > 1, { what: 'it goes on' });
}, 120_000);
