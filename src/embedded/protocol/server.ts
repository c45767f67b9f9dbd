/**
 * The embedded Snowflake's HTTP server: which call goes where, and who may make it.
 *
 * Every call but the login and the chunks needs a token; a chunk's address is itself a secret that was only told
 * to the query's client. Listens on the host it is given, by default the loopback, over plain HTTP.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSame } from './auth.ts';
import { type Envelope, HttpError, readJson, refused, sendGzip, sendJson, succeeded } from './http.ts';
import { type LoginParts, login, logout, renew } from './logins.ts';
import { abortById, abortByRequest, fetchResult, type QueryParts, queryStatus, runQuery } from './query-calls.ts';
import { encodeChunk } from './results.ts';

export interface ServerParts extends LoginParts, QueryParts {
  readonly controlToken: string | undefined;
}

export interface ProtocolServer {
  readonly port: number;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** Longer than the driver keeps an idle connection, so that it never sends on one that is being closed. */
const KEEP_ALIVE_MS = 600_000;

export async function listen(parts: ServerParts, host: string, port: number): Promise<ProtocolServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer(parts, request, response).catch((error: unknown) => answerFailure(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function answer(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://embedded');
  const [, first, second, third] = url.pathname.split('/');
  if (request.method === 'GET' && first === 'chunks') return sendChunk(parts, response, second, third);
  if (request.method === 'GET' && url.pathname === '/embedded/queries') return sendLog(parts, request, response);
  const envelope = await call(parts, request, url);
  if (envelope === undefined) throw new HttpError(404, 'no such call');
  sendJson(response, 200, envelope);
}

/** The reply to a call of the protocol; undefined when there is no such call. */
async function call(parts: ServerParts, request: IncomingMessage, url: URL): Promise<Envelope | undefined> {
  const path = `${request.method} ${url.pathname}`;
  const body = request.method === 'POST' ? await readJson(request) : {};
  if (path === 'POST /session/v1/login-request') return login(parts, body, url.searchParams);
  if (path === 'POST /session/token-request') return renew(parts, tokenOf(request), body);

  const found = parts.sessions.find(tokenOf(request));
  if (found.kind === 'expired') return refused('390112', 'Your session has expired. Please login again.');
  if (found.kind === 'unknown') return refused('390104', 'The session token is invalid. Please login again.');
  const { record } = found;
  switch (path) {
    case 'POST /session':
      return url.searchParams.get('delete') === 'true' ? logout(parts, record) : undefined;
    case 'POST /session/heartbeat':
    case 'POST /telemetry/send':
      return succeeded(null);
    case 'POST /queries/v1/query-request':
      return runQuery(parts, record, url.searchParams.get('requestId') ?? '', body, baseUrl(request));
    case 'POST /queries/v1/abort-request':
      return abortByRequest(parts, record, body);
    default:
      return callOfQuery(parts, request, path);
  }
}

async function callOfQuery(parts: ServerParts, request: IncomingMessage, path: string): Promise<Envelope | undefined> {
  const result = /^GET \/queries\/([\w-]+)\/result$/.exec(path);
  if (result?.[1] !== undefined) return fetchResult(parts, result[1], baseUrl(request));
  const abort = /^POST \/queries\/([\w-]+)\/abort-request$/.exec(path);
  if (abort?.[1] !== undefined) return abortById(parts, abort[1]);
  const status = /^GET \/monitoring\/queries\/([\w-]+)$/.exec(path);
  if (status?.[1] !== undefined) return queryStatus(parts, status[1]);
  return undefined;
}

function tokenOf(request: IncomingMessage): string {
  return /^Snowflake Token="([^"]*)"$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** The client's own way here, so that chunks take it too when something stands between. */
function baseUrl(request: IncomingMessage): string {
  const { host } = request.headers;
  const isPlain = host !== undefined && /^[\w.:[\]-]+$/.test(host);
  return `http://${isPlain ? host : `${request.socket.localAddress}:${request.socket.localPort}`}`;
}

async function sendChunk(
  parts: ServerParts,
  response: ServerResponse,
  key: string | undefined,
  index: string | undefined,
): Promise<void> {
  const result = parts.store.byChunkKey(key ?? '');
  const body = result === undefined ? undefined : await encodeChunk(result, Number(index));
  if (body === undefined) throw new HttpError(404, 'no such chunk');
  sendGzip(response, body);
}

async function sendLog(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!isSame(given, parts.controlToken)) throw new HttpError(403, 'the control token is missing or wrong');
  sendJson(response, 200, { queries: parts.store.log() });
}

function answerFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (error instanceof HttpError) {
    response.setHeader('connection', 'close');
    sendJson(response, error.status, refused(String(error.status), error.message));
    return;
  }
  sendJson(response, 200, refused('000603', 'SQL execution internal error: the embedded engine failed.'));
}
