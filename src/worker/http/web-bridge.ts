/**
 * Between node:http and the web standard requests and responses that the SDK speaks.
 *
 * Headers of an answer to a POST leave with its first bytes, so that a call that dies before them can still be asked of
 * another worker. A client that goes away cancels the stream, not the call.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The headers the protocol gives a meaning to; no other reaches the SDK. */
const PROTOCOL_HEADERS = ['content-type', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id'];

const BOTH = 'application/json, text/event-stream';

/** True when the client takes plain JSON only. */
export function wantsJsonOnly(request: IncomingMessage): boolean {
  return !(request.headers.accept ?? '').includes('text/event-stream');
}

/** The SDK insists on both kinds in `Accept`; a POST is answered in the kind its session has. */
export function toWebRequest(request: IncomingMessage): Request {
  const headers = new Headers();
  headers.set('accept', request.method === 'POST' ? BOTH : (request.headers.accept ?? ''));
  for (const name of PROTOCOL_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return new Request('http://localhost/mcp', { method: request.method ?? 'GET', headers });
}

/** Status and headers; nothing is sent yet. */
export function copyHead(from: Response, to: ServerResponse): void {
  to.statusCode = from.status;
  from.headers.forEach((value, name) => {
    // Whether the connection stays open is this server's business.
    if (name !== 'connection') to.setHeader(name, value);
  });
}

/**
 * Writes the answer; resolves when it is written or the client is gone.
 * @param mayWrite asked before each part; when it is false the connection is cut instead
 */
export async function writeWebResponse(
  from: Response,
  to: ServerResponse,
  mayWrite: () => boolean = () => true,
): Promise<void> {
  if (!mayWrite()) {
    to.destroy();
    return;
  }
  copyHead(from, to);
  if (from.body === null) {
    to.end();
    return;
  }
  if (!(from.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    const body = Buffer.from(await from.arrayBuffer());
    if (mayWrite()) to.end(body);
    else to.destroy();
    return;
  }
  const reader = from.body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  if (to.destroyed) cancel();
  to.once('close', cancel);
  if (to.req.method === 'GET') to.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || to.destroyed) break;
    if (!mayWrite()) to.destroy();
    if (!to.writableEnded && !to.write(value)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }
  to.off('close', cancel);
  to.end();
}
