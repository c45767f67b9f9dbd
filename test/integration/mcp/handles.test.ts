/** Submitted statements over two workers with a query service each, one shared store, and the embedded engine's query log. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectClient, type McpClient, textOf } from '../../support/mcp-client.ts';
import { testService } from '../../support/query-service.ts';

let engine: EmbeddedSnowflake;
let snowflake: Record<string, string>;
beforeAll(async () => {
  engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 50 });
  snowflake = { account: 'embedded', user: 'TESTER', access_url: engine.url, password: 'pa55-word' };
});
afterAll(() => engine.close());

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUps.splice(0).reverse()) await clean();
});

function newCluster(): TestCluster {
  const cluster = createTestCluster();
  cleanUps.push(() => cluster.close());
  return cluster;
}

/** A worker with a query service of its own, and a client of a principal connected to it. */
async function worker(
  cluster: TestCluster,
  more: { limits?: Record<string, unknown>; key?: string; account?: Record<string, string> } = {},
) {
  const { limits = {}, key, account = snowflake } = more;
  const sections = { snowflake: account, limits };
  const { service } = testService(sections);
  cleanUps.push(() => service.close(500));
  await service.warm();
  const keys = { api_keys: ['key-of-alice', 'key-of-bob'] };
  const running = await cluster.start(service, { ...sections, ...(key === undefined ? {} : { auth: keys }) });
  const connect = async (own = key): Promise<McpClient> => {
    const mcp = await connectClient(
      running.url,
      own === undefined ? {} : { headers: { authorization: `Bearer ${own}` } },
    );
    cleanUps.push(() => mcp.close().catch(() => {}));
    return mcp;
  };
  return { service, running, mcp: await connect(), connect };
}

const mark = (name: string) => SLOW_SQL.replace('COUNT(*)', `COUNT(*) AS ${name}`);
const entry = (name: string) => engine.queries().findLast((query) => query.sqlText.includes(name));
const fields = async (mcp: McpClient, name: string, args: Record<string, unknown>) => {
  const result = await mcp.call(name, args);
  expect(result.isError ?? false, textOf(result)).toBe(false);
  return result.structuredContent as Record<string, unknown>;
};

test('handles: a statement of one worker is seen, read and cancelled through another', async () => {
  const cluster = newCluster();
  const [first, second] = [await worker(cluster), await worker(cluster)];
  const done = await fields(first.mcp, 'query_submit', { query: 'SELECT 41 + 1 AS ACROSS' });
  expect(await fields(second.mcp, 'query_result', { query_id: done.query_id })).toMatchObject({ rows: [[42]] });
  const slow = await fields(first.mcp, 'query_submit', { query: mark('ACROSS_SLOW') });
  expect(await fields(second.mcp, 'query_status', { query_id: slow.query_id })).toMatchObject({ state: 'running' });
  expect(await fields(second.mcp, 'query_result', { query_id: slow.query_id, wait_seconds: 0 })).toMatchObject({
    state: 'running',
    row_count: 0,
  });
  expect(await fields(second.mcp, 'query_cancel', { query_id: slow.query_id })).toMatchObject({ state: 'cancelled' });
  expect(entry('ACROSS_SLOW')?.state).toBe('aborted');
  expect(textOf(await first.mcp.call('query_status', { query_id: slow.query_id }))).toContain('QUERY_UNKNOWN');
});

test('handles: the workers that know a statement end, it runs on, and the next one reads its result', async () => {
  const login = { account: 'embedded', user: 'TESTER', password: 'pa55-word' };
  const late = await startEmbedded({ ...login, longPollMs: 50, delayMs: 4000 });
  cleanUps.push(() => late.close());
  const account = { ...snowflake, access_url: late.url };
  const stateOf = () => late.queries().find((query) => query.sqlText.includes('SURVIVES'))?.state;
  const cluster = newCluster();
  const before = await worker(cluster, { account });
  const { query_id: id } = await fields(before.mcp, 'query_submit', { query: 'SELECT 43 AS SURVIVES' });
  await before.running.kill();
  await before.service.close(500);
  cluster.reap(before.running.incarnation);
  expect(stateOf()).toBe('running');
  const after = await worker(cluster, { account });
  expect(await fields(after.mcp, 'query_result', { query_id: id })).toMatchObject({ rows: [[43]] });
  expect(stateOf()).toBe('success');
});

test('audit: a submitted statement leaves who asked, what was decided, and each page that was read', async () => {
  const { service, audit, counted } = testService({ snowflake });
  cleanUps.push(() => service.close(500));
  await service.warm();
  const { url } = await newCluster().start(service, { snowflake });
  const mcp = await connectClient(url);
  cleanUps.push(() => mcp.close());
  const { query_id: id } = await fields(mcp, 'query_submit', { query: "SELECT 'S3CR3T' AS AUDITED" });
  await fields(mcp, 'query_result', { query_id: id });
  expect(audit.map(({ event }) => event)).toEqual(['statement', 'statement.submitted', 'statement.read']);
  expect(audit.at(-1)).toMatchObject({ tool: 'query_result', query_id: id, rows: 1 });
  expect(JSON.stringify(audit)).not.toContain('S3CR3T');
  const slow = await fields(mcp, 'query_submit', { query: mark('COUNTED') });
  await fields(mcp, 'query_cancel', { query_id: slow.query_id });
  expect(counted).toContainEqual({ name: 'mcp_queries_cancelled_total', labels: { reason: 'client' } });
});

