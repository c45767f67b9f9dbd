/** Who sent the message a handler sees, carried through the SDK in its `authInfo`. */
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { LOCAL, type Principal } from '../../../shared/principal.ts';
import type { Caller } from '../tool.ts';

export interface MessageOrigin {
  readonly requestId: string;
  readonly principal: Principal;
}

export type CallExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function callerOf(extra: CallExtra): Caller {
  const origin = extra.authInfo?.extra as MessageOrigin | undefined;
  const principal = origin?.principal ?? LOCAL;
  return {
    requestId: origin?.requestId ?? String(extra.requestId),
    principal: principal.id,
    scopes: principal.scopes,
    ...(extra.sessionId === undefined ? {} : { session: extra.sessionId }),
  };
}
