/** The section `server`: where the service listens, what it accepts, and where its pid and working directory are. */
import { z } from 'zod';
import { duration, list, optionalPath, optionalText, size, text, whole } from '../fields.ts';

export const server = z.strictObject({
  host: text({
    standard: 'localhost',
    env: ['SERVER_HOST', 'MCP_SERVER_HOST', 'MCP_HTTP_HOST'],
    applies: 'restart',
    says: 'Address the service listens on; `localhost` is 127.0.0.1 and ::1. Any other needs client authentication.',
  }),
  port: whole({
    min: 0,
    max: 65_535,
    standard: 8000,
    env: ['SERVER_PORT', 'MCP_SERVER_PORT', 'MCP_HTTP_PORT', 'DEFAULT_PORT', 'MCP_PORT'],
    applies: 'restart',
    says: 'Port of MCP and health; 0 takes a free one, `status` tells which.',
  }),
  pid_file: optionalPath({
    env: ['PID_FILE'],
    applies: 'restart',
    says: 'Where the pid is written; its directory, or PIDFILE.d beside a file of your own, also holds lock, state and control socket.',
  }),
  working_dir: optionalPath({
    env: ['WORKING_DIR'],
    applies: 'restart',
    says: 'Directory the daemon changes to; relative paths of the configuration start there.',
  }),
  keep_alive_timeout: duration({
    min: '1s',
    max: '1h',
    standard: '5s',
    env: ['KEEPALIVE_TIMEOUT'],
    applies: 'rolling',
    says: "An idle HTTP connection is closed after this time; behind a proxy it must be longer than the proxy's own.",
  }),
  max_body: size({
    min: '1K',
    max: '64M',
    standard: '4M',
    applies: 'rolling',
    says: 'Larger request bodies are answered 413.',
  }),
  max_connections: whole({
    min: 1,
    max: 100_000,
    standard: 2000,
    applies: 'rolling',
    says: 'Open client connections per worker; more are closed at once.',
  }),
  max_backlog: size({
    min: '64K',
    max: '1G',
    standard: '32M',
    applies: 'rolling',
    says: 'A client that leaves more than this of its stream or WebSocket unread is cut off.',
  }),
  websocket_max_connections: whole({
    min: 0,
    max: 100_000,
    standard: 200,
    env: ['WEBSOCKET_MAX_CONNECTIONS'],
    applies: 'rolling',
    says: 'Open WebSockets per worker, each a session; more are answered 503, and 0 serves none.',
  }),
  websocket_ping: duration({
    min: '100ms',
    max: '1h',
    standard: '15s',
    applies: 'rolling',
    says: 'How often a WebSocket is asked for a sign of life; one that has not answered by the next time is cut off.',
  }),
  lame_duck: duration({
    min: '0s',
    max: '10m',
    standard: '0s',
    applies: 'rolling',
    says: "How long /readyz answers 503 before a drained worker stops accepting; set it above the load balancer's check interval.",
  }),
  allowed_hosts: list({
    standard: [],
    maxItems: 100,
    applies: 'rolling',
    says: 'Further names accepted in the Host header; loopback names and server.host always are.',
  }),
  allowed_origins: list({
    standard: [],
    maxItems: 100,
    env: ['CORS_ORIGINS', 'MCP_CORS_ORIGINS', 'CORS_ALLOW_ORIGINS'],
    applies: 'rolling',
    says: 'Browser origins that may call the service (CORS); requests from other origins are refused.',
  }),
  internal_url: optionalText({
    env: ['SERVER_INTERNAL_URL'],
    pattern: /^https?:\/\/[^\s/@?#]+$/,
    hint: 'an address like http://10.0.0.5:8000',
    applies: 'restart',
    says: 'Address at which the other daemons of the same state.url reach this one; requests for its sessions arrive there.',
  }),
  internal_secret: optionalText({
    env: ['SERVER_INTERNAL_SECRET'],
    secret: true,
    pattern: /^.{32,}$/,
    hint: 'a secret of 32 characters or more (openssl rand -hex 32)',
    applies: 'restart',
    says: 'What the daemons of one state.url prove themselves with to each other; who knows it may act as any client.',
  }),
  internal_secret_file: optionalPath({
    env: ['SERVER_INTERNAL_SECRET_FILE'],
    applies: 'restart',
    says: 'File with server.internal_secret, read when a worker starts.',
  }),
});
