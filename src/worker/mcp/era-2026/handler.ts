/**
 * Answers 2026-07-28 requests, each on its own, through the official SDK: header checks, discovery, versions, the listen
 * streams. What changed in any worker reaches the listeners of this one.
 */
import { createMcpHandler, type ServerEvent, type ServerEventBus } from '@modelcontextprotocol/server';
import { AppError } from '../../../shared/errors.ts';
import type { Log } from '../../../shared/log.ts';
import type { Change, Changes } from '../changes.ts';
import type { Caller } from '../tool.ts';
import type { PlainCalls2026 } from './plain-call.ts';
import type { Server2026Factory } from './server.ts';

export interface Handler2026Options {
  readonly makeServer: Server2026Factory;
  readonly plain: PlainCalls2026;
  readonly changes: Changes;
  /** Digest of the tools of this worker, to tell when another one offers others. */
  readonly toolsDigest: string;
  /** Most listen streams of one worker. */
  readonly maxSubscriptions: number;
  readonly log: Log;
}

export interface Handler2026 {
  /** As `answer`, for what needs no server of the SDK: the answer as JSON; undefined for everything else. */
  plain(
    request: Parameters<PlainCalls2026>[0],
  ): ((caller: Caller, gone: AbortController) => Promise<string>) | undefined;
  /** @throws AppError DRAINING for a new listener once `endListening` was called */
  answer(request: Request, message: unknown, caller: Caller): Promise<Response>;
  /** Open listen streams. */
  listeners(): number;
  /** Ends the listen streams with their last word; calls go on. */
  endListening(): Promise<void>;
  /** Cancels what still runs. */
  close(): Promise<void>;
}

const LISTEN = 'subscriptions/listen';

/** Its answer is a stream that lasts. */
export function isListen(message: unknown): boolean {
  return (message as { method?: unknown } | null | undefined)?.method === LISTEN;
}

export function createHandler2026(options: Handler2026Options): Handler2026 {
  const { makeServer, changes, toolsDigest, maxSubscriptions, log } = options;
  const running = new Set<AbortController>();
  let listeners = 0;
  let isEnding = false;
  const bus: ServerEventBus = {
    publish: () => {},
    subscribe: (listener) => {
      listeners++;
      const stop = changes.subscribe((change) => {
        const event = toEvent(change, toolsDigest);
        if (event !== undefined) listener(event);
      });
      let isOpen = true;
      return () => {
        if (isOpen) listeners--;
        isOpen = false;
        stop();
      };
    },
  };
  const onerror = (error: Error) => log.debug('mcp.message_refused', error.message);
  // Two handlers, because one that closes ends its calls together with its listeners.
  const make = () =>
    createMcpHandler(({ requestInfo }) => makeServer(requestInfo?.headers.get('mcp-method')?.trim()), {
      legacy: 'reject',
      bus,
      maxSubscriptions,
      onerror,
    });
  const [calls, streams] = [make(), make()];
  return {
    plain: (request) => {
      const run = options.plain(request);
      if (run === undefined) return undefined;
      return (caller, gone) => {
        running.add(gone);
        return run(caller, gone.signal).finally(() => running.delete(gone));
      };
    },
    answer: async (request, message, caller) => {
      if (isListen(message) && isEnding) throw new AppError('DRAINING', {});
      const authInfo = { token: '', clientId: caller.principal, scopes: [], extra: { caller } };
      return (isListen(message) ? streams : calls).fetch(request, { parsedBody: message, authInfo });
    },
    listeners: () => listeners,
    endListening: () => {
      isEnding = true;
      return streams.close();
    },
    close: async () => {
      for (const gone of running) gone.abort();
      await Promise.all([streams.close(), calls.close()]);
    },
  };
}

function toEvent(change: Change, toolsDigest: string): ServerEvent | undefined {
  switch (change.kind) {
    case 'resources':
      return { kind: 'resources_list_changed' };
    case 'resource':
      return { kind: 'resource_updated', uri: change.uri };
    case 'tools':
      return change.digest === toolsDigest ? undefined : { kind: 'tools_list_changed' };
    default:
      return change satisfies never;
  }
}
