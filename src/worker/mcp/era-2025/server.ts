/**
 * The tools on the official SDK for protocol versions 2024-11-05 to 2025-11-25.
 *
 * The low-level Server is used, because the list of tools is made once and answered as it is. A new Server per session
 * costs microseconds: schemas and validator are shared. Unknown tools and bad arguments are tool errors, not protocol errors.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type RequestId,
  type Tool as WireTool,
} from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { Log } from '../../../shared/log.ts';
import type { CallTool, ToolAnswer } from '../call.ts';
import type { ToolTable } from '../tool-table.ts';

export interface Era2025Options {
  readonly tools: ToolTable;
  readonly call: CallTool;
  readonly version: string;
  readonly log: Log;
}

/** Who sent the message a handler sees; carried through the SDK in its `authInfo`. */
export interface MessageOrigin {
  readonly requestId: string;
  readonly principal: string;
}

const INSTRUCTIONS = [
  'Read-only access to Snowflake.',
  'Find data with list_databases, list_views and describe_view, look at rows with query_view, and answer questions with execute_query.',
  'Errors are JSON with code, message and next (what to do); retry tells whether the same call may work later.',
].join(' ');

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

/** Whom a server tells that its calls run; `cancelled` calls get no answer from the SDK. */
export interface CallWatcher {
  started(): void;
  ended(): void;
  cancelled(requestId: RequestId): void;
}

export type ServerFactory = (watcher: CallWatcher) => Server;

/** Returns a factory of servers; what can be shared between sessions is made here. */
export function era2025Servers(options: Era2025Options): ServerFactory {
  const list = { tools: [...options.tools.values()].map(toWireTool) };
  const jsonSchemaValidator = new AjvJsonSchemaValidator();
  return (watcher) => {
    const server = new Server(
      { name: 'snowflake-mcp-daemon', title: 'Snowflake', version: options.version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator },
    );
    server.onerror = (error) => options.log.debug('mcp.message_refused', error.message);
    server.setRequestHandler(ListToolsRequestSchema, () => list);
    server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
      const progressToken = extra._meta?.progressToken;
      const origin = extra.authInfo?.extra as MessageOrigin | undefined;
      watcher.started();
      try {
        const answer = await options.call({
          name: request.params.name,
          arguments: request.params.arguments,
          caller: {
            requestId: origin?.requestId ?? String(extra.requestId),
            principal: origin?.principal ?? 'local',
            ...(extra.sessionId === undefined ? {} : { session: extra.sessionId }),
          },
          signal: extra.signal,
          onProgress:
            progressToken === undefined
              ? undefined
              : (progress, message) => {
                  const params = { progressToken, progress, message };
                  // A client that is gone hears no progress; the call itself ends by its own rules.
                  extra.sendNotification({ method: 'notifications/progress', params }).catch(() => {});
                },
        });
        return toResult(answer);
      } finally {
        watcher.ended();
        if (extra.signal.aborted) watcher.cancelled(extra.requestId);
      }
    });
    return server;
  };
}
