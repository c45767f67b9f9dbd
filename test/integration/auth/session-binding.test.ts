/** Sessions, handles and resources are their principal's alone: where they live, over the proxy hop, on replay and on adoption. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { addKey } from '../../../src/shared/client-keys.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { changeKeys } from '../../../src/shared/keys-file.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { post, rawSession } from '../../support/worker-client.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const KEYS = { alice: 'key-of-alice-0123456789', bob: 'key-of-bob-0123456789' };
const start = () => cluster.start(fakeQueryService(), { auth: { api_keys: Object.values(KEYS) } });
const bearer = (who: keyof typeof KEYS) => ({ authorization: `Bearer ${KEYS[who]}` });
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

/** Status and body of everything one can do with a session id. */
async function attempts(url: string, headers: Record<string, string>): Promise<{ status: number; text: string }[]> {
  const stream = { ...headers, accept: 'text/event-stream' };
  const answers = [
    await post(url, LIST, headers),
    await fetch(`${url}/mcp`, { headers: stream }),
    await fetch(`${url}/mcp`, { headers: { ...stream, 'last-event-id': '1' } }),
    await fetch(`${url}/mcp`, { method: 'DELETE', headers }),
  ];
  return Promise.all(answers.map(async (answer) => ({ status: answer.status, text: await answer.text() })));
}

test('session: to another principal it does not exist, on its owner, on a fellow, and after the owner is gone', async () => {
  const [one, two] = [await start(), await start()];
  const id = await rawSession(one.url, bearer('alice'));
  const asBob = { ...bearer('bob'), 'mcp-session-id': id };
  const unknown = await attempts(one.url, { ...bearer('bob'), 'mcp-session-id': 'never-was' });
  expect(unknown.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect(await attempts(one.url, asBob)).toEqual(unknown);
  expect(await attempts(two.url, asBob)).toEqual(unknown);
  const asAlice = { ...bearer('alice'), 'mcp-session-id': id };
  const overFellow = await post(two.url, LIST, asAlice);
  expect([overFellow.status, (await overFellow.text()).length > 100]).toEqual([200, true]);
  await one.kill();
  cluster.reap(one.incarnation);
  expect(await attempts(two.url, asBob)).toEqual(unknown);
  const adopted = await post(two.url, LIST, asAlice);
  expect(adopted.status).toBe(200);
  await adopted.text();
});

test('session: what runs and listens in it goes on, whatever another principal does with its id', async () => {
  const { query, release: open } = heldQueryService('for alice');
  const keys = { auth: { api_keys: Object.values(KEYS) } };
  const [one, two] = [await cluster.start(query, keys), await cluster.start(query, keys)];
  const id = await rawSession(one.url, bearer('alice'));
  const asAlice = { ...bearer('alice'), 'mcp-session-id': id };
  const stream = await fetch(`${one.url}/mcp`, { headers: { ...asAlice, accept: 'text/event-stream' } });
  let isHeard = true;
  stream.text().then(
    () => {
      isHeard = false;
    },
    () => {
      isHeard = false;
    },
  );
  const params = { name: 'execute_query', arguments: { query: 'select 1' } };
  const running = post(one.url, { jsonrpc: '2.0', id: 3, method: 'tools/call', params }, asAlice);
  await eventually(() => query.asked.length === 1);
  for (const url of [one.url, two.url]) {
    const answers = await attempts(url, { ...bearer('bob'), 'mcp-session-id': id });
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  }
  open();
  expect(await (await running).text()).toContain('for alice');
  expect([isHeard, query.asked.length]).toEqual([true, 1]);
});

test('handle: to another principal it does not exist, over the owner of its session, a fellow, and after the owner is gone', async () => {
  const query = fakeQueryService();
  const keys = { auth: { api_keys: Object.values(KEYS) } };
  const [one, two] = [await cluster.start(query, keys), await cluster.start(query, keys)];
  const sessions = { alice: await rawSession(one.url, bearer('alice')), bob: await rawSession(one.url, bearer('bob')) };
  const call = async (url: string, who: keyof typeof KEYS, name: string, args: Record<string, unknown>) => {
    const message = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name, arguments: args } };
    return (await post(url, message, { ...bearer(who), 'mcp-session-id': sessions[who] })).text();
  };
  const submitted = await call(one.url, 'alice', 'query_submit', { query: 'select 1' });
  const id = /"query_id":"([0-9a-f-]{36})"/.exec(submitted)?.[1] ?? '';
  expect(query.statements.has(id)).toBe(true);
  const nobodys = '01b00000-0000-0000-0000-00000000dead';
  const reachesNothing = async (url: string) => {
    for (const name of ['query_status', 'query_result', 'query_cancel']) {
      const [hers, none] = [
        await call(url, 'bob', name, { query_id: id }),
        await call(url, 'bob', name, { query_id: nobodys }),
      ];
      expect(hers).toContain('QUERY_UNKNOWN');
      expect(hers.replaceAll(id, 'ID')).toBe(none.replaceAll(nobodys, 'ID'));
    }
    expect(await call(url, 'alice', 'query_status', { query_id: id })).toContain('"state":"running"');
  };
  await reachesNothing(one.url);
  await reachesNothing(two.url);
  await one.kill();
  cluster.reap(one.incarnation);
  await reachesNothing(two.url);
  expect(query.statements.get(id)?.cancels).toBe(0);
});

test('resource: what one role may read is not answered to another, though both read the same address through one worker', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'roles-')), 'keys.json');
  onTestFinished(() => rmSync(dirname(file), { recursive: true, force: true }));
  const roles = { alice: 'ANALYST', bob: 'PUBLIC' };
  const add = (name: string, role: string) =>
    changeKeys(file, (keys) => addKey(keys, { name, scopes: ['read'], role }, new Date()));
  const made = await Promise.all(Object.entries(roles).map(([name, role]) => add(name, role)));
  const query = fakeQueryService(({ caller, sql }) => {
    if (caller.role !== 'ANALYST') throw new AppError('OBJECT_NOT_FOUND', { kind: 'table', name: 'PAY' });
    return fakeResult(['name', 'type'], sql.startsWith('DESCRIBE') ? [['SALARY', 'NUMBER(9,2)']] : [['ddl']]);
  });
  const keys = { auth: { keys_file: file } };
  const [one, two] = [await cluster.start(query, keys), await cluster.start(query, keys)];
  const [alice = {}, bob = {}] = await Promise.all(
    made.map(async ({ secret }) => {
      const own = { authorization: `Bearer ${secret}` };
      return { ...own, 'mcp-session-id': await rawSession(one.url, own) };
    }),
  );
  const read = async (url: string, headers: Record<string, string>, method = 'resources/read') => {
    const message = { jsonrpc: '2.0', id: 4, method, params: { uri: 'snowflake://DB/HR/PAY' } };
    return (await post(url, message, headers)).text();
  };
  const isKept = async (url: string) => {
    expect(await read(url, alice)).toContain('SALARY');
    expect(await read(url, bob)).toContain('OBJECT_NOT_FOUND');
    expect(await read(url, bob, 'resources/subscribe')).toContain('OBJECT_NOT_FOUND');
  };
  await isKept(one.url);
  await isKept(two.url);
  await one.kill();
  cluster.reap(one.incarnation);
  await isKept(two.url);
});
