/**
 * Servers that answer MCP without Snowflake, so that only the protocol is measured; a program of its own.
 *
 * `ours`: one worker's HTTP service, its statements answered from memory. `plain`: the official SDK's createMcpHandler as
 * its documentation shows it: a factory that registers as many tools, with their schemas, for each request. It says
 * `{url}` to its parent and ends with it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readBody } from '../src/worker/http/body.ts';
import { writeWebResponse } from '../src/worker/http/web-bridge.ts';
import { fakeQueryService } from '../test/support/fake-query-service.ts';
import { createTestCluster } from '../test/support/http-workers.ts';

/** As many as this product lists. */
const TOOLS = 18;
const BODY_MAX = 1_000_000;

function plainServer(): McpServer {
  const server = new McpServer({ name: 'plain', version: '1.0.0' });
  for (let at = 0; at < TOOLS; at += 1) {
    server.registerTool(
      at === 0 ? 'execute_query' : `tool_${at}`,
      {
        title: 'Run a SQL query',
        description: 'Runs one SQL statement on Snowflake and returns its rows.',
        inputSchema: z.object({
          query: z.string().min(1).describe('One SQL statement'),
          database: z.string().min(1).max(255).optional().describe('Database for names without one'),
          schema: z.string().min(1).max(255).optional().describe('Schema for names without one'),
          limit: z.int().min(1).default(100).describe('Most rows to return'),
          format: z.enum(['markdown', 'csv', 'json']).default('markdown'),
        }),
        outputSchema: z.object({
          columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
          rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
          row_count: z.number(),
        }),
      },
      async () => {
        const columns = [{ name: 'N', type: 'FIXED', nullable: true }];
        const structuredContent = { columns, rows: [[1]], row_count: 1 };
        return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
      },
    );
  }
  return server;
}

async function servePlain(): Promise<string> {
  const handler = createMcpHandler(() => plainServer());
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await readBody(request, BODY_MAX)).toString());
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const asked = new Request('http://localhost/mcp', { method: 'POST', headers });
    await writeWebResponse(await handler.fetch(asked, { parsedBody: body }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serveOurs(): Promise<string> {
  const cluster = createTestCluster();
  process.on('disconnect', () => void cluster.close());
  return (await cluster.start(fakeQueryService())).url;
}

process.on('disconnect', () => setTimeout(() => process.exit(0), 500).unref());
process.send?.({ url: await (process.env.ERA_SERVER === 'plain' ? servePlain() : serveOurs()) });
