/**
 * One session in the memory of its owner: an SDK server and its transport.
 *
 * A session that another worker started is brought back by replaying the stored initialize message into a new transport
 * that hands out the old id; only public API of the SDK is used.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import type { SessionRecord } from '../../session/record.ts';
import type { MessageOrigin } from './caller.ts';
import type { PlainCalls } from './plain-call.ts';
import type { ServerFactory } from './server.ts';
import { type CallFeed, SessionTransport } from './session-transport.ts';
import { Wishes, type WishesHome } from './wishes.ts';

/** Comments that keep proxies from closing a silent stream. */
export const KEEP_ALIVE_MS = 15_000;

export interface LiveSession {
  readonly id: string;
  /** Answers that are being written, open streams not counted, and tool calls that run. */
  busy(): number;
  /** The caller says when the answer of a POST has been written. */
  enter(): () => void;
  /** True when it was ended; what its calls were to answer is somebody else's. */
  isClosed(): boolean;
  /** @throws AppError BAD_REQUEST when a request in the message has the id of one that still runs */
  refuseTwin(message: unknown): void;
  /** Runs a request; false when one of its id runs already. */
  call(request: JSONRPCRequest, origin: MessageOrigin, feed: CallFeed): boolean;
  /** Any other exchange, as web standard objects. @throws AppError BAD_REQUEST as `refuseTwin` */
  handle(request: Request, message: unknown, origin: MessageOrigin): Promise<Response>;
  close(): Promise<void>;
}

export interface SessionMakers {
  readonly makeServer: ServerFactory;
  readonly plain: PlainCalls;
}

export type OpenLiveSession = (record: SessionRecord, makers: SessionMakers, home: WishesHome) => Promise<LiveSession>;

export const openLiveSession: OpenLiveSession = async (record, { makeServer, plain }, home) => {
  let busy = 0;
  let isClosed = false;
  const http = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => record.id,
    enableJsonResponse: record.jsonOnly,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const transport = new SessionTransport(http);
  const wishes = new Wishes(home, record.wishes, record.offer);
  const server = makeServer({
    wishes,
    isJsonOnly: record.jsonOnly,
    started: () => busy++,
    ended: () => busy--,
    cancelled: (requestId) => transport.cancelled(requestId),
  });
  // Its optional members are typed without undefined.
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  const authOf = (origin: MessageOrigin) => ({
    token: '',
    clientId: origin.principal.id,
    scopes: [],
    extra: { ...origin },
  });
  return {
    id: record.id,
    busy: () => busy,
    isClosed: () => isClosed,
    enter: () => {
      let isOpen = true;
      busy++;
      return () => {
        if (isOpen) busy--;
        isOpen = false;
      };
    },
    call: (request, origin, feed) => {
      const run = wishes.hearsNothing() ? plain(request) : undefined;
      if (run === undefined) return transport.call(request, { authInfo: authOf(origin) }, feed);
      const counted = (signal: AbortSignal) => {
        busy++;
        return run(origin, record.id, signal).finally(() => busy--);
      };
      return transport.run(request, counted, feed);
    },
    refuseTwin: (message) => transport.refuseTwin(message),
    handle: async (request, message, origin) => {
      transport.refuseTwin(message);
      const wasRefused = transport.expect(message);
      const response = await http.handleRequest(request, { parsedBody: message, authInfo: authOf(origin) });
      if (!response.ok) wasRefused();
      else if (request.method === 'GET') wishes.nowListens();
      return response;
    },
    close: () => {
      isClosed = true;
      return server.close();
    },
  };
};

const REPLAY_HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

/** Brings back a session that another worker, or this one before it went idle, has held. */
export const restoreLiveSession: OpenLiveSession = async (record, makers, home) => {
  const session = await openLiveSession(record, makers, home);
  const origin = { requestId: 'restore', principal: { id: record.principal, scopes: [] } };
  const send = async (message: unknown, headers: Record<string, string>) => {
    const request = new Request('http://localhost/mcp', { method: 'POST', headers: { ...REPLAY_HEADERS, ...headers } });
    const response = await session.handle(request, message, origin);
    await response.text();
    if (!response.ok) throw new Error(`the stored session cannot be restored (${response.status})`);
  };
  try {
    await send(record.initialize, {});
    const headers = { 'mcp-session-id': record.id, 'mcp-protocol-version': record.protocol };
    await send({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
    return session;
  } catch (error) {
    // It listens to changes until it is closed.
    await session.close();
    throw error;
  }
};
