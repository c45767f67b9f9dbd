/** Who sent the message a handler sees, carried through the SDK in its `authInfo`. */
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { LOCAL, type Principal } from '../../../shared/principal.ts';
import type { QueryRequest } from '../../query/request.ts';
import { callerFor } from '../caller.ts';
import type { Caller } from '../tool.ts';

/** Ties a call to what a client that comes back may ask for. */
export interface CallTies {
  /** Of a call that is carried on. */
  readonly attachTo?: QueryRequest['attachTo'];
  readonly onStatement?: QueryRequest['onStatement'];
  /** Its client is asked whether it may run: until `asked`, another worker may ask anew. */
  readonly asking?: {
    begin(): Promise<void>;
    /** False when another worker has taken the call over: it must not run here. */
    end(): Promise<boolean>;
  };
}

export interface MessageOrigin extends CallTies {
  readonly requestId: string;
  readonly principal: Principal;
}

export type CallExtra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function callerOf(extra: CallExtra): Caller {
  const origin = extra.authInfo?.extra as MessageOrigin | undefined;
  const principal = origin?.principal ?? LOCAL;
  return callerFor(principal, origin?.requestId ?? String(extra.requestId), extra.sessionId);
}

export function tiesOf(extra: CallExtra): Omit<CallTies, 'asking'> {
  const { attachTo, onStatement } = (extra.authInfo?.extra ?? {}) as CallTies;
  return { attachTo, onStatement };
}

export function askingOf(extra: CallExtra): CallTies['asking'] {
  return (extra.authInfo?.extra as CallTies | undefined)?.asking;
}
