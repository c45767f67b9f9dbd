/** Resources, templates, completion and prompts through the official client and the embedded engine. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { connectClient, type McpClient } from '../../support/mcp-client.ts';
import { testService } from '../../support/query-service.ts';

let engine: EmbeddedSnowflake;
let cluster: TestCluster;
let mcp: McpClient;
let service: ReturnType<typeof testService>;

beforeAll(async () => {
  engine = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', longPollMs: 50 });
  const login = { account: 'embedded', user: 'TESTER', access_url: engine.url, password: 'pa55-word' };
  const snowflake = { ...login, database: 'DEMO_DB', schema: 'PUBLIC' };
  service = testService({ snowflake });
  await service.service.warm();
  const setUp = { tool: 'test', requestId: 'r', principal: 'p' };
  const { signal } = new AbortController();
  // More objects than one page of the list holds.
  for (let index = 0; index < 105; index++) {
    const sql = `CREATE TABLE DEMO_DB.PUBLIC."Many ${index}/ä" (N NUMBER)`;
    await service.service.catalog({ sql, maxRows: 1, caller: setUp }, signal);
  }
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

test('capabilities: resources, prompts and completions are offered', () => {
  expect(mcp.client.getServerCapabilities()).toMatchObject({ tools: {}, resources: {}, prompts: {}, completions: {} });
});

test('resources: the list is paged, in a stable order, and every address in it can be read', async () => {
  const first = await mcp.client.listResources();
  expect(first.resources).toHaveLength(100);
  expect(first.nextCursor).toBeDefined();
  const second = await mcp.client.listResources({ cursor: first.nextCursor });
  expect(second.nextCursor).toBeUndefined();
  const uris = [...first.resources, ...second.resources].map(({ uri }) => uri);
  expect(uris).toEqual([...uris].sort());
  expect(new Set(uris).size).toBe(uris.length);
  expect(uris).toContain('snowflake://DEMO_DB/SALES/ORDERS');
  for (const uri of ['snowflake://DEMO_DB/SALES/ORDERS', uris.find((one) => one.includes('Many')) ?? '']) {
    const { contents } = await mcp.client.readResource({ uri });
    expect(contents[0]).toMatchObject({ uri, mimeType: 'application/json' });
  }
});

test('resources: a table has its columns and DDL, a view too, in any case of its name', async () => {
  const read = async (uri: string) => {
    const [content] = (await mcp.client.readResource({ uri })).contents;
    return JSON.parse(String((content as { text: string }).text)) as { columns: unknown[]; ddl: string };
  };
  const table = await read('snowflake://DEMO_DB/SALES/CUSTOMERS');
  expect(table.columns).toContainEqual({
    name: 'COUNTRY',
    type: 'VARCHAR(2)',
    nullable: true,
    comment: 'ISO 3166 code',
  });
  expect(table.ddl).toContain('CUSTOMER_ID');
  expect((await read('snowflake://demo_db/sales/top_customers')).ddl).toContain('QUALIFY');
});

test.each([
  ['an object that is not there', 'snowflake://DEMO_DB/SALES/NOTHING', -32002],
  ['an address of another kind', 'https://example.com/x', -32602],
  ['an address with a character that no name has', 'snowflake://DEMO_DB/SALES/A%00B', -32602],
  ['an address that is not encoded well', 'snowflake://DEMO_DB/SALES/%E0%A4', -32602],
])('resources: %s is a protocol error', async (_what, uri, code) => {
  await expect(mcp.client.readResource({ uri })).rejects.toMatchObject({ code });
});

test.each([
  ['tools', () => mcp.client.listTools({ cursor: 'garbage' })],
  ['resources', () => mcp.client.listResources({ cursor: 'garbage' })],
  ['templates', () => mcp.client.listResourceTemplates({ cursor: 'garbage' })],
  ['prompts', () => mcp.client.listPrompts({ cursor: 'garbage' })],
])('cursors: one that no list has given is refused (%s)', async (_name, ask) => {
  await expect(ask()).rejects.toMatchObject({ code: -32602 });
});

test('completion: each part of the address within the parts before it', async () => {
  const { resourceTemplates } = await mcp.client.listResourceTemplates();
  const uri = resourceTemplates[0]?.uriTemplate ?? '';
  const complete = async (name: string, value: string, args: Record<string, string> = {}) =>
    (
      await mcp.client.complete({
        ref: { type: 'ref/resource', uri },
        argument: { name, value },
        context: { arguments: args },
      })
    ).completion;
  expect((await complete('database', 'demo')).values).toEqual(['DEMO_DB']);
  expect((await complete('schema', 'sa', { database: 'DEMO_DB' })).values).toEqual(['SALES']);
  const objects = await complete('object', 'cust', { database: 'DEMO_DB', schema: 'SALES' });
  expect(objects.values).toEqual(['CUSTOMERS', 'TOP_CUSTOMERS']);
  expect(await complete('object', '', { database: 'DEMO_DB', schema: 'PUBLIC' })).toMatchObject({
    hasMore: true,
    total: 107,
  });
  expect((await complete('object', 'x')).values).toEqual([]);
  const prompt = { type: 'ref/prompt' as const, name: 'explore-database' };
  const found = await mcp.client.complete({ ref: prompt, argument: { name: 'database', value: 'DEMO' } });
  expect(found.completion.values).toEqual(['DEMO_DB']);
});

test('prompts: they are listed with their arguments, filled in, and refused without what they need', async () => {
  const { prompts } = await mcp.client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['explore-database', 'optimise-query']);
  const { messages } = await mcp.client.getPrompt({ name: 'explore-database', arguments: { database: 'DEMO_DB' } });
  expect(JSON.stringify(messages)).toContain('DEMO_DB');
  const optimise = await mcp.client.getPrompt({ name: 'optimise-query', arguments: { query: 'SELECT 1' } });
  expect(JSON.stringify(optimise.messages)).toContain('SELECT 1');
  await expect(mcp.client.getPrompt({ name: 'optimise-query' })).rejects.toMatchObject({ code: -32602 });
  await expect(mcp.client.getPrompt({ name: 'nothing' })).rejects.toMatchObject({ code: -32602 });
});
