/** A session is its principal's alone: where it lives, over the proxy hop, on replay, on adoption, and to end it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeQueryService } from '../../support/fake-query-service.ts';
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
