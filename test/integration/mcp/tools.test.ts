/** Every tool through the official client, the HTTP service, the real driver and the embedded engine. */

import type { JsonSchemaType } from '@modelcontextprotocol/sdk/validation';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectClient, type McpClient, textOf } from '../../support/mcp-client.ts';
import { testService } from '../../support/query-service.ts';

let engine: EmbeddedSnowflake;
let cluster: TestCluster;
let mcp: McpClient;
let service: ReturnType<typeof testService>;

beforeAll(async () => {
  engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 50 });
  const snowflake = { account: 'embedded', user: 'TESTER', access_url: engine.url, password: 'pa55-word' };
  service = testService({ snowflake });
  await service.service.warm();
  cluster = createTestCluster();
  const worker = await cluster.start(service.service, { snowflake });
  mcp = await connectClient(worker.url);
});
afterAll(async () => {
  await mcp.close();
  await cluster.close();
  await service.service.close(1000);
  await engine.close();
});

const SALES = { database: 'DEMO_DB', schema: 'SALES' };

interface Case {
  readonly args: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
  readonly text: string;
}

const CASES: Readonly<Record<string, Case>> = {
  list_databases: { args: {}, expected: { row_count: 2 }, text: 'DEMO_DB' },
  list_schemas: {
    args: { database: 'demo_db' },
    expected: {
      database: 'DEMO_DB',
      schemas: expect.arrayContaining([expect.objectContaining({ name: 'SALES' })]) as unknown,
    },
    text: 'SALES',
  },
  list_tables: {
    args: { ...SALES, name_contains: 'ord' },
    expected: { tables: [expect.objectContaining({ schema: 'SALES', name: 'ORDERS', rows: 1000 })], row_count: 1 },
    text: 'One line per order',
  },
  list_views: { args: SALES, expected: { database: 'DEMO_DB', row_count: 4 }, text: 'TOP_CUSTOMERS' },
  describe_table: {
    args: { ...SALES, table: 'customers' },
    expected: {
      table: 'CUSTOMERS',
      columns: expect.arrayContaining([
        expect.objectContaining({ name: 'CUSTOMER_ID', type: 'NUMBER(38,0)', nullable: false, primary_key: true }),
      ]) as unknown,
    },
    text: 'ISO 3166 code',
  },
  describe_view: {
    args: { ...SALES, view_name: 'TOP_CUSTOMERS' },
    expected: { view: 'TOP_CUSTOMERS' },
    text: 'QUALIFY',
  },
  search_columns: {
    args: { database: 'DEMO_DB', name_contains: 'customer_id' },
    expected: {
      columns: expect.arrayContaining([
        { schema: 'SALES', table: 'ORDERS', column: 'CUSTOMER_ID', type: 'NUMBER(38,0)', comment: expect.anything() },
      ]) as unknown,
    },
    text: 'TOP_CUSTOMERS',
  },
  sample_table: { args: { ...SALES, table: 'ORDERS', rows: 3 }, expected: { row_count: 3 }, text: '3 rows' },
  query_view: { args: { ...SALES, view_name: 'TOP_CUSTOMERS', limit: 2 }, expected: { row_count: 2 }, text: '2 rows' },
  get_ddl: {
    args: { object_type: 'table', ...SALES, name: 'orders' },
    expected: { object: '"DEMO_DB"."SALES"."ORDERS"' },
    text: 'create or replace TABLE ORDERS',
  },
  execute_query: { args: { query: 'SELECT 1 AS N' }, expected: { rows: [[1]] }, text: '| N |' },
  explain_query: { args: { query: 'SELECT * FROM ORDERS', ...SALES }, expected: {}, text: 'ORDERS' },
  list_warehouses: {
    args: {},
    expected: {
      warehouses: expect.arrayContaining([expect.objectContaining({ name: 'DEMO_WH', is_current: true })]) as unknown,
    },
    text: 'DEMO_WH',
  },
  whoami: {
    args: {},
    expected: { user: 'TESTER', warehouse: 'DEMO_WH', write_kinds: [], principal: expect.any(String) },
    text: 'user: TESTER',
  },
};

const validator = new AjvJsonSchemaValidator();

async function checked(name: string, args: Record<string, unknown>) {
  const { tools } = await mcp.client.listTools();
  const tool = tools.find((one) => one.name === name);
  const result = await mcp.call(name, args);
  expect(result.isError ?? false, textOf(result)).toBe(false);
  const schema = { ...tool?.outputSchema, additionalProperties: false } as JsonSchemaType;
  const verdict = validator.getValidator(schema)(result.structuredContent);
  expect(verdict.errorMessage).toBeUndefined();
  return { result, structured: result.structuredContent as Record<string, unknown> };
}

test.each(Object.entries(CASES))('%s: answers what its schema says', async (name, { args, expected, text }) => {
  const { result, structured } = await checked(name, args);
  expect(structured).toMatchObject(expected);
  expect(textOf(result)).toContain(text);
});

