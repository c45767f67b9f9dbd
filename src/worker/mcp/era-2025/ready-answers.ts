/**
 * Answers that no session changes, as bytes: the one to initialize, the lists that are made once, ping.
 *
 * They say what the SDK's server would say (a test compares them), but no live session has to be made or woken for them:
 * many clients only look at the tools, and an answer that is ready costs neither a schema nor a serialisation.
 */
import type { InitializeRequest, JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Principal } from '../../../shared/principal.ts';
import type { Offer } from '../offer.ts';
import { RESOURCE_TEMPLATE } from '../resources.ts';
import { FEATURES } from './features.ts';
import { negotiatedVersion } from './message.ts';

export const CAPABILITIES = { tools: { listChanged: true }, ...FEATURES } as const;

export interface ReadyAnswers {
  initialize(request: InitializeRequest & Pick<JSONRPCRequest, 'id'>): Buffer;
  /** Undefined for a request that its session has to answer. */
  to(request: JSONRPCRequest, caller: Pick<Principal, 'scopes'>): Buffer | undefined;
}

export function createReadyAnswers(offer: Offer): ReadyAnswers {
  const { info, instructions } = offer;
  const made = new WeakMap<object, Buffer>();
  const bytesOf = (result: object): Buffer => {
    const known = made.get(result) ?? Buffer.from(JSON.stringify(result));
    made.set(result, known);
    return known;
  };
  const prompts = { prompts: offer.prompts };
  const templates = { resourceTemplates: [RESOURCE_TEMPLATE] };
  const nothing = {};
  const resultFor = (method: string, caller: Pick<Principal, 'scopes'>): object | undefined => {
    switch (method) {
      case 'tools/list':
        return offer.toolsFor(caller);
      case 'prompts/list':
        return prompts;
      case 'resources/templates/list':
        return templates;
      case 'ping':
        return nothing;
      default:
        return undefined;
    }
  };
  return {
    initialize: (request) => {
      const protocolVersion = negotiatedVersion(request);
      const result = { protocolVersion, capabilities: CAPABILITIES, serverInfo: info, instructions };
      return answer(request.id, Buffer.from(JSON.stringify(result)));
    },
    to: (request, caller) => {
      const result = isPlain(request) ? resultFor(request.method, caller) : undefined;
      return result && answer(request.id, bytesOf(result));
    },
  };
}

/** Nothing is asked that the answer depends on, such as a page. */
function isPlain({ params }: JSONRPCRequest): boolean {
  return params === undefined || Object.keys(params).every((name) => name === '_meta');
}

function answer(id: JSONRPCRequest['id'], result: Buffer): Buffer {
  const head = Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`);
  return Buffer.concat([head, result, END]);
}

const END = Buffer.from('}');
