/** Sessions that nobody uses: what each costs while it is in memory and after, and that it goes on when it is used again. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { post, rawSession } from '../../support/worker-client.ts';

const SESSIONS = 500;
const AT_ONCE = 20;
const KB_MAX = 30;
const CALL = {
  jsonrpc: '2.0',
  id: 2,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query: 'select 1' } },
};

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sessions that have made a call each. */
async function used(url: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const some = await Promise.all(Array.from({ length: AT_ONCE }, () => rawSession(url)));
    await Promise.all(some.map((id) => called(url, id)));
    ids.push(...some);
  }
  return ids;
}

async function called(url: string, id: string): Promise<number> {
  const answer = await post(url, CALL, { 'mcp-session-id': id });
  await answer.text();
  return answer.status;
}

/** Without what the tests themselves keep. */
function emptied({ lines, audit }: { lines: unknown[]; audit: unknown[] }, { asked }: { asked: unknown[] }): number {
  for (const kept of [lines, audit, asked]) kept.length = 0;
  return heldBytes();
}

test(`idle sessions: one that made a call holds at most ${KB_MAX} KB while it is in memory`, async () => {
  const query = fakeQueryService();
  const worker = await cluster.start(query, { state: { session_memory_ttl: '1h' } });
  await used(worker.url, AT_ONCE);
  const before = emptied(worker, query);
  const ids = await used(worker.url, SESSIONS);
  const each = (emptied(worker, query) - before) / SESSIONS;
  expect(ids.every((id) => worker.service.sessions.isLive(id))).toBe(true);
  expect(each).toBeLessThan(KB_MAX * 1024);
}, 120_000);

test('idle sessions: next to nothing is held of one that has left memory, and it goes on when it is used again', async () => {
  const query = fakeQueryService();
  const worker = await cluster.start(query, { state: { session_memory_ttl: '1s' } });
  const { sessions } = worker.service;
  const rested = async (count: number) => {
    const ids = await used(worker.url, count);
    const isLive = () => ids.some((id) => sessions.isLive(id));
    await eventually(() => !isLive(), { what: 'all have left memory', deadlineMs: 30_000 });
    return { ids, bytes: emptied(worker, query) };
  };
  const before = await rested(AT_ONCE);
  const { ids, bytes } = await rested(SESSIONS);
  expect((bytes - before.bytes) / SESSIONS).toBeLessThan(4 * 1024);
  expect(sessions.owned()).toBe(SESSIONS + AT_ONCE);
  for (let at = 0; at < SESSIONS; at += 100) expect(await called(worker.url, ids[at] ?? '')).toBe(200);
}, 120_000);
