/** Who sent the message a handler sees, carried through the SDK in its `authInfo`. */
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from '../tool.ts';

export interface MessageOrigin {
  readonly requestId: string;
  readonly principal: string;
}

export type CallExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function callerOf(extra: CallExtra): Caller {
  const origin = extra.authInfo?.extra as MessageOrigin | undefined;
  return {
    requestId: origin?.requestId ?? String(extra.requestId),
    principal: origin?.principal ?? 'local',
    ...(extra.sessionId === undefined ? {} : { session: extra.sessionId }),
  };
}
