/**
 * Hands a request to the worker that holds its session, over that worker's own socket, and its answer back, streaming.
 *
 * One hop at most. Hop-by-hop headers and internal ones from outside are not passed on; a client that goes away is told
 * to the owner by closing. How it ended is the caller's to judge: nothing is retried here.
 */
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { encodePrincipal, type Principal } from '../../shared/principal.ts';

/** On a worker's own socket, the first hop says who the caller is. Never read from outside. */
export const PRINCIPAL_HEADER = 'x-snowflake-mcp-principal';
/** Between daemons: proves that the first hop is one of them. */
export const SECRET_HEADER = 'x-snowflake-mcp-secret';
/** The answer of a worker that does not hold the session (any more). */
export const MOVED_HEADER = 'x-snowflake-mcp-moved';

export type ProxyEnd =
  /** The answer was passed on (or the client is gone). */
  | 'done'
  /** Nobody listens there: nothing was sent. */
  | 'unreachable'
  /** The worker says that it does not hold the session. */
  | 'moved'
  /** It broke off before the first byte of an answer: the call may have run. */
  | 'lost';

const NOT_PASSED_ON = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'authorization',
  PRINCIPAL_HEADER,
  SECRET_HEADER,
  MOVED_HEADER,
]);

export interface ProxyCall {
  /** A worker of this host, or another daemon. */
  readonly to: { readonly socketPath: string } | { readonly url: string };
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer | undefined;
  readonly principal: Principal;
  readonly requestId: string;
  /**
   * It must not be sent twice, so it gets a connection of its own: on one that was kept, nobody could tell whether it was
   * closed before or after the owner read it.
   */
  readonly isOnce: boolean;
  /** Aborts when the owner is known to be gone. */
  readonly ownerGone: AbortSignal;
}

function outgoingHeaders(call: ProxyCall): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(call.request.headers)) {
    if (value !== undefined && !NOT_PASSED_ON.has(name)) headers[name] = value;
  }
  headers[PRINCIPAL_HEADER] = encodePrincipal(call.principal);
  headers['x-request-id'] = call.requestId;
  if (call.body !== undefined) headers['content-length'] = String(call.body.length);
  return headers;
}

function passOn(answer: IncomingMessage, response: ServerResponse): void {
  response.statusCode = answer.statusCode ?? 502;
  for (const [name, value] of Object.entries(answer.headers)) {
    const isOurs = NOT_PASSED_ON.has(name) && name !== 'content-length';
    if (value !== undefined && !isOurs && !response.hasHeader(name)) response.setHeader(name, value);
  }
  if (String(answer.headers['content-type']).startsWith('text/event-stream')) response.flushHeaders();
  if (Number(answer.headers['content-length']) <= IN_ONE_WRITE) passWhole(answer, response);
  else answer.pipe(response);
}

/** Longest answer that is gathered, so that it leaves in one write. */
const IN_ONE_WRITE = 64 * 1024;

function passWhole(answer: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => parts.push(part));
  answer.once('end', () => response.end(parts.length === 1 ? parts[0] : Buffer.concat(parts)));
}

/** Idle connections between workers are closed by the caller, well before INTERNAL_KEEP_ALIVE_MS at the owner. */
const AGENT_IDLE_MS = 20_000;
export const INTERNAL_KEEP_ALIVE_MS = 60_000;

const KEPT = { keepAlive: true, maxFreeSockets: 64, timeout: AGENT_IDLE_MS };
/** Errors of a call that never left. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

export class OwnerProxy {
  readonly #agent = new Agent(KEPT);
  readonly #tlsAgent = new TlsAgent(KEPT);
  readonly #secret: string | undefined;

  /** @param secret what other daemons are told; undefined when there are none */
  constructor(secret?: string) {
    this.#secret = secret;
  }

  send(call: ProxyCall): Promise<ProxyEnd> {
    const { response, body } = call;
    return new Promise((resolve) => {
      const upstream = this.#open(call);
      const clientGone = () => upstream.destroy();
      const ownerGone = () => upstream.destroy(new Error('the owner is gone'));
      const settle = (end: ProxyEnd) => {
        response.off('close', clientGone);
        call.ownerGone.removeEventListener('abort', ownerGone);
        resolve(end);
      };
      response.once('close', clientGone);
      call.ownerGone.addEventListener('abort', ownerGone, { once: true });
      upstream.setTimeout(0);
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        if (response.destroyed || response.writableEnded) return settle('done');
        if (response.headersSent) {
          response.destroy();
          return settle('done');
        }
        settle(NOT_SENT.has(error.code ?? '') ? 'unreachable' : 'lost');
      });
      upstream.on('response', (answer) => {
        if (answer.headers[MOVED_HEADER] !== undefined) {
          answer.resume();
          return settle('moved');
        }
        answer.on('error', () => response.destroy());
        answer.once('close', () => {
          if (!answer.complete) response.destroy();
          settle('done');
        });
        passOn(answer, response);
      });
      upstream.end(body);
    });
  }

  #open(call: ProxyCall): ClientRequest {
    const options = { method: call.request.method, headers: outgoingHeaders(call) };
    const agent = call.isOnce ? false : this.#agent;
    if ('socketPath' in call.to) {
      return httpRequest({ ...options, path: '/mcp', agent, socketPath: call.to.socketPath });
    }
    const { host: _asked, ...headers } = options.headers;
    const told = { ...headers, [SECRET_HEADER]: this.#secret ?? '' };
    const url = new URL('/mcp', call.to.url);
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, headers: told, agent: agent && this.#tlsAgent })
      : httpRequest(url, { ...options, headers: told, agent });
  }

  close(): void {
    this.#tlsAgent.destroy();
    this.#agent.destroy();
  }
}
