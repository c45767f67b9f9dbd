/**
 * Every failure that a user, a client or a script can meet, in one table.
 *
 * Match on `code`. Details are facts (numbers with units, names of keys), never secrets or SQL text. `http` is the
 * status and the `status` label of mcp_requests_total; `retry` tells a client whether the same call may work later;
 * `next` is what to do, and `exit` is what a command line ends with.
 */
import { BACKUP_ERRORS } from './backup-errors.ts';
import { DAEMON_ERRORS } from './daemon-errors.ts';
import { entry } from './error-entry.ts';
import { QUERY_ERRORS } from './query-errors.ts';
import { SESSION_ERRORS } from './session-errors.ts';

export const ERRORS = {
  // Starting, owning and commanding the daemon
  ...DAEMON_ERRORS,

  // Backups and changes of the configuration
  ...BACKUP_ERRORS,

  // HTTP
  BAD_REQUEST: entry<{ reason: string; next?: string }>({
    http: 400,
    retry: false,
    next: 'Send a JSON-RPC 2.0 message as application/json. More: runbooks/bad-request.md',
    text: (d) => `Bad request: ${d.reason}`,
  }),
  NOT_JSON: entry<Record<never, never>>({
    http: 400,
    retry: false,
    next: 'Send one JSON-RPC 2.0 message in UTF-8. More: runbooks/bad-request.md',
    text: () => 'What was sent is not JSON',
  }),
  UNAUTHENTICATED: entry<{ reason: string; challenge?: string | undefined }>({
    http: 401,
    retry: false,
    next: 'Send `Authorization: Bearer KEY` or the configured API key header; `snowflake-mcp-daemon keys create` makes a key. More: runbooks/authentication-failure.md',
    text: (d) => `The caller is not known here: ${d.reason}`,
  }),
  INSUFFICIENT_SCOPE: entry<{ scope: string; challenge?: string | undefined }>({
    http: 403,
    retry: false,
    next: 'Use a key or token with that scope; `snowflake-mcp-daemon keys list` tells the scopes of each key. More: runbooks/authentication-failure.md',
    text: (d) => `This needs the scope ${d.scope}`,
  }),
  ISSUER_UNREACHABLE: entry<{ reason: string }>({
    http: 503,
    retry: true,
    next: 'Look whether auth.oauth_issuer (and auth.oauth_jwks_url) can be reached from this machine; API keys work meanwhile. More: runbooks/authentication-failure.md',
    text: (d) => `The keys of the token issuer cannot be fetched: ${d.reason}`,
  }),
  FORBIDDEN_HOST: entry<{ what: 'Host' | 'Origin' }>({
    http: 403,
    retry: false,
    next: 'Add it to server.allowed_hosts or server.allowed_origins if it is yours. More: runbooks/authentication-failure.md',
    text: (d) => `The ${d.what} header names a place that is not allowed`,
  }),
  NOT_FOUND: entry<{ path: string }>({
    http: 404,
    retry: false,
    next: 'MCP is served on /mcp; health on /health. More: runbooks/bad-request.md',
    text: (d) => `Nothing is served at ${d.path}`,
  }),
  EVENT_UNKNOWN: entry<Record<never, never>>({
    http: 400,
    retry: false,
    next: 'Send the call again if it is safe to run twice. More: runbooks/bad-request.md',
    text: () => 'Last-Event-ID names no event of this session, or one that is no longer kept',
  }),
  ANSWER_GONE: entry<{ reason: string }>({
    http: 410,
    retry: true,
    next: 'Send the call again if it is safe to run twice; state.event_bytes and state.event_ttl say what is kept. More: runbooks/bad-request.md',
    text: (d) => `The call has ended, but its answer is no longer kept (${d.reason})`,
  }),
  CALL_INTERRUPTED: entry<{ tries: number }>({
    http: 503,
    retry: true,
    next: 'Send the call again; if it submitted a statement, look for that first. More: runbooks/crash-loop.md',
    text: (d) =>
      d.tries > 1
        ? `The call was cut off by the end of a worker ${d.tries} times and is not run again`
        : 'The call was cut off by the end of a worker and is not run again by itself',
  }),
  METHOD_NOT_ALLOWED: entry<{ method: string; allowed: string }>({
    http: 405,
    retry: false,
    next: 'Use one of the allowed methods. More: runbooks/bad-request.md',
    text: (d) => `${d.method} is not allowed here (allowed: ${d.allowed})`,
  }),
  GONE_SSE: entry<Record<never, never>>({
    http: 410,
    retry: false,
    next: 'Use Streamable HTTP on /mcp. More: runbooks/bad-request.md',
    text: () => 'The old HTTP+SSE transport is not served',
  }),
  BODY_TOO_LARGE: entry<{ maxBytes: number }>({
    http: 413,
    retry: false,
    next: 'Send a smaller request. More: runbooks/bad-request.md',
    text: (d) => `The request body is larger than ${d.maxBytes} bytes`,
  }),
  BODIES_FULL: entry<{ maxBytes: number }>({
    http: 503,
    retry: true,
    next: 'Try again in a second, or send smaller requests; server.max_bodies is the bound. More: runbooks/bad-request.md',
    text: (d) => `This worker holds ${d.maxBytes} bytes of large requests, as many as it may`,
  }),
  REQUEST_TIMEOUT: entry<{ ms: number }>({
    http: 408,
    retry: true,
    next: 'Send the request without pauses; an operator can raise server.headers_timeout and server.request_timeout. More: runbooks/bad-request.md',
    text: (d) => `The request was not complete in time (at most ${d.ms} ms)`,
  }),
  HEADERS_TOO_LARGE: entry<{ maxBytes: number }>({
    http: 431,
    retry: false,
    next: 'Send fewer or shorter headers. More: runbooks/bad-request.md',
    text: (d) => `The headers of the request are larger than ${d.maxBytes} bytes`,
  }),
  TOO_MANY_HEADERS: entry<{ max: number }>({
    http: 431,
    retry: false,
    next: 'Send fewer headers. More: runbooks/bad-request.md',
    text: (d) => `The request has more than ${d.max} headers`,
  }),
  UNSUPPORTED_MEDIA_TYPE: entry<Record<never, never>>({
    http: 415,
    retry: false,
    next: 'Send application/json, not packed (no Content-Encoding). More: runbooks/bad-request.md',
    text: () => 'Only application/json is read here, as it is',
  }),
  TOO_MANY_REQUESTS: entry<{ max: number }>({
    http: 429,
    retry: true,
    next: 'Wait for running calls to end, then try again. More: runbooks/rate-limits.md',
    text: (d) => `You have ${d.max} requests running, which is the most for one client`,
  }),
  TOO_MANY_STREAMS: entry<{ max: number }>({
    http: 429,
    retry: true,
    next: 'Listen on one stream for all that you want to hear, and close those you no longer read. More: runbooks/rate-limits.md',
    text: (d) => `You have ${d.max} listening streams open, which is the most for one client`,
  }),
  RATE_LIMITED: entry<{ whose: 'client' | 'all'; perMinute: number; retryAfterMs: number }>({
    http: 429,
    retry: true,
    next: 'Wait as long as it says; an operator can raise limits.client_rate_per_minute or limits.rate_per_minute. More: runbooks/rate-limits.md',
    text: (d) =>
      `${d.whose === 'client' ? 'You have' : 'All clients together have'} sent the ${d.perMinute} requests of this minute; try again in ${Math.ceil(d.retryAfterMs / 1000)} s`,
  }),
  OVERLOADED: entry<{ max: number }>({
    http: 503,
    retry: true,
    next: 'Try again in a second; if it lasts, add workers or raise limits.max_concurrent_requests. More: runbooks/rate-limits.md',
    text: (d) => `This worker runs ${d.max} requests, as many as it may`,
  }),
  TOO_MANY_WEBSOCKETS: entry<{ max: number }>({
    http: 503,
    retry: true,
    next: 'Use Streamable HTTP (POST /mcp), close sockets that are no longer used, or raise server.websocket_max_connections. More: runbooks/rate-limits.md',
    text: (d) => `All ${d.max} WebSockets of this worker are in use`,
  }),
  METRICS_UNAVAILABLE: entry<Record<never, never>>({
    http: 503,
    retry: true,
    next: 'Scrape the primary itself (metrics.port). More: runbooks/hang.md',
    text: () => 'The primary did not give its metrics',
  }),
  MAINTENANCE: entry<Record<never, never>>({
    http: 503,
    retry: true,
    next: 'Try again later; an operator ends it with `snowflake-mcp-daemon maintenance off` (runbooks/not-responding.md).',
    text: () => 'The service is in maintenance: no new session and no new query begins, what runs is finished',
  }),
  PRIMARY_SILENT: entry<{ waitedMs: number }>({
    http: 503,
    retry: true,
    next: 'Try again; runbooks/hang.md tells what to do when it lasts.',
    text: (d) => `The primary did not answer within ${d.waitedMs} ms`,
  }),
  DRAINING: entry<Record<never, never>>({
    http: 503,
    retry: true,
    next: 'Try again; another worker will answer. More: runbooks/error-rate.md',
    text: () => 'This worker is shutting down',
  }),
  INTERNAL: entry<{ where: string }>({
    http: 500,
    retry: true,
    next: 'The log has the cause under this request id. More: runbooks/error-rate.md',
    text: (d) => `Something went wrong in ${d.where}`,
  }),

  // Tools, queries, pool and Snowflake
  ...SESSION_ERRORS,
  ...QUERY_ERRORS,
} as const;
