/**
 * What this product is measured against: the official SDK's Streamable HTTP server with tools that call snowflake-sdk.
 *
 * No supervision, keys, gate, pool deadlines, limits, metrics or audit. A program of its own: it takes its settings from
 * $BARE_SETTINGS, and with more than one process it runs under node:cluster, where a client's session is on the process
 * that its connection has reached. It says `{port}` to its parent when all processes listen, and ends with it.
 */
import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { connectDirect, type DirectConnection } from '../test/support/direct-driver.ts';
import type { BareSettings } from './bare.ts';

const KEEP_ALIVE_MS = 600_000;
const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const INPUT = { query: z.string().min(1), limit: z.int().min(1).default(100) };
const OUTPUT = { rows: z.array(z.record(z.string(), cellSchema)), row_count: z.number() };

function mcpServer(tools: number, query: (sql: string) => Promise<Record<string, unknown>[]>): McpServer {
  const server = new McpServer({ name: 'bare', version: '1.0.0' });
  for (let at = 0; at < tools; at += 1) {
    server.registerTool(
      at === 0 ? 'execute_query' : `tool_${at}`,
      {
        title: 'Run a SQL query',
        description: 'Runs one SQL statement on Snowflake and returns its rows.',
        inputSchema: INPUT,
        outputSchema: OUTPUT,
      },
      async ({ query: sql, limit }) => {
        const rows = (await query(sql)).slice(0, limit) as Record<string, z.infer<typeof cellSchema>>[];
        const structuredContent = { rows, row_count: rows.length };
        return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
      },
    );
  }
  return server;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? undefined : JSON.parse(Buffer.concat(parts).toString());
}

/** Connections are taken in turn: the driver runs several statements on one at a time. */
function inTurn(connections: readonly DirectConnection[]): (sql: string) => Promise<Record<string, unknown>[]> {
  let next = 0;
  return (sql) => {
    const connection = connections[next++ % connections.length];
    if (connection === undefined) throw new Error('no connection');
    return connection.all(sql);
  };
}

async function serve({ endpoint, connections, port, tools }: BareSettings): Promise<number> {
  const open = await Promise.all(Array.from({ length: connections }, () => connectDirect(endpoint)));
  const query = inTurn(open);
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer(async (request, response) => {
    const body = await readJson(request);
    const id = request.headers['mcp-session-id'];
    let transport = typeof id === 'string' ? transports.get(id) : undefined;
    if (transport === undefined) {
      const fresh = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (created) => void transports.set(created, fresh),
      });
      await mcpServer(tools, query).connect(fresh as Parameters<McpServer['connect']>[0]);
      transport = fresh;
    }
    await transport.handleRequest(request, response, body);
  });
  // A session is where its connection is: the connection must last.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function main(): Promise<void> {
  const settings = JSON.parse(process.env.BARE_SETTINGS ?? '{}') as BareSettings;
  process.on('disconnect', () => process.exit(0));
  if (!cluster.isPrimary || settings.processes === 1) {
    process.send?.({ port: await serve(settings) });
    return;
  }
  const ports = Array.from({ length: settings.processes }, () => {
    const worker = cluster.fork();
    return new Promise<number>((resolve) => worker.on('message', ({ port }: { port: number }) => resolve(port)));
  });
  process.send?.({ port: (await Promise.all(ports))[0] });
}

await main();
