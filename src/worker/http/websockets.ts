/**
 * MCP over WebSocket on GET /mcp: who may connect, and all connections of this worker.
 *
 * Path, Host, Origin, key, subprotocol and number are checked before the upgrade, so that a refusal is a plain HTTP
 * answer. Requests to upgrade to anything else, which some clients add to every request, are served as if they had not
 * asked.
 */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../shared/clock.ts';
import { createErrorNotes, type ErrorNotes } from '../../shared/error-notes.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { ANONYMOUS, type Principal } from '../../shared/principal.ts';
import { asInitialize, clientName, negotiatedVersion } from '../mcp/era-2025/message.ts';
import type { RequestEnd } from '../mcp/era-2025/wire-transport.ts';
import type { SessionRow } from './api-views.ts';
import { shortId } from './cluster-report.ts';
import { replyError } from './error-reply.ts';
import type { Guard } from './guard.ts';
import { isMcp, requestIdOf } from './request-facts.ts';
import type { Standing } from './standing.ts';
import type { UnreadBudget } from './unread.ts';
import { WebSocketSession, type WebSocketSessionParts } from './websocket-session.ts';

export interface WebSocketsOptions {
  readonly guard: Guard;
  /** @throws AppError UNAUTHENTICATED, BAD_REQUEST */
  readonly authenticate: (request: IncomingMessage) => Promise<Principal>;
  readonly standing: Pick<Standing, 'hold'>;
  readonly unread: Pick<UnreadBudget, 'add'>;
  readonly makeServer: WebSocketSessionParts['makeServer'];
  readonly admit: WebSocketSessionParts['admit'];
  readonly isClosing: () => boolean;
  readonly maxConnections: number;
  /** Of one principal, in this worker. */
  readonly maxPerPrincipal: number;
  readonly maxMessageBytes: number;
  readonly maxBacklogBytes: number;
  readonly pingMs: number;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is known of a connection, for operators. */
interface About {
  readonly sessionId: string;
  readonly principal: string;
  readonly createdAtMs: number;
  client: string;
  protocol: string;
  requests: number;
  lastAtMs: number;
}

const SUBPROTOCOL = 'mcp';
const STATUS = { answered: '200', failed: '400', cancelled: '499' } as const;

export class WebSockets {
  readonly #options: WebSocketsOptions;
  readonly #noteError: ErrorNotes;
  readonly #server: WebSocketServer;
  readonly #sessions = new Map<WebSocketSession, About>();
  /** Connections that are being checked. */
  #entering = 0;
  #requests = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WebSocketsOptions) {
    this.#options = options;
    this.#noteError = createErrorNotes('websocket', options);
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const session of this.#sessions.keys()) session.ping();
    }, this.#options.pingMs).unref();
  }

  connections(): number {
    return this.#sessions.size;
  }

  /** @param worker number of this worker */
  sessions(worker: number): readonly SessionRow[] {
    return [...this.#sessions.values()].map(({ sessionId, createdAtMs, lastAtMs, ...rest }) => ({
      ...rest,
      session_id: shortId(sessionId),
      transport: 'websocket' as const,
      created_at: new Date(createdAtMs).toISOString(),
      last_activity: new Date(lastAtMs).toISOString(),
      worker,
    }));
  }

  /** Requests that run now. */
  inflight(): number {
    return [...this.#sessions.keys()].reduce((total, session) => total + session.busy(), 0);
  }

  /** Requests since the start. */
  requests(): number {
    return this.#requests;
  }

  /** Every connection closes with 1012 when its calls have ended. */
  drain(): void {
    for (const session of [...this.#sessions.keys()]) session.drain();
  }

  /** At once. */
  close(): void {
    clearInterval(this.#timer);
    for (const session of [...this.#sessions.keys()]) session.terminate();
  }

  /** Answers a request to upgrade to WebSocket; never throws. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = requestIdOf(request);
    const onError = () => socket.destroy();
    socket.on('error', onError);
    this.#entering++;
    try {
      const principal = await this.#check(request);
      if (socket.destroyed) return;
      this.#refuseTooMany(principal);
      socket.off('error', onError);
      const sessionId = `ws-${randomBytes(12).toString('hex')}`;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        const about = this.#about(sessionId, principal);
        const session = new WebSocketSession(webSocket, { sessionId, requestId, principal }, this.#parts(about));
        this.#sessions.set(session, about);
        const letGo = this.#options.standing.hold(principal, () => session.expel('the key is not good any more'));
        const isRead = this.#options.unread.add(session);
        webSocket.once('close', (code) => {
          letGo();
          isRead();
          this.#sessions.delete(session);
          this.#options.log.debug('websocket.closed', 'a WebSocket was closed', { request_id: requestId, code });
        });
        session.open().catch((error: unknown) => {
          this.#options.log.error('websocket.failed', 'a session did not start', { request_id: requestId, error });
          session.terminate();
        });
      });
    } catch (thrown) {
      this.#refuse(request, socket, requestId, toAppError(thrown, 'websocket'));
    } finally {
      this.#entering--;
    }
  }

  async #check(request: IncomingMessage): Promise<Principal> {
    const { guard, authenticate, isClosing, maxConnections: max } = this.#options;
    if (!guard.allowsHost(request.headers.host)) throw new AppError('FORBIDDEN_HOST', { what: 'Host' });
    if (!guard.allowsOrigin(request.headers.origin)) throw new AppError('FORBIDDEN_HOST', { what: 'Origin' });
    if (!isMcp(request.url)) throw new AppError('NOT_FOUND', { path: (request.url ?? '').split('?')[0] ?? '' });
    if (request.method !== 'GET') {
      throw new AppError('METHOD_NOT_ALLOWED', { method: String(request.method), allowed: 'GET' });
    }
    const principal = await authenticate(request);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(SUBPROTOCOL)) {
      throw new AppError('BAD_REQUEST', { reason: `a WebSocket must offer the subprotocol ${SUBPROTOCOL}` });
    }
    if (isClosing()) throw new AppError('DRAINING', {});
    if (this.#sessions.size + this.#entering > max) {
      this.#options.recorder.count('mcp_connections_rejected_total', { reason: 'websocket_limit' });
      throw new AppError('TOO_MANY_WEBSOCKETS', { max });
    }
    return principal;
  }

  /** Each is a session of its principal. Callers without a name cannot be told apart. */
  #refuseTooMany({ id, limits }: Principal): void {
    if (id === ANONYMOUS.id) return;
    const { maxPerPrincipal } = this.#options;
    const max = Math.min(limits?.maxSessions ?? maxPerPrincipal, maxPerPrincipal);
    const own = [...this.#sessions.values()].filter(({ principal }) => principal === id);
    if (own.length >= max) throw new AppError('TOO_MANY_SESSIONS', { max, isOwn: true });
  }

  #refuse(request: IncomingMessage, socket: Duplex, requestId: string, error: AppError): void {
    if (error.code === 'INTERNAL') this.#options.log.error('websocket.failed', error.message, { error: error.cause });
    this.#noteError(error, { request_id: requestId });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
    response.setHeader('X-Request-Id', requestId);
    response.once('finish', () => socket.end());
    replyError(response, error, 'plain');
  }

  #about(sessionId: string, { id: principal }: Principal): About {
    const now = this.#options.clock.wall().getTime();
    return { sessionId, principal, createdAtMs: now, client: '', protocol: '', requests: 0, lastAtMs: now };
  }

  #parts(about: About): WebSocketSessionParts {
    const { makeServer, admit, maxBacklogBytes, clock, recorder } = this.#options;
    return {
      makeServer,
      maxBacklogBytes,
      now: () => clock.now(),
      admit: (principal, message) => {
        this.#requests++;
        about.requests++;
        about.lastAtMs = clock.wall().getTime();
        const initialize = asInitialize(message);
        if (initialize !== undefined) {
          about.client = clientName(initialize);
          about.protocol = negotiatedVersion(initialize);
        }
        return admit(principal, message);
      },
      ended: (end) => this.#record(end),
      refused: (error) => {
        this.#noteError(error, { session: about.sessionId.slice(0, 8), principal: about.principal });
        recorder.count('mcp_requests_total', { method: 'other', tool: '', status: String(error.http) });
      },
      cut: (reason) => recorder.count('mcp_connections_rejected_total', { reason }),
    };
  }

  /** Tool calls that were answered are recorded where they run, with their tool and outcome. */
  #record({ method, outcome, startedAt }: RequestEnd): void {
    if (method === 'tools/call') return;
    const { recorder, clock } = this.#options;
    recorder.count('mcp_requests_total', { method, tool: '', status: STATUS[outcome] });
    recorder.observe('mcp_request_duration_seconds', (clock.now() - startedAt) / 1000, { method, tool: '' });
  }
}
