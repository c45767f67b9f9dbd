/** Protocol version 2026-07-28 on /mcp: several workers, plain requests, no session. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService, fakeResult } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { askModern, listen, sendModern } from '../../support/modern-client.ts';

let cluster: TestCluster;

beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

const WRITES = { policy: { write_sql_commands: ['insert', 'create table'] } };
const CALL = { name: 'execute_query', arguments: { query: 'select 1' } };

test('2026: a call is answered by any worker without a session, with rows as structure', async () => {
  const workers = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService())];
  for (const { url } of workers) {
    const { status, headers, message } = await askModern(url, 'tools/call', CALL);
    expect(status).toBe(200);
    expect(headers.get('mcp-session-id')).toBeNull();
    expect(message.result).toMatchObject({ resultType: 'complete', structuredContent: { rows: [[1]] } });
  }
});

test('2026: both versions have the same tools on one address', async () => {
  const { url, service } = await cluster.start(fakeQueryService());
  const { message } = await askModern(url, 'tools/list');
  const names = (message.result as { tools: { name: string }[] }).tools.map(({ name }) => name);
  expect(names).toContain('execute_query');
  expect(service.sessions.owned()).toBe(0);
  expect((await askModern(url, 'tools/list')).message.result).toEqual(message.result);
});

test('2026: a call is counted, timed and audited as in the older versions', async () => {
  const { url, counts, audit } = await cluster.start(fakeQueryService());
  await askModern(url, 'tools/call', CALL);
  await askModern(url, 'server/discover');
  expect(counts.get('mcp_requests_total tools/call,execute_query,200')).toBe(1);
  expect(counts.get('mcp_requests_total server/discover,,200')).toBe(1);
  expect(audit.filter(({ event }) => event === 'tool_call')).toMatchObject([{ tool: 'execute_query' }]);
});

test('2026: a client that closes the connection cancels its statement', async () => {
  let isCancelled = false;
  const query = fakeQueryService(
    (_request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isCancelled = true;
          reject(new AppError('QUERY_CANCELLED', {}));
        });
      }),
  );
  const { url } = await cluster.start(query);
  const leave = new AbortController();
  const call = sendModern(url, 'tools/call', CALL, { signal: leave.signal });
  call.catch(() => {});
  await eventually(() => query.asked.length === 1);
  leave.abort();
  await eventually(() => isCancelled);
});

test('2026: closing the stream of a call that tells its progress cancels it too', async () => {
  let isCancelled = false;
  const query = fakeQueryService(
    (_request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          isCancelled = true;
          reject(new AppError('QUERY_CANCELLED', {}));
        });
      }),
  );
  const { url } = await cluster.start(query);
  const leave = new AbortController();
  const response = await sendModern(url, 'tools/call', CALL, { meta: { progressToken: 'p' }, signal: leave.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  leave.abort();
  await eventually(() => isCancelled);
});

test('2026: what one worker sees change, listeners of every worker hear', async () => {
  const [one, two] = [await cluster.start(fakeQueryService()), await cluster.start(fakeQueryService(), WRITES)];
  const listening = await listen(one.url, { resourcesListChanged: true });
  await eventually(() => expect(listening.heard[0]?.method).toBe('notifications/subscriptions/acknowledged'));
  const write = { name: 'execute_statement', arguments: { statement: 'CREATE TABLE T (A NUMBER)' } };
  const asked = await askModern(two.url, 'tools/call', write, { capabilities: { elicitation: {} } });
  const { requestState } = asked.message.result as { requestState: string };
  const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
  await askModern(
    two.url,
    'tools/call',
    { ...write, inputResponses, requestState },
    { capabilities: { elicitation: {} } },
  );
  await eventually(() =>
    expect(listening.heard.at(-1)).toMatchObject({
      method: 'notifications/resources/list_changed',
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } },
    }),
  );
  listening.close();
  await eventually(() => expect(one.service.figures().streams).toBe(0));
});

test('2026: a worker with other tools makes listeners of the others ask for the list again', async () => {
  const one = await cluster.start(fakeQueryService());
  const listening = await listen(one.url, { toolsListChanged: true });
  await eventually(() => expect(listening.heard).toHaveLength(1));
  await cluster.start(fakeQueryService());
  await cluster.start(fakeQueryService(), WRITES);
  await eventually(() => expect(listening.heard.at(-1)?.method).toBe('notifications/tools/list_changed'));
  expect(listening.heard).toHaveLength(2);
  listening.close();
});

test('2026: a write asks through one worker and runs through another, once', async () => {
  const query = fakeQueryService(() => fakeResult(['N'], [[1]]));
  const [one, two] = [await cluster.start(query, WRITES), await cluster.start(query, WRITES)];
  const write = { name: 'execute_statement', arguments: { statement: "INSERT INTO T VALUES ('X')" } };
  const options = { capabilities: { elicitation: {} } };
  const asked = (await askModern(one.url, 'tools/call', write, options)).message.result as {
    resultType: string;
    requestState: string;
    inputRequests: { confirm: { method: string; params: { message: string } } };
  };
  expect(asked.resultType).toBe('input_required');
  expect(asked.inputRequests.confirm.params.message).toContain("VALUES ('X')");
  expect(query.asked).toEqual([]);
  const { requestState } = asked;
  const yes = { inputResponses: { confirm: { action: 'accept', content: { confirm: true } } }, requestState };
  const done = await askModern(two.url, 'tools/call', { ...write, ...yes }, options);
  expect(done.message.result).toMatchObject({ resultType: 'complete', structuredContent: { rows: [[1]] } });
  // The same answer again, and the same answer for another statement: the person is asked anew.
  const again = await askModern(one.url, 'tools/call', { ...write, ...yes }, options);
  expect(again.message.result).toMatchObject({ resultType: 'input_required' });
  const other = { ...write, arguments: { statement: 'INSERT INTO OTHER VALUES (1)' } };
  const swapped = await askModern(two.url, 'tools/call', { ...other, ...yes }, options);
  expect(swapped.message.result).toMatchObject({ resultType: 'input_required' });
  expect(query.asked).toHaveLength(1);
});

test.each([
  ['declines', { action: 'decline' }],
  ['accepts without a yes', { action: 'accept', content: { confirm: false } }],
])('2026: a person who %s: nothing runs', async (_what, answer) => {
  const query = fakeQueryService();
  const { url } = await cluster.start(query, WRITES);
  const write = { name: 'execute_statement', arguments: { statement: 'INSERT INTO T VALUES (1)' } };
  const options = { capabilities: { elicitation: {} } };
  const asked = await askModern(url, 'tools/call', write, options);
  const more = { inputResponses: { confirm: answer }, requestState: asked.message.result?.requestState };
  const done = await askModern(url, 'tools/call', { ...write, ...more }, options);
  expect(JSON.stringify(done.message.result)).toContain('WRITE_DECLINED');
  expect(query.asked).toEqual([]);
});

test('2026: a client that cannot ask its person is told so, and a forged state is refused', async () => {
  const query = fakeQueryService();
  const { url } = await cluster.start(query, WRITES);
  const write = { name: 'execute_statement', arguments: { statement: 'INSERT INTO T VALUES (1)' } };
  const refused = await askModern(url, 'tools/call', write);
  expect(JSON.stringify(refused.message.result)).toContain('WRITE_UNCONFIRMED');
  const forged = {
    inputResponses: { confirm: { action: 'accept', content: { confirm: true } } },
    requestState: 'v1.e30.AA',
  };
  const answer = await askModern(url, 'tools/call', { ...write, ...forged }, { capabilities: { elicitation: {} } });
  expect(answer.message.error?.code).toBe(-32602);
  expect(query.asked).toEqual([]);
});

test('2026: a drain ends listen streams with their last word and takes no new ones', async () => {
  const { url, service } = await cluster.start(fakeQueryService());
  const listening = await listen(url, { toolsListChanged: true });
  await eventually(() => expect(listening.heard).toHaveLength(1));
  service.mcp.endStreams();
  await listening.ended;
  expect(listening.heard.at(-1)).toMatchObject({ id: 7, result: { resultType: 'complete' } });
  const refused = await sendModern(url, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect((await askModern(url, 'tools/call', CALL)).status).toBe(200);
});

test('2026: one listener more than allowed is refused in words', async () => {
  const { url } = await cluster.start(fakeQueryService(), { limits: { max_subscriptions: 1 } });
  const listening = await listen(url, { toolsListChanged: true });
  await eventually(() => expect(listening.heard).toHaveLength(1));
  const { message } = await askModern(url, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  expect(message.error?.message).toMatch(/limit/);
  listening.close();
});
