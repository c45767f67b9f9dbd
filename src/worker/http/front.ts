/**
 * The first thing that sees a request: request id, security headers, Host and Origin, CORS, who the caller is. Then
 * /mcp takes the short way and everything else goes to express.
 *
 * On the worker's own socket (a directory nobody else may enter) Host and keys are not asked for: the first hop did.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import cors from 'cors';
import helmet from 'helmet';
import type { Clock } from '../../shared/clock.ts';
import { createErrorNotes } from '../../shared/error-notes.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { decodePrincipal, OPERATOR, type Principal } from '../../shared/principal.ts';
import type { Access } from './access.ts';
import { refuseCredentialsInAddress } from './authenticator.ts';
import { replyError } from './error-reply.ts';
import type { FellowDaemons } from './fellow-daemon.ts';
import type { Guard } from './guard.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import type { RequestOrigin } from './mcp-exchange.ts';
import { PRINCIPAL_HEADER, SECRET_HEADER } from './proxy.ts';
import { isMcp, requestIdOf } from './request-facts.ts';
import type { Standing } from './standing.ts';
import type { WebSockets } from './websockets.ts';

export interface FrontOptions {
  readonly guard: Guard;
  readonly access: Access;
  readonly standing: Pick<Standing, 'hold'>;
  /** That carries an API key. */
  readonly keyHeader: string;
  readonly fellows: FellowDaemons;
  readonly mcp: McpEndpoint;
  readonly webSockets: WebSockets;
  readonly ops: RequestListener;
  /** As `ops`, on this worker's own socket. */
  readonly ownOps: RequestListener;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** From the start of a drain on, every answer ends its connection. */
  isClosing(): boolean;
}

export interface Front {
  /** For the service port. */
  readonly shared: RequestListener;
  /** For this worker's own socket. */
  readonly internal: RequestListener;
  /** For requests on the service port to speak WebSocket. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

const CORS_HEADERS = [
  'Content-Type',
  'Accept',
  'Authorization',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Last-Event-ID',
];

const CLIENT = { isInternal: false, isRemote: false };

export function createFront(options: FrontOptions): Front {
  const { guard, access, standing, mcp, ops, ownOps } = options;
  const noteError = createErrorNotes('http', options);
  const securityHeaders = headersSetBy(helmet());
  const crossOrigin: Middleware = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && guard.allowsOrigin(origin)),
    allowedHeaders: [...CORS_HEADERS, options.keyHeader],
    exposedHeaders: ['Mcp-Session-Id', 'X-Request-Id', 'Retry-After', 'WWW-Authenticate'],
    methods: ['GET', 'POST', 'DELETE'],
    maxAge: 600,
  });

  const fail = (request: IncomingMessage, response: ServerResponse, thrown: unknown) => {
    const error = toAppError(thrown, 'http');
    if (error.code === 'INTERNAL') options.log.error('http.failed', error.message, { error: error.cause });
    if (isMcp(request.url)) {
      const labels = { method: 'other', tool: '', status: String(error.http) };
      options.recorder.count('mcp_requests_total', labels);
      noteError(error, { request_id: String(response.getHeader('X-Request-Id')) });
    }
    replyError(response, error, isMcp(request.url) ? 'rpc' : 'plain');
  };

  const enter = async (
    request: IncomingMessage,
    response: ServerResponse,
    { isInternal, isRemote }: Pick<RequestOrigin, 'isInternal' | 'isRemote'>,
  ) => {
    const requestId = String(response.getHeader('X-Request-Id'));
    if (options.isClosing()) response.setHeader('Connection', 'close');
    try {
      if (isInternal) access.vouch(request, senderOf(request));
      else if (!isRemote) refuseCredentialsInAddress(request.url);
      if (!isMcp(request.url)) {
        (isInternal ? ownOps : ops)(request, response);
        return;
      }
      const principal = await access.clientOf(request);
      const isHandedOn = request.headers[PRINCIPAL_HEADER] !== undefined;
      const letGo = isInternal || isRemote ? () => {} : standing.hold(principal, () => response.destroy());
      await mcp.handle(request, response, { requestId, principal, isInternal: isHandedOn, isRemote }).finally(letGo);
    } catch (error) {
      fail(request, response, error);
    }
  };

  return {
    shared: (request, response) => {
      response.setHeader('X-Request-Id', requestIdOf(request));
      let fellow: Principal | undefined;
      try {
        fellow = options.fellows.admit(request);
      } catch (error) {
        return fail(request, response, error);
      }
      if (fellow !== undefined) {
        access.vouch(request, fellow);
        return void enter(request, response, { isInternal: false, isRemote: true });
      }
      for (const [name, value] of securityHeaders) response.setHeader(name, value);
      const { host, origin } = request.headers;
      if (!guard.allowsHost(host)) return fail(request, response, new AppError('FORBIDDEN_HOST', { what: 'Host' }));
      if (!guard.allowsOrigin(origin)) {
        return fail(request, response, new AppError('FORBIDDEN_HOST', { what: 'Origin' }));
      }
      // Only pages have an Origin, and only they are told what they may read.
      if (origin === undefined) void enter(request, response, CLIENT);
      else crossOrigin(request, response, () => void enter(request, response, CLIENT));
    },
    internal: (request, response) => {
      response.setHeader('X-Request-Id', requestIdOf(request));
      void enter(request, response, { isInternal: true, isRemote: false });
    },
    upgrade: (request, socket, head) => {
      delete request.headers[PRINCIPAL_HEADER];
      delete request.headers[SECRET_HEADER];
      void options.webSockets.upgrade(request, socket, head);
    },
  };
}

/** The headers that a middleware gives every answer, whatever the request. */
function headersSetBy(middleware: Middleware): readonly (readonly [string, string])[] {
  const headers: [string, string][] = [];
  const response = {
    setHeader: (name: string, value: unknown) => headers.push([name, String(value)]),
    removeHeader: () => {},
  };
  middleware({} as IncomingMessage, response as unknown as ServerResponse, () => {});
  return headers;
}

/** Who sent what came over the own socket: the caller that a fellow names, else the operator. */
function senderOf(request: IncomingMessage): Principal {
  const encoded = request.headers[PRINCIPAL_HEADER];
  if (encoded === undefined) return OPERATOR;
  const principal = decodePrincipal(String(encoded));
  if (principal === undefined) throw new AppError('BAD_REQUEST', { reason: 'the first hop names no caller' });
  return principal;
}
