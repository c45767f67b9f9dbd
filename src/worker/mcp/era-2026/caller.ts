/**
 * Who sent a request, carried through the SDK in its `authInfo`, and what it asked to be told while it runs. Without HTTP
 * there is one client, on this machine.
 */
import type { ServerContext } from '@modelcontextprotocol/server';
import { LOCAL } from '../../../shared/principal.ts';
import type { CallMessage } from '../call-message.ts';
import { callerFor } from '../caller.ts';
import type { ResourceContext } from '../resources.ts';
import type { Caller } from '../tool.ts';

export function callerOf(context: ServerContext): Caller {
  const caller = context.http?.authInfo?.extra?.caller as Caller | undefined;
  return caller ?? callerFor(LOCAL, String(context.mcpReq.id));
}

export function resourceContext(context: ServerContext): ResourceContext {
  return { caller: callerOf(context), signal: context.mcpReq.signal };
}

/** Undefined where the client wants no progress, or takes no stream to hear it on. */
export function progressTo(context: ServerContext): ((progress: number, message: string) => void) | undefined {
  const { _meta, notify } = context.mcpReq;
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined || !takesStreams(context)) return undefined;
  return (progress, message) => {
    // A client that is gone hears no progress; its call is cancelled by the closed stream.
    notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => {});
  };
}

/** Undefined where the client takes no stream; the SDK keeps back what is below the level that the request names, or all without one. */
export function logTo(context: ServerContext, logger: string): ((message: CallMessage) => void) | undefined {
  if (!takesStreams(context)) return undefined;
  return ({ level, data }) => void context.mcpReq.log(level, data, logger).catch(() => {});
}

function takesStreams(context: ServerContext): boolean {
  const accept = context.http?.req?.headers.get('accept') ?? '';
  return accept === '' || accept.includes('text/event-stream') || accept.includes('*/*');
}
