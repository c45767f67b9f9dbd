/** Log messages and changes of resources in sessions: whoever holds the session goes on telling them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { type FakeQueryService, fakeQueryService, fakeResult } from '../../support/fake-query-service.ts';
import { listen, type Message, messagesIn } from '../../support/heard.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { openSocket } from '../../support/web-socket.ts';
import { INITIALIZE, post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;

beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const WRITES = { policy: { write_sql_commands: 'create table', write_without_confirmation: true } };
const ORDERS = 'snowflake://DB/PUBLIC/ORDERS';

let lastId = 10;
async function ask(url: string, session: string, method: string, params: unknown, headers = {}): Promise<Message[]> {
  const message = { jsonrpc: '2.0', id: ++lastId, method, params };
  const answer = await post(url, message, { 'mcp-session-id': session, ...headers });
  return messagesIn(await answer.text());
}

const callTool = (url: string, session: string, name: string, args: unknown) =>
  ask(url, session, 'tools/call', { name, arguments: args });

const described = (): FakeQueryService => fakeQueryService(() => fakeResult(['name', 'type'], [['N', 'NUMBER(1,0)']]));

test('log level: without one a call is answered alone; with one its end, and what was cut, come before the answer', async () => {
  const cut = fakeQueryService(() => fakeResult(['T'], [['x']], { truncated: { limit: 'rows', max: 1 } }));
  const { url } = await cluster.start(cut);
  const session = await rawSession(url);
  const query = { query: 'select 1' };
  expect(await callTool(url, session, 'execute_query', query)).toHaveLength(1);
  expect(await ask(url, session, 'logging/setLevel', { level: 'info' })).toMatchObject([{ result: {} }]);
  const said = await callTool(url, session, 'execute_query', query);
  expect(said).toHaveLength(3);
  expect(said[0]).toMatchObject({ params: { level: 'warning', logger: 'execute_query' } });
  expect(said[1]).toMatchObject({ params: { level: 'info', data: { event: 'call_ended', row_count: 1 } } });
  expect(said[2]).toMatchObject({ result: { structuredContent: { row_count: 1 } } });
  expect(said[0]?.params).toMatchObject({ data: { event: 'result_cut', truncated: { limit: 'rows', max: 1 } } });
  expect(JSON.stringify(said.slice(0, 2))).not.toContain('select');
});

test('log level: it holds on after the owner is gone, and a level that does not exist is refused', async () => {
  const failing = () =>
    fakeQueryService(() => {
      throw new AppError('SQL_REFUSED', { reason: 'writes', detail: 'it writes' });
    });
  const [a, b] = [await cluster.start(failing()), await cluster.start(failing())];
  const session = await rawSession(a.url);
  expect((await ask(b.url, session, 'logging/setLevel', { level: 'loud' }))[0]?.error?.code).toBe(-32602);
  await ask(b.url, session, 'logging/setLevel', { level: 'warning' });
  await a.kill();
  cluster.reap(a.incarnation);
  const said = await callTool(b.url, session, 'execute_query', { query: 'drop table t' });
  expect(said).toMatchObject([
    { method: 'notifications/message', params: { level: 'warning', data: { code: 'SQL_REFUSED' } } },
    { result: { isError: true } },
  ]);
});

test('subscription: a definition through one worker is heard in a session of another, by nobody who did not ask', async () => {
  const [a, b] = [await cluster.start(described(), WRITES), await cluster.start(described(), WRITES)];
  const [asked, other] = [await rawSession(a.url), await rawSession(a.url)];
  expect(await ask(b.url, asked, 'resources/subscribe', { uri: ORDERS })).toMatchObject([{ result: {} }]);
  const [hears, hearsNot] = [await listen(a.url, asked), await listen(a.url, other)];
  const opened = hears.heard().length;
  const writer = await rawSession(b.url);
  await callTool(b.url, writer, 'execute_statement', { statement: 'CREATE TABLE db.public.orders (N NUMBER)' });
  const updated = { method: 'notifications/resources/updated', params: { uri: ORDERS } };
  const listed = { method: 'notifications/resources/list_changed' };
  await eventually(() => expect(hears.heard().slice(opened)).toMatchObject([listed, updated]));
  await eventually(() => expect(hearsNot.heard()).toMatchObject([listed]));
});

test('subscription: it goes on after the owner is gone, what was missed meanwhile is told, and it ends when the client says so', async () => {
  const [a, b, c] = [
    await cluster.start(described(), WRITES),
    await cluster.start(described(), WRITES),
    await cluster.start(described(), WRITES),
  ];
  const [session, writer] = [await rawSession(a.url), await rawSession(c.url)];
  await ask(a.url, session, 'resources/subscribe', { uri: ORDERS });
  const first = await listen(a.url, session);
  await a.kill();
  cluster.reap(a.incarnation);
  await eventually(() => first.isOver());
  const create = { statement: 'CREATE TABLE db.public.orders (N NUMBER)' };
  const again = await listen(b.url, session);
  const updated = { method: 'notifications/resources/updated', params: { uri: ORDERS } };
  await eventually(() => expect(again.heard()).toMatchObject([updated]));
  await callTool(c.url, writer, 'execute_statement', create);
  await eventually(() => expect(again.heard().filter(({ method }) => method === updated.method)).toHaveLength(2));
  await ask(c.url, session, 'resources/unsubscribe', { uri: ORDERS });
  await callTool(c.url, writer, 'execute_statement', create);
  const lists = () => again.heard().filter(({ method }) => method?.endsWith('list_changed'));
  await eventually(() => expect(lists()).toHaveLength(2));
  expect(again.heard().filter(({ method }) => method === updated.method)).toHaveLength(2);
});

test('subscription: what the caller cannot read, an address of something else, and one too many are refused', async () => {
  const query = fakeQueryService(({ sql }) => {
    if (sql.includes('SECRET')) throw new AppError('OBJECT_NOT_FOUND', { kind: 'table', name: 'SECRET' });
    return fakeResult(['name', 'type'], [['N', 'NUMBER(1,0)']]);
  });
  const { url } = await cluster.start(query, { limits: { session_subscriptions: 1 } });
  const session = await rawSession(url);
  const codeOf = async (uri: string) => (await ask(url, session, 'resources/subscribe', { uri }))[0]?.error?.data?.code;
  expect(await codeOf('snowflake://DB/PUBLIC/SECRET')).toBe('OBJECT_NOT_FOUND');
  expect(await codeOf('file:///etc/passwd')).toBe('ARGUMENT_INVALID');
  expect(await codeOf(ORDERS)).toBeUndefined();
  expect(await codeOf('snowflake://DB/PUBLIC/MORE')).toBe('TOO_MANY_SUBSCRIPTIONS');
});

test('tools: a session that is taken over by a worker with others is told when it listens, by one with the same tools it is not', async () => {
  const [a, b] = [await cluster.start(described()), await cluster.start(described())];
  const session = await rawSession(a.url);
  const wasTold = async (url: string) => {
    const stream = await listen(url, session);
    await ask(url, session, 'ping', {});
    // Whatever was to be told comes before this.
    await callTool(url, session, 'whoami', {});
    return stream;
  };
  await a.kill();
  cluster.reap(a.incarnation);
  const same = await wasTold(b.url);
  const c = await cluster.start(described(), WRITES);
  await b.kill();
  cluster.reap(b.incarnation);
  const other = await wasTold(c.url);
  await eventually(() => expect(other.heard()).toMatchObject([{ method: 'notifications/tools/list_changed' }]));
  expect(same.heard()).toEqual([]);
});

test('wire: a WebSocket hears what it wants to hear on its one connection', async () => {
  const worker = await cluster.start(described(), WRITES);
  await using socket = await openSocket(worker.url);
  const request = async (id: number, method: string, params: unknown) => {
    socket.send({ jsonrpc: '2.0', id, method, params });
    return socket.answer(id);
  };
  const heard = () => (socket.frames as readonly Message[]).flatMap(({ method }) => method ?? []);
  await request(1, 'initialize', INITIALIZE.params);
  await request(2, 'resources/subscribe', { uri: ORDERS });
  await request(3, 'logging/setLevel', { level: 'info' });
  const statement = 'create table db.public.orders (n number)';
  await request(4, 'tools/call', { name: 'execute_statement', arguments: { statement } });
  const expected = ['notifications/message', 'notifications/resources/list_changed', 'notifications/resources/updated'];
  await eventually(() => expect(heard().toSorted()).toEqual(expected));
});
