/**
 * Every failure that a user, a client or a script can meet, in one table.
 *
 * Match on `code`. Details are facts (numbers with units, names of keys), never secrets or SQL text. `http` is the
 * status and the `status` label of mcp_requests_total; `retry` tells a client whether the same call may work later;
 * `next` is what to do, and `exit` is what a command line ends with.
 */
import { entry } from './error-entry.ts';
import { EXIT } from './exit-codes.ts';
import { QUERY_ERRORS } from './query-errors.ts';
import { SESSION_ERRORS } from './session-errors.ts';

export const ERRORS = {
  // Starting and owning
  CONFIG_INVALID: entry<{ faults: readonly string[] }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Correct the keys named here; `snowflake-mcp-daemon config check` tells without starting.',
    text: (d) =>
      `The configuration has ${d.faults.length} fault${d.faults.length === 1 ? '' : 's'}:\n${d.faults.map((f) => `  - ${f}`).join('\n')}`,
  }),
  CONFIG_UNREADABLE: entry<{ file: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Check the path and the file permissions, or leave the option out to use defaults.',
    text: (d) => `The file ${d.file} cannot be used: ${d.reason}`,
  }),
  CREDENTIALS_MISSING: entry<{ missing: readonly string[] }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Set them in the environment, .env or the config file, or try `--demo`, which needs no account.',
    text: (d) => `Snowflake credentials are incomplete: ${d.missing.join(', ')}`,
  }),
  CREDENTIALS_UNREADABLE: entry<{ what: string; file: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Correct the path, the owner or the content of the file; it is read again at the next login.',
    text: (d) => `${d.what} cannot be read from ${d.file}: ${d.reason}`,
  }),
  PRIVATE_KEY_INVALID: entry<{ source: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Give a PEM key in PKCS#8 or PKCS#1 form; an encrypted one needs SNOWFLAKE_PRIVATE_KEY_PASSPHRASE.',
    text: (d) => `The private key from ${d.source} cannot be used: ${d.reason}`,
  }),
  PUBLIC_WITHOUT_AUTH: entry<{ host: string }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Add a key with `snowflake-mcp-daemon keys create --name NAME`, set API_KEYS or auth.oauth_issuer, or bind to localhost.',
    text: (d) => `server.host ${d.host} is reachable from other machines and no client authentication is configured`,
  }),
  KEYS_UNUSABLE: entry<{ file: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.config,
    next: 'Correct its owner, permissions or content, or move it away and make new keys with `keys create`.',
    text: (d) => `The file of client keys ${d.file} cannot be used: ${d.reason}`,
  }),
  KEY_UNKNOWN: entry<{ key: string }>({
    http: 404,
    retry: false,
    exit: EXIT.failed,
    next: '`snowflake-mcp-daemon keys list` shows the ids and names of all keys.',
    text: (d) => `There is no key ${d.key}`,
  }),
  KEY_REFUSED: entry<{ reason: string }>({
    http: 409,
    retry: false,
    exit: EXIT.failed,
    next: 'Choose another name, or revoke or rotate the key that is there.',
    text: (d) => `The key cannot be made: ${d.reason}`,
  }),
  ALREADY_RUNNING: entry<{ pid: number }>({
    http: 409,
    retry: false,
    exit: EXIT.alreadyRunning,
    next: 'Use `status`, `restart` or `stop`.',
    text: (d) => `Daemon is already running (PID: ${d.pid})`,
  }),
  NOT_RUNNING: entry<{ pidFile: string }>({
    http: 503,
    retry: false,
    exit: EXIT.failed,
    next: 'Start it with `snowflake-mcp-daemon start`.',
    text: (d) => `Daemon is not running (no owner of ${d.pidFile})`,
  }),
  PORT_IN_USE: entry<{ host: string; port: number; key: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Stop the program that holds it (`ss -ltnp`), or choose another port.',
    text: (d) => `Port ${d.port} on ${d.host} (${d.key}) is already in use`,
  }),
  PORT_FORBIDDEN: entry<{ host: string; port: number; key: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Choose an address of this machine and a port above 1023, or grant CAP_NET_BIND_SERVICE.',
    text: (d) => `Cannot listen on ${d.host}:${d.port} (${d.key}): ${d.reason}`,
  }),
  PATH_UNUSABLE: entry<{ what: string; path: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Choose another path or correct its owner and permissions.',
    text: (d) => `The ${d.what} ${d.path} cannot be used: ${d.reason}`,
  }),
  START_FAILED: entry<{ reason: string; log: string; next?: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Read the log named here; `snowflake-mcp-daemon start --no-daemon` shows everything in front.',
    text: (d) => `The daemon did not become ready: ${d.reason} (log: ${d.log})`,
  }),
  STOP_TIMEOUT: entry<{ pid: number; waitedMs: number }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Look at the process state (`ps -o pid,stat,wchan -p PID`); it may wait for a device.',
    text: (d) => `The daemon (PID: ${d.pid}) is still there ${d.waitedMs} ms after SIGKILL`,
  }),
  WORKERS_LEFT: entry<{ pids: readonly number[] }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Look at the process state (`ps -o pid,stat,wchan -p PID`); it may wait for a device.',
    text: (d) => `The daemon has ended, but processes of it have not: PID ${d.pids.join(', ')}`,
  }),
  RELOAD_FAILED: entry<{ reason: string }>({
    http: 500,
    retry: true,
    exit: EXIT.failed,
    next: 'The old workers keep serving. Read the reason, correct it, reload again.',
    text: (d) => `Reload was aborted: ${d.reason}`,
  }),
  CONTROL_BAD_REQUEST: entry<{ reason: string }>({
    http: 400,
    retry: false,
    exit: EXIT.usage,
    next: 'Use the snowflake-mcp-daemon command of the same version.',
    text: (d) => `The control request was not understood: ${d.reason}`,
  }),
  CONTROL_SILENT: entry<{ socket: string; waitedMs: number }>({
    http: 504,
    retry: true,
    exit: EXIT.failed,
    next: 'The daemon may hang or be stopped: look at its log; `snowflake-mcp-daemon stop` ends it in any case.',
    text: (d) => `The daemon did not answer on ${d.socket} within ${d.waitedMs} ms`,
  }),
  NO_WORKER_READY: entry<{ workers: number }>({
    http: 503,
    retry: true,
    exit: EXIT.failed,
    next: 'Look at `snowflake-mcp-daemon status`; runbooks/not-responding.md tells what to do.',
    text: (d) => `None of the ${d.workers} workers is ready`,
  }),
  WORKER_SILENT: entry<{ worker: number; path: string; waitedMs: number }>({
    http: 504,
    retry: true,
    exit: EXIT.failed,
    next: 'Try again; runbooks/hang.md tells what to do when it lasts.',
    text: (d) => `Worker ${d.worker} did not answer ${d.path} within ${d.waitedMs} ms`,
  }),
  NEEDS_ROOT: entry<{ deed: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Run it with sudo; `--dry-run` shows what it would do and needs no rights.',
    text: (d) => `Only root can ${d.deed}`,
  }),
  SERVICE_COMMAND: entry<{ command: string; reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Correct what it names and run this again; `journalctl -u snowflake-mcp` tells what the service said.',
    text: (d) => `\`${d.command}\` failed: ${d.reason}`,
  }),
  ENGINE_MISSING: entry<{ reason: string }>({
    http: 500,
    retry: false,
    exit: EXIT.failed,
    next: 'Install the optional package @duckdb/node-api (`npm install --include=optional`).',
    text: (d) => `--demo needs the embedded engine, which does not start: ${d.reason}`,
  }),

  // HTTP
  BAD_REQUEST: entry<{ reason: string; next?: string }>({
    http: 400,
    retry: false,
    next: 'Send a JSON-RPC 2.0 message as application/json.',
    text: (d) => `Bad request: ${d.reason}`,
  }),
  UNAUTHENTICATED: entry<{ reason: string; challenge?: string | undefined }>({
    http: 401,
    retry: false,
    next: 'Send `Authorization: Bearer KEY` or the configured API key header; `snowflake-mcp-daemon keys create` makes a key.',
    text: (d) => `The caller is not known here: ${d.reason}`,
  }),
  INSUFFICIENT_SCOPE: entry<{ scope: string; challenge?: string | undefined }>({
    http: 403,
    retry: false,
    next: 'Use a key or token with that scope; `snowflake-mcp-daemon keys list` tells the scopes of each key.',
    text: (d) => `This needs the scope ${d.scope}`,
  }),
  ISSUER_UNREACHABLE: entry<{ reason: string }>({
    http: 503,
    retry: true,
    next: 'Look whether auth.oauth_issuer (and auth.oauth_jwks_url) can be reached from this machine; API keys work meanwhile.',
    text: (d) => `The keys of the token issuer cannot be fetched: ${d.reason}`,
  }),
  FORBIDDEN_HOST: entry<{ what: 'Host' | 'Origin' }>({
    http: 403,
    retry: false,
    next: 'Add it to server.allowed_hosts or server.allowed_origins if it is yours.',
    text: (d) => `The ${d.what} header names a place that is not allowed`,
  }),
  NOT_FOUND: entry<{ path: string }>({
    http: 404,
    retry: false,
    next: 'MCP is served on /mcp; health on /health.',
    text: (d) => `Nothing is served at ${d.path}`,
  }),
  EVENT_UNKNOWN: entry<Record<never, never>>({
    http: 400,
    retry: false,
    next: 'Send the call again if it is safe to run twice.',
    text: () => 'Last-Event-ID names no event of this session, or one that is no longer kept',
  }),
  ANSWER_GONE: entry<{ reason: string }>({
    http: 410,
    retry: true,
    next: 'Send the call again if it is safe to run twice; state.event_bytes and state.event_ttl say what is kept.',
    text: (d) => `The call has ended, but its answer is no longer kept (${d.reason})`,
  }),
  CALL_INTERRUPTED: entry<{ tries: number }>({
    http: 503,
    retry: true,
    next: 'Send the call again; if it submitted a statement, look for that first.',
    text: (d) =>
      d.tries > 1
        ? `The call was cut off by the end of a worker ${d.tries} times and is not run again`
        : 'The call was cut off by the end of a worker and is not run again by itself',
  }),
  METHOD_NOT_ALLOWED: entry<{ method: string; allowed: string }>({
    http: 405,
    retry: false,
    next: 'Use one of the allowed methods.',
    text: (d) => `${d.method} is not allowed here (allowed: ${d.allowed})`,
  }),
  GONE_SSE: entry<Record<never, never>>({
    http: 410,
    retry: false,
    next: 'Use Streamable HTTP on /mcp.',
    text: () => 'The old HTTP+SSE transport is not served',
  }),
  BODY_TOO_LARGE: entry<{ maxBytes: number }>({
    http: 413,
    retry: false,
    next: 'Send a smaller request.',
    text: (d) => `The request body is larger than ${d.maxBytes} bytes`,
  }),
  UNSUPPORTED_MEDIA_TYPE: entry<Record<never, never>>({
    http: 415,
    retry: false,
    next: 'Send application/json.',
    text: () => 'Only application/json is read here',
  }),
  TOO_MANY_REQUESTS: entry<{ max: number }>({
    http: 429,
    retry: true,
    next: 'Wait for running calls to end, then try again.',
    text: (d) => `You have ${d.max} requests running, which is the most for one client`,
  }),
  RATE_LIMITED: entry<{ whose: 'client' | 'all'; perMinute: number; retryAfterMs: number }>({
    http: 429,
    retry: true,
    next: 'Wait as long as it says; an operator can raise limits.client_rate_per_minute or limits.rate_per_minute.',
    text: (d) =>
      `${d.whose === 'client' ? 'You have' : 'All clients together have'} sent the ${d.perMinute} requests of this minute; try again in ${Math.ceil(d.retryAfterMs / 1000)} s`,
  }),
  OVERLOADED: entry<{ max: number }>({
    http: 503,
    retry: true,
    next: 'Try again in a second; if it lasts, add workers or raise limits.max_concurrent_requests.',
    text: (d) => `This worker runs ${d.max} requests, as many as it may`,
  }),
  TOO_MANY_WEBSOCKETS: entry<{ max: number }>({
    http: 503,
    retry: true,
    next: 'Use Streamable HTTP (POST /mcp), close sockets that are no longer used, or raise server.websocket_max_connections.',
    text: (d) => `All ${d.max} WebSockets of this worker are in use`,
  }),
  METRICS_UNAVAILABLE: entry<Record<never, never>>({
    http: 503,
    retry: true,
    next: 'Scrape the primary itself (metrics.port).',
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
    next: 'Try again; another worker will answer.',
    text: () => 'This worker is shutting down',
  }),
  INTERNAL: entry<{ where: string }>({
    http: 500,
    retry: true,
    next: 'The log has the cause under this request id.',
    text: (d) => `Something went wrong in ${d.where}`,
  }),

  // Tools, queries, pool and Snowflake
  ...SESSION_ERRORS,
  ...QUERY_ERRORS,
} as const;
