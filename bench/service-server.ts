/**
 * Servers that answer MCP without Snowflake, so that only the protocol is measured; a program of its own.
 *
 * `ours`: one worker's HTTP service, its statements answered from memory. `plain`: the official SDK's createMcpHandler as
 * its documentation shows it: a factory that registers as many tools, with their schemas, for each request. `held`: the
 * SDK's Streamable HTTP transports in a map by session, each with a server of as many tools. It says `{url}` to its
 * parent, `{bytes}` when it is asked what its memory holds, and ends with it.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer as SessionServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readBody } from '../src/worker/http/body.ts';
import { writeWebResponse } from '../src/worker/http/web-bridge.ts';
import { fakeQueryService } from '../test/support/fake-query-service.ts';
import { createTestCluster } from '../test/support/http-workers.ts';

/** As many as this product lists. */
const TOOLS = 18;
const BODY_MAX = 1_000_000;
/** Connections last through the turns of others. */
const KEEP_ALIVE_MS = 600_000;

const INPUT = {
  query: z.string().min(1).describe('One SQL statement'),
  database: z.string().min(1).max(255).optional().describe('Database for names without one'),
  schema: z.string().min(1).max(255).optional().describe('Schema for names without one'),
  limit: z.int().min(1).default(100).describe('Most rows to return'),
  format: z.enum(['markdown', 'csv', 'json']).default('markdown'),
};
const OUTPUT = {
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
  row_count: z.number(),
};
const SAYS = { title: 'Run a SQL query', description: 'Runs one SQL statement on Snowflake and returns its rows.' };
const NAMES = Array.from({ length: TOOLS }, (_, at) => (at === 0 ? 'execute_query' : `tool_${at}`));

async function answer() {
  const columns = [{ name: 'N', type: 'FIXED', nullable: true }];
  const structuredContent = { columns, rows: [[1]], row_count: 1 };
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }], structuredContent };
}

function plainServer(): McpServer {
  const server = new McpServer({ name: 'plain', version: '1.0.0' });
  for (const name of NAMES) {
    server.registerTool(name, { ...SAYS, inputSchema: z.object(INPUT), outputSchema: z.object(OUTPUT) }, answer);
  }
  return server;
}

async function serveHeld(): Promise<string> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await readBody(request, { maxBytes: BODY_MAX })).toString());
    let transport = transports.get(String(request.headers['mcp-session-id']));
    if (transport === undefined) {
      const fresh = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (id) => void transports.set(id, fresh),
      });
      const mcp = new SessionServer({ name: 'held', version: '1.0.0' });
      for (const name of NAMES) mcp.registerTool(name, { ...SAYS, inputSchema: INPUT, outputSchema: OUTPUT }, answer);
      await mcp.connect(fresh as Parameters<SessionServer['connect']>[0]);
      transport = fresh;
    }
    await transport.handleRequest(request, response, body);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function servePlain(): Promise<string> {
  const handler = createMcpHandler(() => plainServer());
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await readBody(request, { maxBytes: BODY_MAX })).toString());
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const asked = new Request('http://localhost/mcp', { method: 'POST', headers });
    await writeWebResponse(await handler.fetch(asked, { parsedBody: body }), response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serveOurs(): Promise<string> {
  const cluster = createTestCluster();
  const query = fakeQueryService();
  const state = { max_sessions: 1_000_000, ...(JSON.parse(process.env.SERVICE_STATE ?? '{}') as object) };
  const worker = await cluster.start(query, { state, server: { keep_alive_timeout: KEEP_ALIVE_MS } });
  process.on('disconnect', () => void cluster.close());
  forget = () => {
    for (const kept of [worker.lines, worker.audit, query.asked]) kept.length = 0;
  };
  return worker.url;
}

/** Drops what only the doubles of the tests remember. */
let forget = () => {};
const KINDS = { ours: serveOurs, plain: servePlain, held: serveHeld };

process.on('message', () => {
  forget();
  // Twice: what a finalizer lets go of is free only after the second.
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external });
});
process.on('disconnect', () => setTimeout(() => process.exit(0), 500).unref());
process.send?.({ url: await KINDS[process.env.SERVICE_KIND as keyof typeof KINDS]() });
