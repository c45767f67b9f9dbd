/**
 * The embedded Snowflake's HTTP server: which call goes where, and who may make it.
 *
 * Every call but the login and the chunks needs a token; a chunk's address is itself a secret that was only told
 * to the query's client. Listens on the host it is given, by default the loopback, over plain HTTP.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { answerControl, type ControlParts } from './control.ts';
import type { FaultHit } from './faults.ts';
import {
  asText,
  type Envelope,
  HttpError,
  type Json,
  readJson,
  refused,
  sendGzip,
  sendHalf,
  sendJson,
  succeeded,
} from './http.ts';
import { type LoginParts, login, logout, renew } from './logins.ts';
import { abortById, abortByRequest, fetchResult, type QueryParts, queryStatus, runQuery } from './query-calls.ts';
import { encodeChunk } from './results.ts';

export interface ServerParts extends LoginParts, QueryParts, ControlParts {}

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
  const url = addressOf(request);
  if (url.pathname.startsWith('/embedded/')) return answerControl(parts, request, response, url.pathname);
  const body = request.method === 'POST' ? await readJson(request) : {};
  const hit = parts.faults.take({ path: url.pathname, sqlText: sqlTextOf(parts, url, body) });
  if (hit !== undefined && !(await suffer(hit, parts, request))) return;
  const [, first, second, third] = url.pathname.split('/');
  if (request.method === 'GET' && first === 'chunks') return sendChunk(parts, response, second, third, hit);
  const envelope = await call(parts, request, url, body);
  if (envelope === undefined) throw new HttpError(404, 'no such call');
  if (hit?.fault === 'half-answer') sendHalf(response, envelope);
  else sendJson(response, 200, envelope);
}

function addressOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://embedded');
  } catch {
    throw new HttpError(400, 'the address cannot be read');
  }
}

/** The statement a call is about, by its own body or by the id or chunk key in its path. */
function sqlTextOf(parts: ServerParts, url: URL, body: Json): string | undefined {
  const own = asText(body.sqlText);
  if (own !== '') return own;
  const [, first, second = '', third = ''] = url.pathname.split('/');
  if (first === 'chunks') return parts.store.byChunkKey(second)?.sqlText;
  return parts.store.byId(first === 'monitoring' ? third : second)?.sqlText;
}

/** What a fault does before the call is carried out; false when that was all. */
async function suffer(hit: FaultHit, parts: ServerParts, request: IncomingMessage): Promise<boolean> {
  switch (hit.fault) {
    case 'slow':
      await sleep(hit.delayMs, undefined, { ref: false });
      return true;
    case 'drop':
      request.socket.destroy();
      return false;
    case 'hang':
      return false;
    case 'http-503':
    case 'http-500':
      throw new HttpError(hit.fault === 'http-503' ? 503 : 500, 'a planned fault');
    case 'expired-token':
      parts.sessions.expire(tokenOf(request));
      return true;
    case 'gone-session': {
      const found = parts.sessions.find(tokenOf(request));
      if (found.kind === 'live') logout(parts, found.record);
      return true;
    }
    case 'half-answer':
    case 'bad-chunk':
      return true;
    default:
      return hit.fault satisfies never;
  }
}

/** The reply to a call of the protocol; undefined when there is no such call. */
async function call(parts: ServerParts, request: IncomingMessage, url: URL, body: Json): Promise<Envelope | undefined> {
  const path = `${request.method} ${url.pathname}`;
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
  hit: FaultHit | undefined,
): Promise<void> {
  const query = parts.store.byChunkKey(key ?? '');
  const result = query?.outcome.kind === 'stored' ? query.outcome.result : undefined;
  const body = result === undefined ? undefined : await encodeChunk(result, Number(index));
  if (body === undefined) throw new HttpError(404, 'no such chunk');
  sendGzip(response, hit?.fault === 'bad-chunk' ? gzipSync('["cut", in the mid') : body);
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
