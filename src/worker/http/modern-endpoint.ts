/**
 * /mcp for protocol version 2026-07-28: any worker answers any request, without a session.
 *
 * The caller's closed connection cancels its call: that is how this version says it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerFor } from '../mcp/caller.ts';
import { KEEP_ALIVE_MS } from '../mcp/era-2025/live-session.ts';
import { isModernRequest } from '../mcp/era-2026/classify.ts';
import { type Handler2026, isListen } from '../mcp/era-2026/handler.ts';
import type { Admission } from './admission.ts';
import { COMMENT } from './call-answer.ts';
import type { RequestOrigin } from './mcp-exchange.ts';
import { writeWebResponse } from './web-bridge.ts';

interface ModernExchange extends RequestOrigin {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly message: unknown;
}

export function isModern({ request, message }: Pick<ModernExchange, 'request' | 'message'>): boolean {
  return isModernRequest({ method: String(request.method), header: headerOf(request), body: message });
}

const headerOf = (request: IncomingMessage) => (name: string) => textOf(request.headers[name]);

/** Answers a call that needs nothing of the SDK; false for everything else. Resolves as `serveModern`. */
export async function servePlain({ modern }: Pick<ModernParts, 'modern'>, exchange: ModernExchange): Promise<boolean> {
  const { request, response, message, requestId, principal } = exchange;
  if (request.headers['mcp-method'] === undefined) return false;
  const run = modern.plain({ header: headerOf(request), message });
  if (run === undefined) return false;
  const leaveSilent = keepOpen(request, response);
  const answer = await run(callerFor(principal, requestId), goneWith(response)).finally(leaveSilent);
  if (response.destroyed) return true;
  if (response.headersSent) response.end(`event: message\ndata: ${answer}\n\n`);
  else {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) });
    response.end(answer);
  }
  return true;
}

const EVENTS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** A long call is answered as a stream, with comments: a proxy that closes what is silent would cancel it. Returns how to stop. */
function keepOpen(request: IncomingMessage, response: ServerResponse): () => void {
  if (!(request.headers.accept ?? '').includes('text/event-stream')) return () => {};
  const timer = setInterval(() => {
    if (response.destroyed) return;
    if (!response.headersSent) response.writeHead(200, EVENTS);
    response.write(COMMENT);
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}

/** Aborted when the client goes before it has its answer. */
function goneWith(response: ServerResponse): AbortController {
  const gone = new AbortController();
  // It may have left while its request was let in.
  if (response.destroyed) gone.abort();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone;
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
  const { signal } = goneWith(response);
  const answer = await handler.answer(toRequest(request, signal), message, callerFor(principal, requestId));
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
