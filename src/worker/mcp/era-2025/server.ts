/**
 * The tools, resources and prompts on the official SDK for protocol versions 2024-11-05 to 2025-11-25.
 *
 * The low-level Server is used, because the list of tools is made once and answered as it is. A new Server per session
 * costs microseconds: schemas and validator are shared. Unknown tools and bad arguments are tool errors, not protocol errors.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool as WireTool,
} from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { Log } from '../../../shared/log.ts';
import type { CallTool, ToolAnswer } from '../call.ts';
import type { Resources } from '../resources.ts';
import type { ToolTable } from '../tool-table.ts';
import { type CallExtra, callerOf } from './caller.ts';
import { confirmBy } from './confirm.ts';
import { addFeatures, FEATURES, refuseCursor } from './features.ts';
import { type CallWatcher, watched } from './watcher.ts';

export interface Era2025Options {
  readonly tools: ToolTable;
  readonly call: CallTool;
  readonly resources: Resources;
  readonly version: string;
  readonly log: Log;
}

function instructionsFor(tools: ToolTable): string {
  return [
    tools.has('execute_statement') ? 'Access to Snowflake.' : 'Read-only access to Snowflake.',
    'Find data with list_databases, list_schemas, list_tables, list_views and search_columns; look at it with describe_table and sample_table; answer questions with execute_query, long ones with query_submit and query_result.',
    'Errors are JSON with code, message and next (what to do); retry tells whether the same call may work later.',
  ].join(' ');
}

function toResult(answer: ToolAnswer): CallToolResult {
  return {
    content: answer.texts.map((text) => ({ type: 'text' as const, text })),
    ...(answer.structured === undefined ? {} : { structuredContent: answer.structured }),
    ...(answer.isError ? { isError: true } : {}),
  };
}

function toWireTool(tool: ToolTable extends ReadonlyMap<string, infer T> ? T : never): WireTool {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return { name, title, description, inputSchema, outputSchema, annotations: { title, ...annotations } };
}

export type ServerFactory = (watcher: CallWatcher) => Server;

/** Returns a factory of servers; what can be shared between sessions is made here. */
export function era2025Servers(options: Era2025Options): ServerFactory {
  const { log } = options;
  const list = { tools: [...options.tools.values()].map(toWireTool) };
  const instructions = instructionsFor(options.tools);
  const jsonSchemaValidator = new AjvJsonSchemaValidator();
  return (watcher) => {
    const server = new Server(
      { name: 'snowflake-mcp-daemon', title: 'Snowflake', version: options.version },
      { capabilities: { tools: {}, ...FEATURES }, instructions, jsonSchemaValidator },
    );
    server.onerror = (error) => log.debug('mcp.message_refused', error.message);
    server.setRequestHandler(ListToolsRequestSchema, (request) => {
      refuseCursor(request.params?.cursor);
      return list;
    });
    server.setRequestHandler(CallToolRequestSchema, (request, extra) =>
      watched(watcher, extra, async () => {
        const answer = await options.call({
          name: request.params.name,
          arguments: request.params.arguments,
          caller: callerOf(extra),
          signal: extra.signal,
          onProgress: progressTo(extra),
          confirm: watcher.isJsonOnly === true ? undefined : confirmBy(server, extra, log),
        });
        return toResult(answer);
      }),
    );
    addFeatures(server, options.resources, watcher, log);
    return server;
  };
}

function progressTo(extra: CallExtra): ((progress: number, message: string) => void) | undefined {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  return (progress, message) => {
    const params = { progressToken, progress, message };
    // A client that is gone hears no progress; the call itself ends by its own rules.
    extra.sendNotification({ method: 'notifications/progress', params }).catch(() => {});
  };
}
