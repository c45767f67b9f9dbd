/**
 * The one schema of the configuration: every key, with unit, range, default, consequence, environment names and when a
 * change applies. docs/config.md, docs/config.schema.json and the fault messages are made from it.
 */
import { z } from 'zod';
import { choice, duration, flag, list, optionalText, ratio, size, text, whole, workerCount } from './fields.ts';

const server = z.strictObject({
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
  pid_file: optionalText({
    env: ['PID_FILE'],
    applies: 'restart',
    says: 'Where the pid is written; its directory, or PIDFILE.d beside a file of your own, also holds lock, state and control socket.',
  }),
  working_dir: optionalText({
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
});

const workers = z.strictObject({
  count: workerCount({
    standard: 'max',
    env: ['SERVER_WORKERS', 'MCP_SERVER_WORKERS'],
    applies: 'rolling',
    says: 'Worker processes; `max` or 0 is one per available processor, -1 one fewer.',
  }),
  restart_delay: duration({
    min: '0s',
    max: '1h',
    standard: '4s',
    applies: 'rolling',
    says: 'Wait before a crashed worker is started again.',
  }),
  exp_backoff_restart_delay: duration({
    min: '0s',
    max: '1m',
    standard: '0s',
    applies: 'rolling',
    says: 'When not 0, used instead of restart_delay: first this, then 1.5 times the last.',
  }),
  exp_backoff_max: duration({
    min: '1s',
    max: '1h',
    standard: '15s',
    applies: 'rolling',
    says: 'Longest wait of the exponential backoff.',
  }),
  backoff_jitter: ratio({
    min: 0,
    max: 0.5,
    standard: 0.2,
    applies: 'rolling',
    says: 'Share by which a restart wait varies, so that workers that died together do not start together.',
  }),
  min_uptime: duration({
    min: '0s',
    max: '1h',
    standard: '10s',
    applies: 'rolling',
    says: 'A worker that ends sooner counts as unstable.',
  }),
  max_restarts: whole({
    min: 0,
    max: 10_000,
    standard: 10,
    applies: 'rolling',
    says: 'That many unstable ends in a row put the slot into the state errored.',
  }),
  errored_retry: duration({
    min: '0s',
    max: '1d',
    standard: '60s',
    applies: 'rolling',
    says: 'An errored slot is tried again after this time; 0 leaves it until a restart, as PM2 does.',
  }),
  autorestart: flag({
    standard: true,
    applies: 'rolling',
    says: 'When false, a worker that ended is not started again.',
  }),
  stop_exit_codes: list({
    standard: [],
    maxItems: 50,
    applies: 'rolling',
    says: 'Exit codes after which a worker is not started again.',
  }),
  listen_timeout: duration({
    min: '1s',
    max: '10m',
    standard: '30s',
    applies: 'rolling',
    says: 'A worker that is not ready by then is killed and counts as a failed start; times the number of workers that boot at once.',
  }),
  kill_timeout: duration({
    min: '1s',
    max: '1h',
    standard: '5s',
    applies: 'rolling',
    says: 'How long a worker may take to finish its calls before it is killed; raised above server.keep_alive_timeout + 1s.',
  }),
  hang_suspect: duration({
    min: '1s',
    max: '10m',
    standard: '3s',
    applies: 'rolling',
    says: 'A worker silent for this long is suspected to hang: its replacement boots.',
  }),
  hang_kill: duration({
    min: '2s',
    max: '10m',
    standard: '10s',
    applies: 'rolling',
    says: 'A worker silent for this long is killed.',
  }),
  max_memory_restart: size({
    min: '100M',
    max: '64G',
    standard: '500M',
    applies: 'rolling',
    says: 'A worker above this is replaced gracefully (two readings in a row).',
  }),
  max_memory_kill: ratio({
    min: 1,
    max: 10,
    standard: 1.5,
    applies: 'rolling',
    says: 'A worker above max_memory_restart times this is killed at once.',
  }),
  reload_soak: duration({
    min: '0s',
    max: '10m',
    standard: '3s',
    applies: 'rolling',
    says: 'How long the first new worker of a reload must serve well before an old one is drained.',
  }),
  instance_var: text({
    standard: 'NODE_APP_INSTANCE',
    pattern: /^[A-Za-z_]\w*$/,
    hint: 'the name of an environment variable',
    applies: 'rolling',
    says: 'Environment variable that tells a worker its number.',
  }),
});

export const AUTHENTICATORS = [
  'SNOWFLAKE',
  'SNOWFLAKE_JWT',
  'USERNAME_PASSWORD_MFA',
  'OAUTH',
  'PROGRAMMATIC_ACCESS_TOKEN',
  'EXTERNALBROWSER',
] as const;

const snowflake = z.strictObject({
  account: optionalText({
    env: ['SNOWFLAKE_ACCOUNT'],
    pattern: /^\w+([.-]\w+)*$/,
    hint: 'an account identifier such as myorg-myaccount',
    applies: 'rolling',
    says: 'Account identifier.',
  }),
  access_url: optionalText({
    env: ['SNOWFLAKE_ACCESS_URL'],
    pattern: /^https?:\/\/[^\s/]+\/?$/,
    hint: 'an http(s) address',
    applies: 'rolling',
    says: "Address of Snowflake when it is not the account's usual one (private link, an emulator).",
  }),
  user: optionalText({ env: ['SNOWFLAKE_USER'], applies: 'rolling', says: 'Login name.' }),
  password: optionalText({
    env: ['SNOWFLAKE_PASSWORD'],
    secret: true,
    applies: 'rolling',
    says: 'Password, for authenticator SNOWFLAKE.',
  }),
  authenticator: z.preprocess(
    (value) => (value === '' ? undefined : value),
    choice(['auto', ...AUTHENTICATORS], {
      standard: 'auto',
      env: ['SNOWFLAKE_AUTHENTICATOR', 'SNOWFLAKE_AUTH_TYPE'],
      applies: 'rolling',
      says: 'How to log in; `auto` takes the key pair, token or password that is configured.',
    }),
  ),
  private_key: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Private key as PEM text.',
  }),
  private_key_path: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY_PATH'],
    applies: 'rolling',
    says: 'File with the private key.',
  }),
  private_key_passphrase: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY_PASSPHRASE'],
    secret: true,
    applies: 'rolling',
    says: 'Passphrase of an encrypted private key.',
  }),
  token: optionalText({
    env: ['SNOWFLAKE_TOKEN'],
    secret: true,
    applies: 'rolling',
    says: 'OAuth token or programmatic access token.',
  }),
  token_file_path: optionalText({
    env: ['SNOWFLAKE_TOKEN_FILE_PATH'],
    applies: 'rolling',
    says: 'File with the token, read at each login.',
  }),
  role: optionalText({
    env: ['SNOWFLAKE_ROLE'],
    applies: 'rolling',
    says: 'Role of every session; the surest fence against writes is a role that cannot write.',
  }),
  warehouse: optionalText({ env: ['SNOWFLAKE_WAREHOUSE'], applies: 'rolling', says: 'Warehouse of every session.' }),
  database: optionalText({ env: ['SNOWFLAKE_DATABASE'], applies: 'rolling', says: 'Database a call starts in.' }),
  schema: optionalText({ env: ['SNOWFLAKE_SCHEMA'], applies: 'rolling', says: 'Schema a call starts in.' }),
  login_timeout: duration({
    min: '1s',
    max: '10m',
    standard: '60s',
    applies: 'rolling',
    says: 'A login that takes longer fails with SNOWFLAKE_UNREACHABLE.',
  }),
});

