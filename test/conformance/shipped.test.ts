/** The product as shipped, a real cluster: real clients use one of each kind, the official suites what needs no fixture. */
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { askModern } from '../support/modern-client.ts';
import { post, rawSession } from '../support/worker-client.ts';
import { notGreen, runOnSuiteNode, runSuite } from './suite-run.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon({ workers: 2 });
});
afterAll(() => daemon[Symbol.asyncDispose]());

const TABLE = 'snowflake://DEMO_DB/PUBLIC/COUNTRIES';
const CALL = { name: 'execute_query', arguments: { query: 'SELECT 1 AS N' } };
const PROMPT = { name: 'explore-database', arguments: { database: 'DEMO_DB' } };
const COMPLETE = {
  ref: { type: 'ref/resource' as const, uri: 'snowflake://{database}/{schema}/{object}' },
  argument: { name: 'database', value: 'DEMO' },
};

/** What both generations of the SDK's client can do. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: typeof CALL): Promise<Record<string, unknown>>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: unknown[] }>;
  readResource(resource: { uri: string }): Promise<{ contents: unknown[] }>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  getPrompt(prompt: typeof PROMPT): Promise<{ messages: unknown[] }>;
  complete(request: typeof COMPLETE): Promise<{ completion: { values: string[] } }>;
}

async function useAll(client: AnyClient): Promise<void> {
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['execute_query', 'list_databases', 'query_submit']));
  expect(await client.callTool(CALL)).toMatchObject({ structuredContent: { rows: [[1]] } });
  expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain(TABLE);
  expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(1);
  const [content] = (await client.readResource({ uri: TABLE })).contents;
  expect(content).toMatchObject({ uri: TABLE, text: expect.stringContaining('"CODE"') as unknown });
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toContain(PROMPT.name);
  expect((await client.getPrompt(PROMPT)).messages).toHaveLength(1);
  expect((await client.complete(COMPLETE)).completion.values).toContain('DEMO_DB');
}

test('clients: the SDK of the first generation, with a session', async () => {
  const client = new ClientV1({ name: 'v1', version: '1' });
  const transport = new TransportV1(new URL(`${daemon.url}/mcp`));
  await client.connect(transport as Parameters<ClientV1['connect']>[0]);
  expect(transport.sessionId).toBeDefined();
  await useAll(client as unknown as AnyClient);
  await transport.terminateSession();
  await client.close();
});

test.each([
  ['as it comes, with a session', undefined, '2025-11-25'],
  ['that finds out the version, without a session', 'auto' as const, '2026-07-28'],
  ['that insists on the newest version', { pin: '2026-07-28' }, '2026-07-28'],
])('clients: the SDK of the second generation %s', async (_what, mode, version) => {
  const client = new ClientV2({ name: 'v2', version: '1' }, mode === undefined ? {} : { versionNegotiation: { mode } });
  const transport = new TransportV2(new URL(`${daemon.url}/mcp`));
  await client.connect(transport);
  expect(client.getNegotiatedProtocolVersion()).toBe(version);
  expect(transport.sessionId === undefined).toBe(version === '2026-07-28');
  await useAll(client as unknown as AnyClient);
  await client.close();
});

test.each(['legacy', 'modern'])('clients: the Inspector on the command line, %s era', async (era) => {
  const inspector = async (...args: string[]) => {
    const program = '@modelcontextprotocol/inspector/clients/launcher/build/index.js';
    const where = ['--cli', `${daemon.url}/mcp`, '--transport', 'http', '--protocol-era', era];
    const { code, stdout, stderr } = await runOnSuiteNode(program, [...where, ...args], { HOME: daemon.dir });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const call = ['--tool-name', 'execute_query', '--tool-arg', 'query=SELECT 1 AS N'];
  const [tools, rows, content, prompt] = await Promise.all([
    inspector('--method', 'tools/list'),
    inspector('--method', 'tools/call', ...call),
    inspector('--method', 'resources/read', '--uri', TABLE),
    inspector('--method', 'prompts/get', '--prompt-name', PROMPT.name, '--prompt-args', 'database=DEMO_DB'),
  ]);
  expect(JSON.stringify(tools)).toContain('execute_query');
  expect(rows).toMatchObject({ structuredContent: { rows: [[1]] } });
  expect(JSON.stringify(content)).toContain('CODE');
  expect(JSON.stringify(prompt)).toContain('DEMO_DB');
});

const METHODS: [string, Record<string, unknown>, string][] = [
  ['tools/list', {}, 'execute_query'],
  ['tools/call', CALL, '"rows":[[1]]'],
  ['resources/list', {}, TABLE],
  ['resources/templates/list', {}, 'uriTemplate'],
  ['resources/read', { uri: TABLE }, 'CODE'],
  ['prompts/list', {}, PROMPT.name],
  ['prompts/get', PROMPT, 'DEMO_DB'],
  ['completion/complete', COMPLETE, 'DEMO_DB'],
];

test('clients: plain HTTP with a session', async () => {
  const session = { 'mcp-session-id': await rawSession(daemon.url), 'mcp-protocol-version': '2025-11-25' };
  for (const [method, params, expected] of METHODS) {
    const response = await post(daemon.url, { jsonrpc: '2.0', id: 2, method, params }, session);
    expect(response.status).toBe(200);
    expect(await response.text(), method).toContain(expected);
  }
  expect((await fetch(`${daemon.url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(200);
});

test('clients: plain HTTP without a session', async () => {
  for (const [method, params, expected] of METHODS) {
    const { status, message } = await askModern(daemon.url, method, params);
    expect(status).toBe(200);
    expect(JSON.stringify(message.result), method).toContain(expected);
  }
});

test('shipped: the scenarios of 2025-11-25 that need no fixture', async () => {
  const report = await runSuite('next', daemon.url, ['--requirements', '2025-11-25']);
  const generic = [
    'server-initialize',
    'ping',
    'logging-set-level',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
    'server-session-lifecycle',
  ];
  expect(notGreen(report, generic), report.text).toEqual([]);
});

test('shipped: the scenarios of 2026-07-28 that need no fixture', async () => {
  const report = await runSuite('next', daemon.url, ['--requirements', '2026-07-28']);
  const generic = [
    'tools-list',
    'resources-list',
    'prompts-list',
    'sep-2164-resource-not-found',
    'http-header-validation',
    'dns-rebinding-protection',
    'input-required-result-unsupported-methods',
  ];
  expect(notGreen(report, generic), report.text).toEqual([]);
});
