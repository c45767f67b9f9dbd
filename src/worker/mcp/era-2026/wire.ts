/**
 * Protocol version 2026-07-28 over a wire that carries one message after the other both ways, such as stdin and stdout:
 * the official SDK serves it, this file knows which requests still wait and tells listeners what changed.
 */
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  type Server,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Log } from '../../../shared/log.ts';
import type { Changes } from '../changes.ts';
import type { Server2026Factory } from './server.ts';

export interface ModernWireOptions {
  readonly makeServer: Server2026Factory;
  readonly changes: Changes;
  readonly maxSubscriptions: number;
  readonly log: Log;
}

export interface ModernWire {
  receive(message: JSONRPCMessage): void;
  isWaiting(id: RequestId): boolean;
  /** Requests whose answer has not left; listening streams have none. */
  busy(): number;
  /** Calls that run are cancelled. */
  close(): Promise<void>;
}

const LISTEN = 'subscriptions/listen';

/** The message says itself that it is of this version or a later one. */
export function claimsModern(message: unknown): boolean {
  const meta = (message as { params?: { _meta?: unknown } } | null | undefined)?.params?._meta;
  return typeof meta === 'object' && meta !== null && PROTOCOL_VERSION_META_KEY in meta;
}

export function openModernWire(options: ModernWireOptions, write: (message: JSONRPCMessage) => void): ModernWire {
  const { makeServer, changes, maxSubscriptions, log } = options;
  const waiting = new Set<RequestId>();
  const stops: (() => void)[] = [];
  const wire = createWire((message) => {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      if (message.id !== undefined) waiting.delete(message.id);
    }
    write(message);
  });
  const handle = serveStdio(
    () => {
      const server = makeServer('all');
      stops.push(tellChanges(server, changes));
      return server;
    },
    {
      legacy: 'reject',
      transport: wire,
      maxSubscriptions,
      onerror: (error) => log.debug('mcp.message_refused', error.message),
    },
  );
  return {
    receive: (message) => {
      if (isJSONRPCRequest(message) && message.method !== LISTEN) waiting.add(message.id);
      const { method, params } = message as { method?: string; params?: { requestId?: RequestId } };
      // The SDK answers a cancelled request with silence.
      if (method === 'notifications/cancelled' && params?.requestId !== undefined) waiting.delete(params.requestId);
      wire.onmessage?.(message);
    },
    isWaiting: (id) => waiting.has(id),
    busy: () => waiting.size,
    close: () => {
      for (const stop of stops) stop();
      return handle.close();
    },
  };
}

interface Wire {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  start(): Promise<void>;
  send(message: JSONRPCMessage): Promise<void>;
  close(): Promise<void>;
}

function createWire(write: (message: JSONRPCMessage) => void): Wire {
  const wire: Wire = {
    start: async () => {},
    send: async (message) => write(message),
    close: async () => wire.onclose?.(),
  };
  return wire;
}

/** The SDK passes on what a listener asked for, and nothing else. */
function tellChanges(server: Server, changes: Changes): () => void {
  return changes.subscribe((change) => {
    // Of one process the tools stay what they are.
    if (change.kind === 'tools') return;
    const told =
      change.kind === 'resource' ? server.sendResourceUpdated({ uri: change.uri }) : server.sendResourceListChanged();
    // A client that is gone hears nothing.
    told.catch(() => {});
  });
}
