/**
 * The server of one address of the service port, with the limits that hold before a request is understood: connections,
 * time to send headers and body, size and number of headers, time to read an answer. TLS where it is configured.
 *
 * Connections over the limit are closed here, not by node:net's `maxConnections`: a worker of node:cluster would hand them
 * back to the primary, which hands them out again without end when all workers are full.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { replyError } from './error-reply.ts';
import type { Front } from './front.ts';
import { TLS_MIN, type TlsFiles } from './tls-files.ts';
import { handleUpgrades } from './upgrade.ts';

export interface ClientServerParts {
  readonly settings: Config['server'];
  readonly front: Front;
  readonly tls: TlsFiles | undefined;
  readonly recorder: Pick<Recorder, 'count'>;
  /** Told of each answer that begins. */
  readonly countUnread: (response: ServerResponse) => void;
  /** Open connections of all addresses together. */
  readonly open: Set<Socket>;
  /** Told of each that is let in. */
  readonly onOpened: () => void;
}

type Reason = 'limit' | 'timeout' | 'headers' | 'malformed' | 'slow_reader' | 'tls';

const CHECK_MIN_MS = 100;
const CHECK_MAX_MS = 5000;
/** A connection whose other end is silent is asked for a sign of life by the kernel. */
const KEEP_ALIVE_PROBE_MS = 30_000;

/** What the parser found, in the words of the error table; undefined for a client that just went away. */
function faultOf(
  code: string | undefined,
  settings: Config['server'],
): { reason: Reason; error: AppError } | undefined {
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { reason: 'timeout', error: new AppError('REQUEST_TIMEOUT', { ms: settings.request_timeout }) };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { reason: 'headers', error: new AppError('HEADERS_TOO_LARGE', { maxBytes: settings.max_header_size }) };
  }
  return { reason: 'malformed', error: new AppError('BAD_REQUEST', { reason: 'this is not HTTP/1.1' }) };
}

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Before there is a request there is no response object to answer with. */
function endWith(socket: Socket, error: AppError): void {
  const { code, message, next } = error.toBody();
  const body = JSON.stringify({ error: { code, message, next } });
  const head = [
    `HTTP/1.1 ${error.http} ${REASON_PHRASES[error.http] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

export function createClientServer(parts: ClientServerParts): Server {
  const { settings, front, tls, recorder, countUnread, open, onOpened } = parts;
  const reject = (reason: Reason) => recorder.count('mcp_connections_rejected_total', { reason });
  /** Connections on which a request has been read, and how many run on each. */
  const answered = new WeakSet<Socket>();
  const running = new WeakMap<object, number>();
  const isRunning = (socket: object) => (running.get(socket) ?? 0) > 0;

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    answered.add(socket);
    running.set(socket, (running.get(socket) ?? 0) + 1);
    response.once('close', () => running.set(socket, (running.get(socket) ?? 1) - 1));
    countUnread(response);
    if (!settings.keep_alive) response.setHeader('Connection', 'close');
    if (request.rawHeaders.length / 2 > settings.max_headers) {
      reject('headers');
      response.setHeader('Connection', 'close');
      return replyError(response, new AppError('TOO_MANY_HEADERS', { max: settings.max_headers }), 'plain');
    }
    front.shared(request, response);
  };

  const shortest = Math.min(settings.headers_timeout, settings.request_timeout) / 2;
  const limits = {
    headersTimeout: settings.headers_timeout,
    requestTimeout: settings.request_timeout,
    connectionsCheckingInterval: Math.min(CHECK_MAX_MS, Math.max(CHECK_MIN_MS, shortest)),
    keepAliveTimeout: settings.keep_alive_timeout,
    maxHeaderSize: settings.max_header_size,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
  };
  const server =
    tls === undefined
      ? createServer(limits, serve)
      : createTlsServer(
          { ...limits, ...tls.current(), minVersion: TLS_MIN, handshakeTimeout: settings.headers_timeout },
          serve,
        );
  server.maxRequestsPerSocket = settings.max_requests_per_connection;
  // One more than may be, so that too many are seen.
  server.maxHeadersCount = settings.max_headers + 1;

  server.on('connection', (socket: Socket) => {
    if (open.has(socket)) return;
    if (open.size >= settings.max_connections) {
      reject('limit');
      socket.destroy();
      return;
    }
    open.add(socket);
    onOpened();
    socket.once('close', () => open.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const fault = faultOf(error.code, settings);
    if (fault !== undefined) reject(fault.reason);
    // After an answer has begun, another one would be taken for its end.
    if (fault === undefined || !socket.writable || answered.has(socket)) socket.destroy();
    else endWith(socket, fault.error);
  });
  // Told when nothing went in or out for that long, bytes that wait for the client counted as standing still.
  server.setTimeout(settings.stall_timeout, (socket: Socket) => {
    if (isRunning(socket) && socket.writableLength === 0) return;
    if (isRunning(socket)) reject('slow_reader');
    socket.destroy();
  });
  if (tls !== undefined) {
    const secure = server as TlsServer;
    const stop = tls.onChange((files) => secure.setSecureContext({ ...files, minVersion: TLS_MIN }));
    server.once('close', stop);
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') reject('tls');
    });
  }
  handleUpgrades(server, {
    connectionEvent: tls === undefined ? 'connection' : 'secureConnection',
    isRunning,
    refused: () => reject('malformed'),
    webSocket: front.upgrade,
  });
  return server;
}
