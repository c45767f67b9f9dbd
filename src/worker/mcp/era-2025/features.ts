/**
 * Resources, prompts and completion on the official SDK, with lists of our own: its high-level server ignores cursors.
 *
 * Failures become protocol errors: -32602 for what the client got wrong, -32002 for a resource that is not there, else
 * -32603 with the code of our table.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { AppError, toAppError } from '../../../shared/errors.ts';
import type { Log } from '../../../shared/log.ts';
import { redactText } from '../../../shared/redact.ts';
import { PROMPTS, promptText } from '../prompts.ts';
import { RESOURCE_TEMPLATE, type ResourceContext, type Resources } from '../resources.ts';
import { type CallExtra, callerOf } from './caller.ts';
import { type CallWatcher, watched } from './watcher.ts';

const RESOURCE_NOT_FOUND = -32002;

export const FEATURES = { resources: {}, prompts: {}, completions: {} } as const;

/** A list of one page has no other. */
export function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw new McpError(ErrorCode.InvalidParams, 'cursor: is none of this list');
}

function codeOf(error: AppError): number {
  if (error.code === 'ARGUMENT_INVALID' || error.code === 'SQL_REFUSED') return ErrorCode.InvalidParams;
  return error.http === 404 || error.code === 'SQL_ERROR' ? RESOURCE_NOT_FOUND : ErrorCode.InternalError;
}

function toMcpError(thrown: unknown, log: Log): McpError {
  if (thrown instanceof McpError) return thrown;
  const error = toAppError(thrown, 'a resource');
  if (error.code === 'INTERNAL') log.error('mcp.failed', error.message, { cause: error.cause });
  const { code, message, next, retry } = error.toBody();
  return new McpError(codeOf(error), redactText(message), { code, next, retry });
}

export function addFeatures(server: Server, resources: Resources, watcher: CallWatcher, log: Log): void {
  const contextOf = (extra: CallExtra): ResourceContext => ({ caller: callerOf(extra), signal: extra.signal });
  const answered = <T>(extra: CallExtra, work: () => Promise<T>): Promise<T> =>
    watched(watcher, extra, () =>
      work().catch((thrown: unknown) => {
        throw toMcpError(thrown, log);
      }),
    );

  server.setRequestHandler(ListResourcesRequestSchema, (request, extra) =>
    answered(extra, async () => {
      const { resources: items, ...more } = await resources.list(request.params?.cursor, contextOf(extra));
      return { resources: [...items], ...more };
    }),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, (request) => {
    refuseCursor(request.params?.cursor);
    return { resourceTemplates: [{ ...RESOURCE_TEMPLATE }] };
  });
  server.setRequestHandler(ReadResourceRequestSchema, (request, extra) =>
    answered(extra, async () => {
      const { uri } = request.params;
      const text = await resources.read(uri, contextOf(extra));
      return { contents: [{ uri, mimeType: RESOURCE_TEMPLATE.mimeType, text }] };
    }),
  );
  server.setRequestHandler(ListPromptsRequestSchema, (request) => {
    refuseCursor(request.params?.cursor);
    const prompts = [...PROMPTS.values()].map(({ text: _text, ...prompt }) => ({
      ...prompt,
      arguments: [...prompt.arguments],
    }));
    return { prompts };
  });
  server.setRequestHandler(GetPromptRequestSchema, (request, extra) =>
    answered(extra, async () => {
      const { prompt, text } = promptText(request.params.name, request.params.arguments ?? {});
      return {
        description: prompt.description,
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
      };
    }),
  );
  server.setRequestHandler(CompleteRequestSchema, (request, extra) =>
    answered(extra, async () => {
      const { ref, argument, context } = request.params;
      const isOurs = ref.type === 'ref/resource' ? ref.uri === RESOURCE_TEMPLATE.uriTemplate : PROMPTS.has(ref.name);
      if (!isOurs) throw new AppError('ARGUMENT_INVALID', { faults: ['ref: names nothing of this server'] });
      const part = ref.type === 'ref/prompt' && argument.name !== 'database' ? '' : argument.name;
      const known = context?.arguments ?? {};
      const { values, total, hasMore } = await resources.complete(part, argument.value, known, contextOf(extra));
      return { completion: { values: [...values], total, hasMore } };
    }),
  );
}
