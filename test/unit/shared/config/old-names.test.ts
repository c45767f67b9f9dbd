/** Environment names of earlier set-ups: each is a key, or is told with what takes its place. */
import { expect, test } from 'vitest';
import { configLeaves } from '../../../../src/shared/config/leaves.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { UNUSED_NAMES } from '../../../../src/shared/config/unused-names.ts';

const load = (env: Record<string, string>) => loadConfig({ cwd: '/nowhere', flags: {}, demo: true }, env);

test('names: each one that no key has is told with what takes its place, and none is a key as well', () => {
  const known = configLeaves().flatMap((leaf) => leaf.meta.env ?? []);
  for (const [name, words] of Object.entries(UNUSED_NAMES)) {
    expect(known).not.toContain(name);
    expect(load({ [name]: '1' }).warnings).toEqual([`${name} ${words}`]);
  }
  expect(load({ WEBSOCKET_PORT: '' }).warnings).toEqual([]);
});

test('names: every environment name of earlier set-ups is a key or told', () => {
  const known = [...configLeaves().flatMap((leaf) => leaf.meta.env ?? []), ...Object.keys(UNUSED_NAMES)];
  const suffixes = (prefix: string, names: string) => names.split(' ').map((name) => `${prefix}${name}`);
  const promised = [
    ...suffixes(
      'SNOWFLAKE_',
      'ACCOUNT USER PASSWORD ROLE WAREHOUSE DATABASE SCHEMA AUTHENTICATOR AUTH_TYPE PRIVATE_KEY',
    ),
    ...suffixes('SNOWFLAKE_', 'PRIVATE_KEY_PATH PRIVATE_KEY_PASSPHRASE TOKEN TOKEN_FILE_PATH CONNECTION_NAME'),
    ...suffixes('SNOWFLAKE_', 'CONN_REFRESH_HOURS'),
    ...suffixes('SNOWFLAKE_POOL_', 'MIN_SIZE MAX_SIZE MAX_INACTIVE_MINUTES HEALTH_CHECK_MINUTES CONNECTION_TIMEOUT'),
    ...suffixes('SNOWFLAKE_POOL_', 'RETRY_ATTEMPTS'),
    ...suffixes('CONNECTION_POOL_', 'MIN_SIZE MAX_SIZE MAX_INACTIVE_TIME_MINUTES HEALTH_CHECK_INTERVAL_MINUTES'),
    ...suffixes('CONNECTION_POOL_', 'CONNECTION_TIMEOUT_SECONDS RETRY_ATTEMPTS'),
    ...suffixes('SERVER_', 'HOST PORT WORKERS'),
    ...suffixes('MCP_SERVER_', 'HOST PORT WORKERS'),
    ...suffixes('MCP_HTTP_', 'HOST PORT'),
    ...suffixes('', 'METRICS_PORT LOG_LEVEL LOG_FORMAT LOG_FILE PID_FILE WORKING_DIR API_KEY VALID_API_KEYS API_KEYS'),
    ...suffixes('', 'API_KEY_HEADER CORS_ORIGINS MCP_CORS_ORIGINS CORS_ALLOW_ORIGINS MAX_CONCURRENT_REQUESTS'),
    ...suffixes('', 'DEFAULT_QUERY_LIMIT MAX_QUERY_RESULT_ROWS MAX_QUERY_LIMIT QUERY_TIMEOUT_SECONDS'),
    ...suffixes('', 'ALLOWED_SQL_COMMANDS RATE_LIMIT_REQUESTS_PER_MINUTE RATE_LIMIT_PER_MINUTE'),
    ...suffixes('', 'CLIENT_RATE_LIMIT_REQUESTS_PER_MINUTE SESSION_TIMEOUT_MINUTES MAX_CONCURRENT_SESSIONS'),
    ...suffixes('WEBSOCKET_', 'MAX_CONNECTIONS HOST PORT'),
    ...suffixes('', 'DEFAULT_PORT MCP_PORT MCP_TRANSPORT HTTP_KEEP_ALIVE KEEPALIVE_TIMEOUT LOCK_CLEANUP_INTERVAL'),
  ];
  expect(promised.filter((name) => !known.includes(name))).toEqual([]);
});

test('names: old values of log level and format are read', () => {
  const { logging } = load({ LOG_LEVEL: 'CRITICAL', LOG_FORMAT: 'structured' }).config;
  expect(logging).toMatchObject({ level: 'error', format: 'json' });
  expect(load({ LOG_LEVEL: 'WARNING', LOG_FORMAT: 'detailed' }).config.logging).toMatchObject({
    level: 'warn',
    format: 'text',
  });
});
