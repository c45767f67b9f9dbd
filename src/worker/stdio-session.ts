/**
 * The one session of the stdio program: a JSON-RPC message a line, both ways.
 *
 * Messages that say they are of protocol version 2026-07-28 are served so, until the client begins an older one with
 * initialize. What is no JSON, no message, or longer than a request may be gets an error and harms nobody: the next line is read.
 */
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Clock } from '../shared/clock.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import { LOCAL } from '../shared/principal.ts';
import { parseJson } from './http/body.ts';
import { rpcError } from './http/error-reply.ts';
import { createLineCutter } from './line-cutter.ts';
import { asInitialize } from './mcp/era-2025/message.ts';
import type { ServerFactory } from './mcp/era-2025/server.ts';
import { WireTransport } from './mcp/era-2025/wire-transport.ts';
import { claimsModern, type ModernWireOptions, openModernWire } from './mcp/era-2026/wire.ts';

export interface StdioSessionParts {
  readonly makeServer: ServerFactory;
  readonly modern: ModernWireOptions;
  readonly input: Readable;
  /** Takes one line. */
  readonly write: (text: string) => void;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

export interface StdioSession {
  /** Requests whose answer has not left. */
  busy(): number;
  /** Calls that run are cancelled. */
  close(): Promise<void>;
}

const noMessage = () => new AppError('BAD_REQUEST', { reason: 'the line holds no JSON-RPC message' });

/** @throws AppError BAD_REQUEST */
function messageOf(value: unknown): JSONRPCMessage {
  const parsed = JSONRPCMessageSchema.safeParse(value);
  if (!parsed.success) throw noMessage();
  return parsed.data;
}

const isBlank = (line: Buffer) => line.every((byte) => byte === 13 || byte === 32 || byte === 9);

export async function openStdioSession(parts: StdioSessionParts): Promise<StdioSession> {
  const { makeServer, modern: modernOptions, input, write, maxMessageBytes, clock } = parts;
  const line = (text: string) => write(`${text}\n`);
  const sessionId = `stdio-${randomBytes(8).toString('hex')}`;
  const transport = new WireTransport(
    sessionId,
    { write: line, end: () => {} },
    () => clock.now(),
    () => {},
  );
  const server = makeServer(transport.watcher);
  await server.connect(transport);
  const modern = openModernWire(modernOptions, (message) => line(JSON.stringify(message)));
  let isOlder = false;
  const isModern = (value: unknown): boolean => {
    const { method, params } = (value ?? {}) as { method?: unknown; params?: { requestId?: string | number } };
    if (isOlder) return false;
    const isCancel = method === 'notifications/cancelled';
    return claimsModern(value) || (isCancel && !transport.isWaiting(params?.requestId ?? ''));
  };

  const hear = (bytes: Buffer) => {
    if (isBlank(bytes)) return;
    let id: string | number | undefined;
    try {
      const value = parseJson(bytes);
      id = WireTransport.requestIdOf(value);
      if (id !== undefined && (transport.isWaiting(id) || modern.isWaiting(id))) {
        throw new AppError('BAD_REQUEST', { reason: 'this id belongs to a request that still runs' });
      }
      if (isModern(value)) {
        modern.receive(messageOf(value));
        return;
      }
      isOlder ||= asInitialize(value) !== undefined;
      const origin = { requestId: String(id ?? 'notification'), principal: LOCAL };
      if (!transport.receive(value, origin, () => {})) throw noMessage();
    } catch (thrown) {
      line(JSON.stringify(rpcError(toAppError(thrown, 'stdio'), id ?? null)));
    }
  };
  const refuse = () =>
    line(JSON.stringify(rpcError(new AppError('BODY_TOO_LARGE', { maxBytes: maxMessageBytes }), null)));
  input.on('data', createLineCutter(maxMessageBytes, { line: hear, tooLong: refuse }));
  return {
    busy: () => transport.busy() + modern.busy(),
    close: async () => {
      await Promise.all([server.close(), modern.close()]);
    },
  };
}