test('query_submit, query_status, query_result, query_cancel: lead from a query to its rows', async () => {
  const query = 'SELECT ORDER_ID FROM ORDERS ORDER BY ORDER_ID';
  const submitted = await checked('query_submit', { query, ...SALES });
  const id = String(submitted.structured.query_id);
  expect((await checked('query_status', { query_id: id, wait_seconds: 20 })).structured).toMatchObject({
    state: 'succeeded',
  });
  const seen: unknown[] = [];
  let cursor: unknown;
  let pages = 0;
  do {
    const args = { query_id: id, page_size: 300, ...(cursor === undefined ? {} : { cursor }) };
    const { structured } = await checked('query_result', args);
    expect(structured).toMatchObject({ state: 'succeeded', total_rows: 1000 });
    seen.push(...(structured.rows as unknown[][]).flat());
    cursor = structured.next_cursor;
    pages++;
  } while (cursor !== undefined);
  expect(pages).toBe(4);
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  expect((await checked('query_cancel', { query_id: id })).structured).toMatchObject({ state: 'succeeded' });
  expect(textOf(await mcp.call('query_status', { query_id: id }))).toContain('QUERY_UNKNOWN');
});

test('query_result: a statement that fails is told with the error Snowflake gave', async () => {
  const { structured } = await checked('query_submit', {
    query: "SELECT CAST('x' AS INTEGER) AS BAD FROM ORDERS",
    ...SALES,
  });
  const result = await checked('query_result', { query_id: structured.query_id });
  expect(result.structured).toMatchObject({ state: 'failed', error: { code: 'SQL_ERROR' }, row_count: 0 });
  expect(JSON.stringify(result.structured.error)).toMatch(/1000\d\d/);
});

test.each([
  ['query_submit', { query: 'DELETE FROM T' }, 'SQL_REFUSED'],
  ['explain_query', { query: 'DELETE FROM T' }, 'SQL_REFUSED'],
  ['explain_query', { query: 'SELECT 1; DELETE FROM T' }, 'SQL_REFUSED'],
  ['query_status', { query_id: '01b00000-0000-0000-0000-000000000001' }, 'QUERY_UNKNOWN'],
  ['query_result', { query_id: 'x' }, 'ARGUMENT_INVALID'],
  ['get_ddl', { object_type: 'table', database: 'DEMO_DB' }, 'ARGUMENT_INVALID'],
  ['list_tables', { database: 'NO_SUCH_DATABASE' }, 'SQL_ERROR'],
  ['list_schemas', { database: 'DEMO_DB', cursor: 'bm9uc2Vuc2U' }, 'ARGUMENT_INVALID'],
  ['sample_table', { ...SALES, table: 'ORDERS" SAMPLE (1 ROWS); DROP TABLE X; --' }, 'SQL_ERROR'],
  ['execute_statement', { statement: 'DELETE FROM T' }, 'TOOL_UNKNOWN'],
])('%s: %j is refused as %s', async (name, args, code) => {
  const result = await mcp.call(name, args);
  expect(result.isError).toBe(true);
  expect(textOf(result)).toContain(code);
});

test('lists: pages follow each other without gaps or repeats, in a stable order', async () => {
  const seen: string[] = [];
  let cursor: unknown;
  do {
    const args = { database: 'DEMO_DB', name_contains: 'e', page_size: 3, ...(cursor === undefined ? {} : { cursor }) };
    const { structured } = await checked('search_columns', args);
    const columns = structured.columns as { schema: string; table: string; column: string }[];
    expect(columns.length).toBeLessThanOrEqual(3);
    seen.push(...columns.map((item) => `${item.schema}.${item.table}.${item.column}`));
    cursor = structured.next_cursor;
  } while (cursor !== undefined);
  const whole = await checked('search_columns', { database: 'DEMO_DB', name_contains: 'e', page_size: 1000 });
  expect(whole.structured.row_count).toBe(seen.length);
  expect(seen).toEqual([...seen].sort());
  expect(new Set(seen).size).toBe(seen.length);
});

test('catalogue: the same question is answered from memory, a fresh one is not', async () => {
  const count = (text: string) => engine.queries().filter((query) => query.sqlText.includes(text)).length;
  await mcp.call('list_schemas', { database: 'SNOWFLAKE_SAMPLE_DATA' });
  const [schemas, warehouses] = [count('SHOW SCHEMAS IN DATABASE "SNOWFLAKE_SAMPLE_DATA"'), count('SHOW WAREHOUSES')];
  await mcp.call('list_schemas', { database: 'SNOWFLAKE_SAMPLE_DATA' });
  await mcp.call('list_warehouses');
  expect(count('SHOW SCHEMAS IN DATABASE "SNOWFLAKE_SAMPLE_DATA"')).toBe(schemas);
  expect(count('SHOW WAREHOUSES')).toBe(warehouses + 1);
});
