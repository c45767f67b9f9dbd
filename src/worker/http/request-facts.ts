/** What a request says about itself before anybody handles it: its id, whether it goes to MCP, what it has seen. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import { isKnownVersion } from '../mcp/era-2025/message.ts';
import { directRequest } from '../mcp/era-2025/session-transport.ts';

/** The id the caller gave, when it can be written into a log line, or a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

export const isMcp = (url: string | undefined) => url === '/mcp' || url?.startsWith('/mcp?') === true;

/** The last event a client that comes back has seen. */
export function lastEventIdOf({ headers }: IncomingMessage): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** How many want an answer; answers of the client and notifications always pass. */
export function requestsIn(message: unknown): number {
  if (Array.isArray(message)) return message.length;
  const { method, id } = (message ?? {}) as { method?: unknown; id?: unknown };
  return method !== undefined && id !== undefined ? 1 : 0;
}

/** It waits for messages of the server; one with an event id waits for the answer of a call instead. */
export function listens(request: IncomingMessage): boolean {
  return request.method === 'GET' && lastEventIdOf(request) === undefined;
}

interface Posted {
  readonly request: IncomingMessage;
  readonly message: unknown;
}

const saysKnownVersion = ({ headers }: IncomingMessage) => isKnownVersion(headers['mcp-protocol-version']);

/** A request that the session is asked directly. */
export function callOf({ request, message }: Posted): JSONRPCRequest | undefined {
  return saysKnownVersion(request) ? directRequest(message) : undefined;
}

/** The client's word that it has read the answer to initialize. */
export function isInitialized({ request, message }: Posted): boolean {
  const { method, id } = (message ?? {}) as { method?: unknown; id?: unknown };
  return method === 'notifications/initialized' && id === undefined && saysKnownVersion(request);
}