test('handles: a statement of another principal is not found, and does not count against one', async () => {
  const cluster = newCluster();
  const { mcp: alice, connect } = await worker(cluster, { key: 'key-of-alice', limits: { max_handles: 1 } });
  const bob = await connect('key-of-bob');
  const { query_id: id } = await fields(alice, 'query_submit', { query: 'SELECT 1 AS OWNED' });
  for (const tool of ['query_status', 'query_result', 'query_cancel']) {
    expect(textOf(await bob.call(tool, { query_id: id }))).toContain('QUERY_UNKNOWN');
  }
  expect(textOf(await alice.call('query_submit', { query: 'SELECT 2' }))).toContain('TOO_MANY_HANDLES');
  expect((await bob.call('query_submit', { query: 'SELECT 2 AS BOBS' })).isError ?? false).toBe(false);
  await alice.call('query_cancel', { query_id: id });
  expect((await alice.call('query_submit', { query: 'SELECT 3' })).isError ?? false).toBe(false);
});

test('handles: one that nobody used for its time is forgotten, and its statement cancelled in Snowflake', async () => {
  const { mcp } = await worker(newCluster(), { limits: { handle_ttl: '1s', handle_sweep: '1s' } });
  const { query_id: id } = await fields(mcp, 'query_submit', { query: mark('LEASED') });
  await eventually(() => entry('LEASED')?.state === 'aborted', { what: 'it is cancelled' });
  expect(textOf(await mcp.call('query_status', { query_id: id }))).toContain('QUERY_UNKNOWN');
});

test('handles: sessions of submitted statements are bounded, and ended with their statement', async () => {
  const { service } = testService({ snowflake, pool: { max_size: 1 } });
  cleanUps.push(() => service.close(500));
  await service.warm();
  const cluster = newCluster();
  const { url } = await cluster.start(service, { snowflake });
  const mcp = await connectClient(url);
  cleanUps.push(() => mcp.close());
  const { query_id: id } = await fields(mcp, 'query_submit', { query: mark('BOUNDED') });
  expect(textOf(await mcp.call('query_submit', { query: 'SELECT 1' }))).toContain('TOO_MANY_SUBMITTED');
  // The pool itself is free while the statement runs.
  expect(textOf(await mcp.call('execute_query', { query: 'SELECT 5 AS FREE' }))).toContain('5');
  await mcp.call('query_cancel', { query_id: id });
  await eventually(async () => !(await mcp.call('query_submit', { query: 'SELECT 1' })).isError, {
    what: 'the session is given up',
  });
});

test('progress: a client that waits hears of state, rows and a time that only grows', async () => {
  const { mcp } = await worker(newCluster());
  const { query_id: id } = await fields(mcp, 'query_submit', { query: mark('WATCHED') });
  const heard: { progress: number; message?: string }[] = [];
  const waiting = { name: 'query_result', arguments: { query_id: id, wait_seconds: 3 } };
  await mcp.client.callTool(waiting, undefined, { onprogress: (note) => heard.push(note as (typeof heard)[number]) });
  expect(heard.length).toBeGreaterThan(1);
  expect(heard.at(-1)?.message).toMatch(/^running in Snowflake, 0 rows$/);
  expect(heard.map(({ progress }) => progress)).toEqual(
    [...new Set(heard.map(({ progress }) => progress))].sort((a, b) => a - b),
  );
  heard.length = 0;
  const query = { name: 'execute_query', arguments: { query: 'SELECT 1 AS N' } };
  await mcp.client.callTool(query, undefined, { onprogress: (note) => heard.push(note as (typeof heard)[number]) });
  expect(heard.map(({ message }) => message)).toContain('running in Snowflake, 0 rows');
  await mcp.call('query_cancel', { query_id: id });
});

test('cancelling the wait for a result leaves the statement alone; cancelling the statement does not', async () => {
  const { mcp } = await worker(newCluster());
  const { query_id: id } = await fields(mcp, 'query_submit', { query: mark('WAITED') });
  const controller = new AbortController();
  const wait = mcp.call('query_result', { query_id: id, wait_seconds: 30 }, controller.signal);
  wait.catch(() => {});
  await eventually(() => entry('WAITED')?.state === 'running');
  controller.abort();
  await expect(wait).rejects.toThrow();
  expect(await fields(mcp, 'query_status', { query_id: id })).toMatchObject({ state: 'running' });
  await mcp.call('query_cancel', { query_id: id });
  expect(entry('WAITED')?.state).toBe('aborted');
});
