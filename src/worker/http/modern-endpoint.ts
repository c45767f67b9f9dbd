/**
 * /mcp for protocol version 2026-07-28: any worker answers any request, without a session.
 *
 * The caller's closed connection cancels its call: that is how this version says it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerFor } from '../mcp/caller.ts';
import { isModernRequest } from '../mcp/era-2026/classify.ts';
import { type Handler2026, isListen } from '../mcp/era-2026/handler.ts';
import type { Admission } from './admission.ts';
import type { RequestOrigin } from './mcp-exchange.ts';
import { writeWebResponse } from './web-bridge.ts';

interface ModernExchange extends RequestOrigin {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly message: unknown;
}

export function isModern({ request, message }: Pick<ModernExchange, 'request' | 'message'>): boolean {
  const header = (name: string) => textOf(request.headers[name]);
  return isModernRequest({ method: String(request.method), header, body: message });
}

interface ModernParts {
  readonly modern: Handler2026;
  readonly admission: Pick<Admission, 'enterStream'>;
}

/** Resolves when the answer is written or the client is gone. @throws AppError DRAINING, TOO_MANY_STREAMS */
export async function serveModern({ modern, admission }: ModernParts, exchange: ModernExchange): Promise<void> {
  const leave = isListen(exchange.message) ? admission.enterStream(exchange.principal) : () => {};
  await answerModern(modern, exchange).finally(leave);
}

async function answerModern(handler: Handler2026, exchange: ModernExchange): Promise<void> {
  const { request, response, message, requestId, principal } = exchange;
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const answer = await handler.answer(toRequest(request, gone.signal), message, callerFor(principal, requestId));
  await writeWebResponse(answer, response);
}

/** Headers of this version that the SDK reads. */
const HEADERS = ['accept', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'];

function toRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = textOf(request.headers[name]);
    if (value !== undefined) headers[name] = value;
  }
  return new Request('http://localhost/mcp', { method: String(request.method), headers, signal });
}

/** A header that came twice is read as one, joined, as the standard has it. */
function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
