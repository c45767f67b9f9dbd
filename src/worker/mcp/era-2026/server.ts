/**
 * The tools, resources and prompts on the official SDK for protocol version 2026-07-28.
 *
 * Each request has a server of its own, so it must cost little: the low-level Server is used, schemas, lists and
 * validator are made once, and a server learns only the one method it will be asked.
 */
import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  Server,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import type { Log } from '../../../shared/log.ts';
import type { CallTool } from '../call.ts';
import { complete } from '../completion.ts';
import type { Offer } from '../offer.ts';
import { promptText } from '../prompts.ts';
import { toProtocolFault, unknownCursor } from '../protocol-fault.ts';
import { RESOURCE_TEMPLATE, type Resources } from '../resources.ts';
import { callerOf, logTo, progressTo, resourceContext } from './caller.ts';
import type { Confirmations } from './confirm.ts';
import { toResult } from './result.ts';

export interface Era2026Options {
  readonly offer: Offer;
  readonly call: CallTool;
  readonly resources: Resources;
  readonly confirmations: Confirmations;
  /** How long a client may keep lists and contents of resources. */
  readonly catalogTtlMs: number;
  readonly log: Log;
}

/** A server that answers `method` ('all' is every one), and the methods that belong to no feature. */
export type Server2026Factory = (method: string | undefined) => Server;

const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: {},
  completions: {},
  logging: {},
} as const;
/** What only a new release or configuration changes; listeners are told. */
const OFFER_TTL_MS = 300_000;

export function era2026Servers(options: Era2026Options): Server2026Factory {
  const { offer, confirmations, catalogTtlMs, log } = options;
  // What a caller may see depends on who it is, so nothing is for shared caches.
  const own = (ttlMs: number) => ({ ttlMs, cacheScope: 'private' as const });
  const serverOptions: ServerOptions = {
    capabilities: CAPABILITIES,
    instructions: offer.instructions,
    jsonSchemaValidator: new AjvJsonSchemaValidator(),
    requestState: { verify: (state, context) => confirmations.verify(state, context) },
    cacheHints: {
      'server/discover': own(OFFER_TTL_MS),
      'tools/list': own(OFFER_TTL_MS),
      'prompts/list': own(OFFER_TTL_MS),
      'resources/templates/list': own(OFFER_TTL_MS),
      'resources/list': own(catalogTtlMs),
      'resources/read': own(catalogTtlMs),
    },
  };
  const features = new Map([...listFeatures(options), ...workFeatures(options)]);
  return (method) => {
    const server = new Server({ ...offer.info }, serverOptions);
    server.onerror = (error) => log.debug('mcp.message_refused', error.message);
    if (method === 'all') for (const install of features.values()) install(server);
    else features.get(method ?? '')?.(server);
    return server;
  };
}

type Feature = [method: string, install: (server: Server) => void];

/** Lists that were made once. */
function listFeatures({ offer, log }: Era2026Options): Feature[] {
  const prompts = { prompts: [...offer.prompts] };
  const templates = { resourceTemplates: [{ ...RESOURCE_TEMPLATE }] };
  const whole = <List>(list: (context: ServerContext) => List) => {
    return (request: { params?: { cursor?: string | undefined } | undefined }, context: ServerContext): List => {
      if (request.params?.cursor !== undefined) throw toProtocolError(unknownCursor(), log);
      return list(context);
    };
  };
  return [
    [
      'tools/list',
      (server) =>
        server.setRequestHandler(
          'tools/list',
          whole((context) => offer.toolsFor(callerOf(context))),
        ),
    ],
    [
      'prompts/list',
      (server) =>
        server.setRequestHandler(
          'prompts/list',
          whole(() => prompts),
        ),
    ],
    [
      'resources/templates/list',
      (server) =>
        server.setRequestHandler(
          'resources/templates/list',
          whole(() => templates),
        ),
    ],
  ];
}

function workFeatures(options: Era2026Options): Feature[] {
  const { resources, log } = options;
  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      throw toProtocolError(thrown, log);
    }
  };
  return [
    [
      'tools/call',
      (server) => server.setRequestHandler('tools/call', ({ params }, context) => callTool(options, params, context)),
    ],
    [
      'resources/list',
      (server) =>
        server.setRequestHandler('resources/list', ({ params }, context) =>
          answered(async () => {
            const { resources: items, ...more } = await resources.list(params?.cursor, resourceContext(context));
            return { resources: [...items], ...more };
          }),
        ),
    ],
    [
      'resources/read',
      (server) =>
        server.setRequestHandler('resources/read', ({ params: { uri } }, context) =>
          answered(async () => {
            const text = await resources.read(uri, resourceContext(context));
            return { contents: [{ uri, mimeType: RESOURCE_TEMPLATE.mimeType, text }] };
          }),
        ),
    ],
    [
      'prompts/get',
      (server) =>
        server.setRequestHandler('prompts/get', ({ params }) =>
          answered(async () => {
            const { prompt, text } = promptText(params.name, params.arguments ?? {});
            const content = { type: 'text' as const, text };
            return { description: prompt.description, messages: [{ role: 'user' as const, content }] };
          }),
        ),
    ],
    [
      'completion/complete',
      (server) =>
        server.setRequestHandler('completion/complete', ({ params }, context) =>
          answered(() => complete(resources, params, resourceContext(context))),
        ),
    ],
  ];
}

async function callTool(
  { call, confirmations }: Era2026Options,
  params: { readonly name: string; readonly arguments?: unknown },
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const asked = { name: params.name, arguments: params.arguments };
  const answer = await call({
    ...asked,
    caller: callerOf(context),
    signal: context.mcpReq.signal,
    onProgress: progressTo(context),
    onMessage: logTo(context, asked.name),
    confirm: confirmations.asker(context, asked),
  });
  return answer.question === undefined ? toResult(answer) : confirmations.ask(context, asked, answer.question);
}

function toProtocolError(thrown: unknown, log: Log): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const { code, message, data } = toProtocolFault(thrown, log);
  return new ProtocolError(code, message, data);
}
