/**
 * The tools, resources and prompts on the official SDK for protocol versions 2024-11-05 to 2025-11-25.
 *
 * The low-level Server is used, because the list of tools is made once and answered as it is. A new Server per session
 * costs microseconds: schemas and validator are shared. Unknown tools and bad arguments are tool errors, not protocol errors.
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { CallTool } from '../call.ts';
import type { CallMessage } from '../call-message.ts';
import { unknownCursor } from '../protocol-fault.ts';
import { type CallExtra, callerOf, tiesOf } from './caller.ts';
import { confirmBy } from './confirm.ts';
import { addFeatures, toMcpError } from './features.ts';
import { addHearing, type Hearing } from './hearing.ts';
import { CAPABILITIES } from './ready-answers.ts';
import { toResult } from './result.ts';
import { type CallWatcher, watched } from './watcher.ts';

export interface Era2025Options extends Hearing {
  readonly call: CallTool;
}

export type ServerFactory = (watcher: CallWatcher) => Server;

/** Returns a factory of servers; what can be shared between sessions is made here. */
export function era2025Servers(options: Era2025Options): ServerFactory {
  const { log, offer } = options;
  const { instructions } = offer;
  const jsonSchemaValidator = new AjvJsonSchemaValidator();
  return (watcher) => {
    const server = new Server({ ...offer.info }, { capabilities: CAPABILITIES, instructions, jsonSchemaValidator });
    server.onerror = (error) => log.debug('mcp.message_refused', error.message);
    server.setRequestHandler(ListToolsRequestSchema, (request, extra) => {
      if (request.params?.cursor !== undefined) throw toMcpError(unknownCursor(), log);
      return offer.toolsFor(callerOf(extra));
    });
    server.setRequestHandler(CallToolRequestSchema, (request, extra) =>
      watched(watcher, extra, async () => {
        const answer = await options.call({
          name: request.params.name,
          arguments: request.params.arguments,
          caller: callerOf(extra),
          signal: extra.signal,
          ...tiesOf(extra),
          onProgress: progressTo(extra),
          onMessage: (message) => logTo(extra, watcher, request.params.name, message),
          confirm: watcher.isJsonOnly === true ? undefined : confirmBy(server, extra, log),
        });
        return toResult(answer);
      }),
    );
    addFeatures(server, options, watcher);
    addHearing(server, options, watcher);
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

function logTo(extra: CallExtra, { wishes }: CallWatcher, logger: string, { level, data }: CallMessage): void {
  if (!wishes.hears(level)) return;
  extra.sendNotification({ method: 'notifications/message', params: { level, logger, data } }).catch(() => {});
}
