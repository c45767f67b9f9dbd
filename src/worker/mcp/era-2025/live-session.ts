/**
 * One session in the memory of its owner: an SDK server and its Streamable HTTP transport.
 *
 * A session that another worker started is brought back by replaying the stored initialize message into a new transport
 * that hands out the old id; only public API of the SDK is used. Requests and answers are web standard objects.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { SessionRecord } from '../../session/record.ts';
import type { MessageOrigin } from './caller.ts';
import type { ServerFactory } from './server.ts';

/** Comments that keep proxies from closing a silent stream. */
const KEEP_ALIVE_MS = 15_000;

export interface LiveSession {
  readonly id: string;
  /** Answers that are being written, open streams not counted, and tool calls that run. */
  busy(): number;
  /** The caller says when the answer of a POST has been written. */
  enter(): () => void;
  /** True when it was ended; what its calls were to answer is somebody else's. */
  isClosed(): boolean;
  handle(request: Request, message: unknown, origin: MessageOrigin): Promise<Response>;
  close(): Promise<void>;
}

export async function openLiveSession(record: SessionRecord, makeServer: ServerFactory): Promise<LiveSession> {
  let busy = 0;
  let isClosed = false;
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => record.id,
    enableJsonResponse: record.jsonOnly,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const giveUp = new Map<unknown, () => void>();
  const server = makeServer({
    isJsonOnly: record.jsonOnly,
    started: () => busy++,
    ended: () => busy--,
    // The SDK answers a cancelled request with silence; its HTTP exchange must end all the same.
    cancelled: (requestId) => {
      transport.closeSSEStream(requestId);
      giveUp.get(requestId)?.();
    },
  });
  await server.connect(transport);
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
    handle: async (request, message, origin) => {
      const answer = transport.handleRequest(request, {
        parsedBody: message,
        authInfo: { token: '', clientId: origin.principal.id, scopes: [], extra: { ...origin } },
      });
      const id = (message as { id?: unknown } | null | undefined)?.id;
      if (!record.jsonOnly || id === undefined) return answer;
      const cancelled = new Promise<Response>((resolve) => {
        giveUp.set(id, () => resolve(new Response(null, { status: 202 })));
      });
      return Promise.race([answer, cancelled]).finally(() => giveUp.delete(id));
    },
    close: () => {
      isClosed = true;
      return server.close();
    },
  };
}

const REPLAY_HEADERS = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

/** Brings back a session that another worker, or this one before it went idle, has held. */
export async function restoreLiveSession(record: SessionRecord, makeServer: ServerFactory): Promise<LiveSession> {
  const session = await openLiveSession(record, makeServer);
  const origin = { requestId: 'restore', principal: { id: record.principal, scopes: [] } };
  const send = async (message: unknown, headers: Record<string, string>) => {
    const request = new Request('http://localhost/mcp', { method: 'POST', headers: { ...REPLAY_HEADERS, ...headers } });
    const response = await session.handle(request, message, origin);
    await response.text();
    if (!response.ok) throw new Error(`the stored session cannot be restored (${response.status})`);
  };
  await send(record.initialize, {});
  const headers = { 'mcp-session-id': record.id, 'mcp-protocol-version': record.protocol };
  await send({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  return session;
}
