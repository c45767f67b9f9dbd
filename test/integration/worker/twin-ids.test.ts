/** Two requests of one id in one session: the second is refused by name, the first gets its answer. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, heldQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { INITIALIZE, post } from '../../support/worker-client.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const params = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
const CALL = { jsonrpc: '2.0', id: 9, method: 'tools/call', params };
/** Its sessions take lists of messages. */
const OLD = { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: '2025-03-26' } };

test.each<[string, unknown, unknown]>([
  ['a call beside a call', CALL, CALL],
  ['a list beside a call', CALL, [CALL]],
  ['a call beside a list', [CALL], CALL],
])('twin ids: %s', { timeout: 20_000 }, async (_what, first, second) => {
  const { query, release } = heldQueryService();
  const { url } = await cluster.start(query);
  const opened = await post(url, OLD);
  await opened.text();
  const headers = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-03-26',
  };
  const running = post(url, first, headers);
  await eventually(() => query.asked.length === 1);
  const refused = await post(url, second, headers);
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('still runs')]);
  release();
  expect(await (await running).text()).toContain('"rows":[[1]]');
  const again = await post(url, second, headers);
  expect([again.status, await again.text()]).toEqual([200, expect.stringContaining('"rows":[[1]]')]);
  expect(query.asked).toHaveLength(2);
});

test('twin ids: twice in one list', { timeout: 20_000 }, async () => {
  const query = fakeQueryService();
  const { url } = await cluster.start(query);
  const opened = await post(url, OLD);
  await opened.text();
  const refused = await post(url, [CALL, CALL], { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('still runs')]);
  expect(query.asked).toEqual([]);
});