const pool = z.strictObject({
  min_size: whole({
    min: 0,
    max: 200,
    standard: 1,
    env: ['SNOWFLAKE_POOL_MIN_SIZE', 'CONNECTION_POOL_MIN_SIZE'],
    applies: 'rolling',
    says: 'Connections a worker keeps open once it has used them.',
  }),
  max_size: whole({
    min: 1,
    max: 200,
    standard: 8,
    env: ['SNOWFLAKE_POOL_MAX_SIZE', 'CONNECTION_POOL_MAX_SIZE'],
    applies: 'rolling',
    says: 'Most connections one worker opens; the account sees at most pool.max_size x workers.',
  }),
  acquire_timeout: duration({
    min: '100ms',
    max: '10m',
    standard: '30s',
    env: ['SNOWFLAKE_POOL_CONNECTION_TIMEOUT', 'CONNECTION_POOL_CONNECTION_TIMEOUT_SECONDS'],
    applies: 'rolling',
    says: 'A call that gets no connection by then fails with POOL_TIMEOUT.',
  }),
  max_waiting: whole({
    min: 0,
    max: 10_000,
    standard: 200,
    applies: 'rolling',
    says: 'Calls that may wait for a connection; one more fails with POOL_FULL.',
  }),
  max_inactive: duration({
    min: '1s',
    max: '1d',
    standard: '30m',
    env: ['SNOWFLAKE_POOL_MAX_INACTIVE_MINUTES', 'CONNECTION_POOL_MAX_INACTIVE_TIME_MINUTES'],
    applies: 'rolling',
    says: 'An idle connection above min_size is closed after this time.',
  }),
  health_check: duration({
    min: '1s',
    max: '1d',
    standard: '5m',
    env: ['SNOWFLAKE_POOL_HEALTH_CHECK_MINUTES', 'CONNECTION_POOL_HEALTH_CHECK_INTERVAL_MINUTES'],
    applies: 'rolling',
    says: 'An idle connection is checked this often by a heartbeat that wakes no warehouse.',
  }),
  max_age: duration({
    min: '1m',
    max: '7d',
    standard: '8h',
    env: ['SNOWFLAKE_CONN_REFRESH_HOURS'],
    applies: 'rolling',
    says: 'A connection is replaced after this time, plus or minus a tenth.',
  }),
});

