/**
 * Requests that ask for another protocol on the service port: WebSocket goes its way, everything else is served as plain
 * HTTP/1.1.
 *
 * A server with a listener for `upgrade` gets every such request there, and some clients (Java's, with `Upgrade: h2c`)
 * ask with each request although they do not need it. Those are put back on their connection without the question.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const isWebSocket = (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket';
/** Hop-by-hop headers that made the question. */
const QUESTION = new Set(['upgrade', 'connection', 'http2-settings']);

function serveAsPlain(server: Server, event: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    if (!QUESTION.has(name.toLowerCase())) lines.push(`${name}: ${request.rawHeaders[at + 1]}`);
  }
  if (head.length > 0) socket.unshift(head);
  // Header bytes are latin1 on the wire.
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit(event, socket);
}

/** @param connectionEvent by which this kind of server hears of a connection it can read */
export function handleUpgrades(
  server: Server,
  connectionEvent: 'connection' | 'secureConnection',
  webSocket: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isWebSocket(request)) webSocket(request, socket, head);
    else serveAsPlain(server, connectionEvent, request, socket, head);
  });
}
