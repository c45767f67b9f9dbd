/**
 * The primary's own HTTP port: the routes of ops-routes.ts.
 *
 * Everything is answered from what is known already; only the page waits for a worker, and never long. Reading only, so no
 * body is ever looked at. The Host header must name this machine as it is configured: a web page of somebody else cannot read the
 * answers by pointing its own name at a loopback address. On an address that other machines reach, metrics.token is asked
 * for when there is one.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { isBearer } from '../shared/bearer.ts';
import type { DaemonStatus } from '../shared/control-api.ts';
import { AppError } from '../shared/errors.ts';
import { createHostRule, isLoopback } from '../shared/host-rule.ts';
import type { Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import { opsDocument } from './ops-document.ts';
import { OPS_ROUTES, type OpsRouteName, opsRouteAt } from './ops-routes.ts';
import type { StatusPage } from './page/status-page.ts';

const KEY = 'metrics.port';
const REQUEST_WAIT_MS = 5000;
/** How often another free port is tried when the one of IPv4 is taken on IPv6. */
const FREE_PORT_TRIES = 10;

export interface OpsViews {
  metrics(): string;
  status(): DaemonStatus;
  isLive(): boolean;
  isReady(): boolean;
  readonly page: StatusPage;
}

export interface OpsAddress {
  /** `localhost` is 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Further names accepted in the Host header. */
  readonly allowedHosts?: readonly string[];
  readonly maxConnections: number;
  /** What callers of an address that others can reach must show, the probes apart; undefined asks for nothing. */
  readonly token?: () => string | undefined;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @returns the address for people and for workers on this machine
 * @throws AppError PORT_IN_USE, PORT_FORBIDDEN
 */
export async function startOpsHttp(
  address: OpsAddress,
  views: OpsViews,
  { log, metrics }: { log: Log; metrics: Pick<Recorder, 'count' | 'set'> },
): Promise<{ url: string; close(): Promise<void> }> {
  const crowd = createCrowd(address.maxConnections, metrics);
  const isAllowed = createHostRule({ host: address.host, allowedHosts: address.allowedHosts ?? [] }).allows;
  const tokenOf = () => (isLoopback(address.host) ? undefined : address.token?.());
  const onRequest: RequestListener = (request, response) => {
    request.resume();
    const fail = (error: unknown) => {
      const known = error instanceof AppError ? error : new AppError('INTERNAL', { where: 'the operations port' });
      if (known.code === 'INTERNAL') log.error('ops.failed', known.message, { reason: String(error) });
      if (response.headersSent) return response.destroy();
      if (known.code === 'METHOD_NOT_ALLOWED') response.setHeader('allow', 'GET, HEAD');
      if (known.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer');
      if (known.code === 'PAGE_FULL' || known.code === 'OPS_BUSY') response.setHeader('retry-after', '10');
      if (known.code === 'OPS_BUSY') response.setHeader('connection', 'close');
      const { code, message, next } = known.toBody();
      reply(request, response, json(known.http, { error: { code, message, next } }));
    };
    try {
      const name = routeOf(request, { isAllowed, token: tokenOf() });
      if (!PROBES.includes(name)) crowd.admit();
      answer(name, request, response, views).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  const { servers, port } = await listenOn(address, onRequest, crowd);
  for (const server of servers) {
    server.on('error', (error) => log.warn('ops.error', 'the operations port failed', { reason: error.message }));
  }
  let closing: Promise<void> | undefined;
  return {
    url: `http://${reachableHost(address.host)}:${port}`,
    close: () => {
      closing ??= Promise.all(servers.map(closeServer)).then(() => {});
      return closing;
    },
  };
}

const ANSWERS: Readonly<Record<OpsRouteName, (views: OpsViews) => Answer | Promise<Answer>>> = {
  metrics: (views) => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: views.metrics() }),
  live: (views) => probe(views.isLive()),
  ready: (views) => probe(views.isReady()),
  status: (views) => json(200, views.status()),
  openApi: (views) => json(200, opsDocument(views.status().version)),
  page: fileOfPage('page'),
  script: fileOfPage('script'),
  style: fileOfPage('style'),
  icon: fileOfPage('icon'),
  /** To HEAD; who says GET listens. */
  events: () => ({ status: 200, type: 'text/event-stream; charset=utf-8', body: '' }),
};

function fileOfPage(name: OpsRouteName) {
  return async ({ page }: OpsViews): Promise<Answer> => ({ status: 200, ...(await page.file(OPS_ROUTES[name].path)) });
}

/** Supervisors and load balancers are answered however many others ask. */
const PROBES: readonly OpsRouteName[] = ['live', 'ready'];

/** Counts the connections of all listeners together. */
function createCrowd(max: number, metrics: Pick<Recorder, 'count' | 'set'>) {
  let open = 0;
  const count = (by: number) => {
    open += by;
    metrics.set('supervisor_connections', open);
  };
  return {
    /** @throws AppError OPS_BUSY */
    admit() {
      if (open <= max) return;
      metrics.count('supervisor_connections_rejected_total', { reason: 'busy' });
      throw new AppError('OPS_BUSY', { max });
    },
    watch(server: Server) {
      server.maxConnections = max * 2;
      server.on('drop', () => metrics.count('supervisor_connections_rejected_total', { reason: 'closed' }));
      server.on('connection', (socket) => {
        count(1);
        socket.once('close', () => count(-1));
      });
    },
  };
}

type Crowd = ReturnType<typeof createCrowd>;

interface Rules {
  readonly isAllowed: (host: string | undefined) => boolean;
  readonly token: string | undefined;
}

/** @throws AppError FORBIDDEN_HOST, UNAUTHENTICATED, NOT_FOUND, METHOD_NOT_ALLOWED */
function routeOf(request: IncomingMessage, { isAllowed, token }: Rules): OpsRouteName {
  // HTTP/1.0 probes of load balancers have no Host, browsers always send one.
  const { host } = request.headers;
  if (host !== undefined && !isAllowed(host)) throw new AppError('FORBIDDEN_HOST', { what: 'Host' });
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const name = opsRouteAt(path);
  const isOpen = name !== undefined && OPS_ROUTES[name].access === 'open';
  if (token !== undefined && !isOpen && !isBearer(request.headers.authorization, token)) {
    throw new AppError('UNAUTHENTICATED', { reason: 'metrics.token was not sent' });
  }
  if (name === undefined) throw new AppError('NOT_FOUND', { path: path.slice(0, 200) });
  const method = request.method ?? '';
  if (method !== 'GET' && method !== 'HEAD') {
    throw new AppError('METHOD_NOT_ALLOWED', { method: method.slice(0, 20), allowed: 'GET, HEAD' });
  }
  return name;
}

async function answer(name: OpsRouteName, request: IncomingMessage, response: ServerResponse, views: OpsViews) {
  if (name === 'events' && request.method === 'GET') views.page.listen(request, response);
  else reply(request, response, await ANSWERS[name](views));
}

function probe(isGood: boolean): Answer {
  return json(isGood ? 200 : 503, { status: isGood ? 'ok' : 'unavailable' });
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...answer.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

async function listenOn(
  { host, port }: OpsAddress,
  onRequest: RequestListener,
  crowd: Crowd,
): Promise<{ servers: readonly Server[]; port: number }> {
  if (host !== 'localhost') {
    const server = await listen(host, port, onRequest, crowd);
    return { servers: [server], port: portOf(server) };
  }
  for (let tries = 1; ; tries += 1) {
    const first = await listen('127.0.0.1', port, onRequest, crowd);
    try {
      return { servers: [first, await listen('::1', portOf(first), onRequest, crowd)], port: portOf(first) };
    } catch (error) {
      // A machine without IPv6 serves 127.0.0.1 alone, and so does one whose free ports do not match.
      const isTaken = error instanceof AppError && error.code === 'PORT_IN_USE';
      if (!isTaken || (port === 0 && tries >= FREE_PORT_TRIES)) return { servers: [first], port: portOf(first) };
      await closeServer(first);
      if (port !== 0) throw error;
    }
  }
}

function listen(host: string, port: number, onRequest: RequestListener, crowd: Crowd): Promise<Server> {
  const server = createServer(
    { headersTimeout: REQUEST_WAIT_MS, requestTimeout: REQUEST_WAIT_MS, connectionsCheckingInterval: 1000 },
    onRequest,
  );
  crowd.watch(server);
  server.keepAliveTimeout = REQUEST_WAIT_MS;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindFault(host, port, error)));
    server.listen({ host, port, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve(server);
    });
  });
}

function bindFault(host: string, port: number, error: NodeJS.ErrnoException): AppError {
  if (error.code === 'EADDRINUSE') return new AppError('PORT_IN_USE', { host, port, key: KEY }, { cause: error });
  const reason = error.code ?? error.message;
  return new AppError('PORT_FORBIDDEN', { host, port, key: KEY, reason }, { cause: error });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function reachableHost(host: string): string {
  if (host === 'localhost' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