const limits = z.strictObject({
  default_rows: whole({
    min: 1,
    max: 1_000_000,
    standard: 100,
    env: ['DEFAULT_QUERY_LIMIT'],
    applies: 'rolling',
    says: 'Rows of execute_query when the caller names no limit.',
  }),
  max_rows: whole({
    min: 1,
    max: 1_000_000,
    standard: 10_000,
    env: ['MAX_QUERY_RESULT_ROWS', 'MAX_QUERY_LIMIT'],
    applies: 'rolling',
    says: 'Most rows one call may ask for; larger limits are cut to it.',
  }),
  max_result_bytes: size({
    min: '1K',
    max: '256M',
    standard: '8M',
    applies: 'rolling',
    says: 'A result is cut, and says so, when its cells reach this size.',
  }),
  query_timeout: duration({
    min: '1s',
    max: '1d',
    standard: '300s',
    env: ['QUERY_TIMEOUT_SECONDS'],
    applies: 'rolling',
    says: 'A statement is cancelled in Snowflake after this time.',
  }),
  max_sql_length: size({
    min: '1K',
    max: '1M',
    standard: '64K',
    applies: 'rolling',
    says: 'Longer statements are refused before they are parsed.',
  }),
  max_concurrent_requests: whole({
    min: 1,
    max: 100_000,
    standard: 200,
    env: ['MAX_CONCURRENT_REQUESTS'],
    applies: 'rolling',
    says: 'MCP requests one worker runs at once; more are answered 429.',
  }),
});

