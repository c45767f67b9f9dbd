/**
 * How an error leaves over HTTP: `{error:{code,message,next}}`, on /mcp inside a JSON-RPC error without id, as clients
 * of the protocol expect it. Nothing else of an error leaves the process.
 */
import type { ServerResponse } from 'node:http';
import type { AppError } from '../../shared/errors.ts';
import { redactText } from '../../shared/redact.ts';

const RPC_CODES: Partial<Record<AppError['code'], number>> = {
  SESSION_NOT_FOUND: -32001,
  BAD_REQUEST: -32600,
  BODY_TOO_LARGE: -32600,
  NOT_JSON: -32700,
};
const RPC_OTHER = -32000;
const RETRY_AFTER_SECONDS = '1';
const RETRY_AFTER_LONG: Partial<Record<AppError['code'], string>> = {
  TOO_MANY_SESSIONS: '30',
  MAINTENANCE: '30',
  TOO_MANY_WEBSOCKETS: '30',
};

/** RFC 6750: what the client has to send, or which scope is missing. */
function challengeOf({ code, details }: AppError): string | undefined {
  if (code === 'UNAUTHENTICATED') return (details as AppError<'UNAUTHENTICATED'>['details']).challenge ?? 'Bearer';
  if (code !== 'INSUFFICIENT_SCOPE') return undefined;
  const { scope, challenge } = details as AppError<'INSUFFICIENT_SCOPE'>['details'];
  return challenge ?? `Bearer error="insufficient_scope", scope="${scope}"`;
}

/** The error as the JSON-RPC answer to the request `id`; null where nobody knows it. */
export function rpcError(error: AppError, id: string | number | null) {
  const { code, message, next } = error.toBody();
  const data = { code, message: redactText(message), next };
  return { jsonrpc: '2.0', id, error: { code: RPC_CODES[code] ?? RPC_OTHER, message: data.message, data } };
}

function setRateHeaders(response: ServerResponse, details: AppError<'RATE_LIMITED'>['details']): void {
  const seconds = String(Math.max(1, Math.ceil(details.retryAfterMs / 1000)));
  response.setHeader('Retry-After', seconds);
  response.setHeader('RateLimit-Limit', String(details.perMinute));
  response.setHeader('RateLimit-Remaining', '0');
  response.setHeader('RateLimit-Reset', seconds);
}

/** @param form `rpc` on /mcp, `plain` elsewhere */
export function replyError(response: ServerResponse, error: AppError, form: 'plain' | 'rpc'): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { code, message, next, retry } = error.toBody();
  const body = { code, message: redactText(message), next };
  const payload = form === 'plain' ? { error: body } : rpcError(error, null);
  const text = JSON.stringify(payload);
  if (retry && (error.http === 429 || error.http === 503)) {
    response.setHeader('Retry-After', RETRY_AFTER_LONG[code] ?? RETRY_AFTER_SECONDS);
  }
  if (code === 'RATE_LIMITED') setRateHeaders(response, error.details as AppError<'RATE_LIMITED'>['details']);
  const challenge = challengeOf(error);
  if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
  if (code === 'METHOD_NOT_ALLOWED') {
    response.setHeader('Allow', (error as AppError<'METHOD_NOT_ALLOWED'>).details.allowed);
  }
  // The rest of the body may still be on its way.
  if (error.http === 413 || code === 'BODIES_FULL') response.setHeader('Connection', 'close');
  response.writeHead(error.http, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
