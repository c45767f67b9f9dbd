/**
 * The first thing that sees a request: request id, security headers, Host and Origin, CORS, who the caller is. Then
 * /mcp takes the short way and everything else goes to express.
 *
 * On the worker's own socket (a directory nobody else may enter) Host and keys are not asked for: the first hop did.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import cors from 'cors';
import helmet from 'helmet';
import { AppError, toAppError } from '../../shared/errors.ts';
import { isLoopback } from '../../shared/host-rule.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { ANONYMOUS, type ApiKeys } from './api-keys.ts';
import { replyError } from './error-reply.ts';
import type { Guard } from './guard.ts';
import type { McpEndpoint } from './mcp-endpoint.ts';
import { PRINCIPAL_HEADER } from './proxy.ts';

export interface FrontOptions {
  readonly guard: Guard;
  readonly keys: ApiKeys;
  readonly mcp: McpEndpoint;
  readonly ops: RequestListener;
  readonly log: Log;
  readonly recorder: Recorder;
  /** From the start of a drain on, every answer ends its connection. */
  isClosing(): boolean;
}

export interface Front {
  /** For the service port. */
  readonly shared: RequestListener;
  /** For this worker's own socket. */
  readonly internal: RequestListener;
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

const CORS_HEADERS = [
  'Content-Type',
  'Accept',
  'Authorization',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Last-Event-ID',
];
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/** A caller on this machine itself, not one that a proxy or a page speaks for. */
export function isPlainLoopback(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress;
  const isLocal = address === undefined || isLoopback(address);
  return isLocal && request.headers.origin === undefined && !FORWARDED.some((name) => name in request.headers);
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}

const isMcp = (url: string | undefined) => url === '/mcp' || url?.startsWith('/mcp?') === true;

export function createFront(options: FrontOptions): Front {
  const { guard, keys, mcp, ops } = options;
  const secure: Middleware = helmet();
  const crossOrigin: Middleware = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && guard.allowsOrigin(origin)),
    allowedHeaders: CORS_HEADERS,
    exposedHeaders: ['Mcp-Session-Id', 'X-Request-Id', 'Retry-After'],
    methods: ['GET', 'POST', 'DELETE'],
    maxAge: 600,
  });

  const fail = (request: IncomingMessage, response: ServerResponse, thrown: unknown) => {
    const error = toAppError(thrown, 'http');
    if (error.code === 'INTERNAL') options.log.error('http.failed', error.message, { error: error.cause });
    if (isMcp(request.url)) {
      const labels = { method: 'other', tool: '', status: String(error.http) };
      options.recorder.count('mcp_requests_total', labels);
      options.recorder.count('mcp_errors_total', { error_type: error.code, component: 'http' });
    }
    replyError(response, error, isMcp(request.url) ? 'rpc' : 'plain');
  };

  const enter = (request: IncomingMessage, response: ServerResponse, principal: () => string) => {
    const requestId = requestIdOf(request);
    response.setHeader('X-Request-Id', requestId);
    if (options.isClosing()) response.setHeader('Connection', 'close');
    try {
      if (!isMcp(request.url)) {
        ops(request, response);
        return;
      }
      const origin = { requestId, principal: principal(), isInternal: request.headers[PRINCIPAL_HEADER] !== undefined };
      mcp.handle(request, response, origin).catch((error: unknown) => fail(request, response, error));
    } catch (error) {
      fail(request, response, error);
    }
  };

  return {
    shared: (request, response) => {
      delete request.headers[PRINCIPAL_HEADER];
      secure(request, response, () => {
        if (!guard.allowsHost(request.headers.host)) {
          return fail(request, response, new AppError('FORBIDDEN_HOST', { what: 'Host' }));
        }
        if (!guard.allowsOrigin(request.headers.origin)) {
          return fail(request, response, new AppError('FORBIDDEN_HOST', { what: 'Origin' }));
        }
        crossOrigin(request, response, () =>
          enter(request, response, () => {
            const principal = keys.principalOf(request);
            if (principal === undefined) throw new AppError('UNAUTHENTICATED', {});
            return principal;
          }),
        );
      });
    },
    internal: (request, response) =>
      enter(request, response, () => String(request.headers[PRINCIPAL_HEADER] ?? ANONYMOUS)),
  };
}
