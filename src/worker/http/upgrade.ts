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

interface UpgradeParts {
  /** By which this kind of server hears of a connection it can read. */
  readonly connectionEvent: 'connection' | 'secureConnection';
  /** A request that came before on the connection has no answer yet. */
  readonly isRunning: (socket: Duplex) => boolean;
  readonly refused: () => void;
  readonly webSocket: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export function handleUpgrades(server: Server, parts: UpgradeParts): void {
  const { connectionEvent, isRunning, refused, webSocket } = parts;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node tells at once, not when it is its turn: what is said now would get into the answer that is due before.
    if (isRunning(socket)) {
      refused();
      socket.destroy();
    } else if (isWebSocket(request)) webSocket(request, socket, head);
    else serveAsPlain(server, connectionEvent, request, socket, head);
  });
}
