/**
 * Resources, prompts and completion on the official SDK, with lists of our own: its high-level server ignores cursors.
 */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../../../shared/log.ts';
import { complete } from '../completion.ts';
import type { Offer } from '../offer.ts';
import { promptText } from '../prompts.ts';
import { toProtocolFault, unknownCursor } from '../protocol-fault.ts';
import { RESOURCE_TEMPLATE, type ResourceContext, type Resources } from '../resources.ts';
import { type CallExtra, callerOf } from './caller.ts';
import { type CallWatcher, watched } from './watcher.ts';

export const FEATURES = {
  logging: {},
  resources: { subscribe: true, listChanged: true },
  prompts: {},
  completions: {},
} as const;

export interface Features {
  readonly offer: Offer;
  readonly resources: Resources;
  readonly log: Log;
}

export function toMcpError(thrown: unknown, log: Log): McpError {
  if (thrown instanceof McpError) return thrown;
  const { code, message, data } = toProtocolFault(thrown, log);
  return new McpError(code, message, data);
}

export const contextOf = (extra: CallExtra): ResourceContext => ({ caller: callerOf(extra), signal: extra.signal });

/** Runs the work of one request; a failure leaves as a JSON-RPC error. */
export function answered<T>(log: Log, watcher: CallWatcher, extra: CallExtra, work: () => Promise<T>): Promise<T> {
  return watched(watcher, extra, () =>
    work().catch((thrown: unknown) => {
      throw toMcpError(thrown, log);
    }),
  );
}

export function addFeatures(server: Server, { offer, resources, log }: Features, watcher: CallWatcher): void {
  server.setRequestHandler(ListResourcesRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      const { resources: items, ...more } = await resources.list(request.params?.cursor, contextOf(extra));
      return { resources: [...items], ...more };
    }),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      if (request.params?.cursor !== undefined) throw unknownCursor();
      return { resourceTemplates: [{ ...RESOURCE_TEMPLATE }] };
    }),
  );
  server.setRequestHandler(ReadResourceRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      const { uri } = request.params;
      const text = await resources.read(uri, contextOf(extra));
      return { contents: [{ uri, mimeType: RESOURCE_TEMPLATE.mimeType, text }] };
    }),
  );
  server.setRequestHandler(ListPromptsRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      if (request.params?.cursor !== undefined) throw unknownCursor();
      return { prompts: [...offer.prompts] };
    }),
  );
  server.setRequestHandler(GetPromptRequestSchema, (request, extra) =>
    answered(log, watcher, extra, async () => {
      const { prompt, text } = promptText(request.params.name, request.params.arguments ?? {});
      return {
        description: prompt.description,
        messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
      };
    }),
  );
  server.setRequestHandler(CompleteRequestSchema, (request, extra) =>
    answered(log, watcher, extra, () => complete(resources, request.params, contextOf(extra))),
  );
}