const policy = z.strictObject({
  allowed_sql_commands: list({
    standard: ['select', 'show', 'describe', 'explain'],
    maxItems: 50,
    env: ['ALLOWED_SQL_COMMANDS'],
    applies: 'rolling',
    says: 'Statement kinds execute_query may run. Everything else is refused before it reaches Snowflake.',
  }),
  allowed_functions: list({
    standard: [],
    maxItems: 1000,
    applies: 'rolling',
    says: "Functions of your own (or DATABASE.SCHEMA.NAME) that statements may call beside Snowflake's pure built-in ones.",
  }),
  ai_functions: flag({
    standard: false,
    applies: 'rolling',
    says: 'Allows AI_* and SNOWFLAKE.CORTEX functions, which cost credits.',
  }),
});

const auth = z.strictObject({
  api_keys: list({
    standard: [],
    maxItems: 1000,
    env: ['API_KEYS', 'VALID_API_KEYS', 'API_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Keys that clients must send; without one the service answers loopback only.',
  }),
  api_key_header: text({
    standard: 'X-API-Key',
    env: ['API_KEY_HEADER'],
    pattern: /^[A-Za-z0-9-]+$/,
    hint: 'a header name',
    applies: 'rolling',
    says: 'Header that may carry the key beside `Authorization: Bearer`.',
  }),
});

const metrics = z.strictObject({
  host: text({
    standard: 'localhost',
    env: ['METRICS_HOST'],
    applies: 'restart',
    says: "Address of the primary's port for Prometheus.",
  }),
  port: whole({
    min: 0,
    max: 65_535,
    standard: 8001,
    env: ['METRICS_PORT'],
    applies: 'restart',
    says: 'Port of the primary: /metrics, /status, /livez, /readyz; 0 takes a free one.',
  }),
  max_series: whole({
    min: 10,
    max: 100_000,
    standard: 2000,
    applies: 'restart',
    says: 'Series one metric may have; further label values are counted under `other`.',
  }),
});

const logging = z.strictObject({
  level: choice(['debug', 'info', 'warn', 'error'], {
    standard: 'info',
    env: ['LOG_LEVEL'],
    applies: 'rolling',
    says: 'Least important lines that are written.',
  }),
  format: choice(['json', 'text'], {
    standard: 'json',
    env: ['LOG_FORMAT'],
    applies: 'restart',
    says: 'Form of a line.',
  }),
  file: optionalText({
    env: ['LOG_FILE'],
    applies: 'restart',
    says: 'File of the daemon; worker-N.log, audit.log and application.log stand beside it.',
  }),
  merge_logs: flag({ standard: true, applies: 'restart', says: 'Also writes all lines to application.log.' }),
  max_size: size({
    min: '10K',
    max: '10G',
    standard: '10M',
    applies: 'restart',
    says: 'A log file is rotated at this size, and each day.',
  }),
  max_files: whole({
    min: 1,
    max: 1000,
    standard: 5,
    applies: 'restart',
    says: 'Rotated files that are kept of each log.',
  }),
});

const state = z.strictObject({
  dir: optionalText({ env: ['STATE_DIR'], applies: 'restart', says: 'Directory of the session store.' }),
  session_timeout: duration({
    min: '10s',
    max: '7d',
    standard: '60m',
    env: ['SESSION_TIMEOUT_MINUTES'],
    applies: 'rolling',
    says: 'A session without a request for this long ends.',
  }),
  max_sessions: whole({
    min: 1,
    max: 1_000_000,
    standard: 10_000,
    env: ['MAX_CONCURRENT_SESSIONS'],
    applies: 'rolling',
    says: 'Sessions that may exist; one more is answered 503 with Retry-After.',
  }),
});

export const configSchema = z.strictObject({
  server: server.prefault({}),
  workers: workers.prefault({}),
  snowflake: snowflake.prefault({}),
  pool: pool.prefault({}),
  limits: limits.prefault({}),
  policy: policy.prefault({}),
  auth: auth.prefault({}),
  metrics: metrics.prefault({}),
  logging: logging.prefault({}),
  state: state.prefault({}),
});

/** The configuration after loading: every key present (or undefined where it may be left out), frozen. */
export type Config = z.output<typeof configSchema>;
export type ConfigSection = keyof Config;
