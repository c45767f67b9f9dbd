/** The five kept tools through the official SDK client, a real cluster of two workers and the real driver. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, type McpClient, textOf } from '../../support/mcp-client.ts';

let daemon: Daemon;
let mcp: McpClient;
beforeAll(async () => {
  daemon = await startDaemon();
  mcp = await connectClient(daemon.url);
});
afterAll(async () => {
  await mcp.close();
  await daemon[Symbol.asyncDispose]();
});

test('tools/list: the five kept tools with schemas, titles and read-only annotations', async () => {
  const { tools } = await mcp.client.listTools();
  const names = tools.map((tool) => tool.name);
  for (const name of ['describe_view', 'execute_query', 'list_databases', 'list_views', 'query_view'])
    expect(names).toContain(name);
  for (const tool of tools) {
    expect(tool.annotations?.readOnlyHint).toBe(tool.name !== 'query_cancel');
    expect(tool.annotations?.destructiveHint).toBe(false);
    expect(tool.outputSchema?.type).toBe('object');
    expect((tool.description ?? '').length).toBeGreaterThan(40);
  }
});

test('list_databases: names the sample databases in text and structure', async () => {
  const result = await mcp.call('list_databases');
  expect(result.isError ?? false).toBe(false);
  expect(JSON.stringify(result.structuredContent)).toContain('SNOWFLAKE_SAMPLE_DATA');
  expect(textOf(result)).toContain('DEMO_DB');
});

test('list_views, describe_view, query_view: lead from a database to the rows of a view', async () => {
  const listed = await mcp.call('list_views', { database: 'DEMO_DB' });
  const views = (listed.structuredContent as { views: { name: string; schema: string }[] }).views;
  const view = views[0];
  expect(view).toBeDefined();
  const place = { database: 'DEMO_DB', schema: view?.schema ?? '', view_name: view?.name ?? '' };
  const described = await mcp.call('describe_view', place);
  expect(described.isError ?? false).toBe(false);
  expect(textOf(described).toUpperCase()).toContain('CREATE');
  const rows = await mcp.call('query_view', { ...place, limit: 2 });
  expect(rows.isError ?? false).toBe(false);
  expect((rows.structuredContent as { rows: unknown[] }).rows.length).toBeGreaterThan(0);
  expect((rows.structuredContent as { rows: unknown[] }).rows.length).toBeLessThanOrEqual(2);
});

test('execute_query: rows, types and an honest mark where the result was cut', async () => {
  const one = await mcp.call('execute_query', {
    query: "SELECT 1 AS N, 'a' AS T, NULL AS X, 12345678901234567890123456789 AS BIG",
  });
  expect(one.isError ?? false).toBe(false);
  expect((one.structuredContent as { rows: unknown[] }).rows).toEqual([
    [1, 'a', null, '12345678901234567890123456789'],
  ]);
  const cut = await mcp.call('execute_query', {
    query: 'SELECT L_ORDERKEY FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.LINEITEM',
    limit: 7,
  });
  const content = cut.structuredContent as { rows: unknown[]; truncated: unknown };
  expect(content.rows).toHaveLength(7);
  expect(content.truncated).toBeTruthy();
});

test('execute_query: csv and json renderings hold the same rows', async () => {
  const query = 'SELECT 1 AS A, \'x,"y"\' AS B';
  expect(textOf(await mcp.call('execute_query', { query, format: 'csv' }))).toContain('1,"x,""y"""');
  expect(textOf(await mcp.call('execute_query', { query, format: 'json' }))).toContain('x,\\"y\\"');
});

test.each([
  ['a write', { query: 'DROP TABLE DEMO_DB.PUBLIC.X' }, 'SQL_REFUSED'],
  ['two statements', { query: 'SELECT 1; DELETE FROM T' }, 'SQL_REFUSED'],
  ['a file command', { query: 'PUT file:///etc/passwd @~' }, 'SQL_REFUSED'],
  ['an unknown table', { query: 'SELECT * FROM DEMO_DB.PUBLIC.NO_SUCH_TABLE' }, 'SQL_ERROR'],
  ['an empty query', { query: '' }, 'ARGUMENT_INVALID'],
  ['a missing argument', {}, 'ARGUMENT_INVALID'],
  ['a limit of the wrong type', { query: 'SELECT 1', limit: 'many' }, 'ARGUMENT_INVALID'],
])('execute_query: %s is an error result with a stable code and a next step', async (_name, args, code) => {
  const result = await mcp.call('execute_query', args);
  expect(result.isError).toBe(true);
  expect(textOf(result)).toContain(code);
  expect(textOf(result)).not.toMatch(/\n\s+at /);
});

test('an unknown tool is an error, not a crash', async () => {
  const answer = await mcp.call('no_such_tool').then(textOf, (error: Error) => error.message);
  expect(answer).toMatch(/no_such_tool/);
});

test('errors and logs: no SQL literal of a failing or refused statement is kept', async () => {
  await mcp.call('execute_query', { query: "SELECT * FROM NOWHERE WHERE SSN = 'S3CR3T-LITERAL-771'" });
  await mcp.call('execute_query', { query: "DELETE FROM T WHERE SSN = 'S3CR3T-LITERAL-772'" });
  await eventually(() => daemon.logText('application.log').includes('SQL_REFUSED'), { what: 'the refusal is logged' });
  for (const file of ['application.log', 'daemon.log', 'audit.log'])
    expect(daemon.logText(file)).not.toContain('S3CR3T');
  expect(await daemon.metrics()).not.toContain('S3CR3T');
});

test('fifty clients at once: every session gets its own answers', async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => connectClient(daemon.url)));
  const answers = await Promise.all(
    clients.map(async (one, index) => {
      const first = await one.call('execute_query', { query: `SELECT ${index} AS N` });
      const second = await one.call('list_databases');
      return {
        n: (first.structuredContent as { rows: number[][] }).rows[0]?.[0],
        failed: first.isError || second.isError,
      };
    }),
  );
  expect(answers).toEqual(
    clients.map((_, index) => ({ n: index, failed: undefined })).map((row) => expect.objectContaining({ n: row.n })),
  );
  expect(answers.filter((answer) => answer.failed)).toEqual([]);
  await Promise.all(clients.map((one) => one.close()));
});

test('metrics: requests of all workers show on the primary and on the service port', async () => {
  await eventually(async () => sum(samples(await daemon.metrics(), 'mcp_requests_total')) > 100, {
    what: 'requests are counted',
  });
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  expect(sum(samples(text, 'mcp_requests_total'))).toBeGreaterThan(100);
  expect(sum(samples(text, 'mcp_queries_refused_total'))).toBeGreaterThan(0);
  expect(samples(text, 'supervisor_worker_up').size).toBe(2);
});
