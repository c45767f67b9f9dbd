/**
 * Environment names of earlier set-ups that no key has, with what takes their place. A set one gives one warning, so
 * that nobody believes in a setting that does nothing.
 */
const ONE_PORT = 'everything is served at server.host and server.port (SERVER_HOST, SERVER_PORT)';
const RETRIES =
  'a statement whose session has ended is run once more, and a failed login is tried again with growing pauses';

export const UNUSED_NAMES: Readonly<Record<string, string>> = {
  WEBSOCKET_HOST: `is merged into the service: ${ONE_PORT}`,
  WEBSOCKET_PORT: `is merged into the service port: ${ONE_PORT}`,
  MCP_TRANSPORT: 'is not used: snowflake-mcp speaks stdio, snowflake-mcp-daemon serves HTTP',
  SNOWFLAKE_POOL_RETRY_ATTEMPTS: `is not used: ${RETRIES}`,
  CONNECTION_POOL_RETRY_ATTEMPTS: `is not used: ${RETRIES}`,
};
