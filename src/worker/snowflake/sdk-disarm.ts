/**
 * Everything that makes snowflake-sdk 3.3.0 safe to have in a server, in one place.
 *
 * As it comes, the driver probes cloud metadata addresses and loads a native module when it is imported, evaluates
 * VARIANT cells as code, writes ./snowflake.log and stdout, reads logging settings from files around it, sends loopback
 * traffic to HTTP_PROXY, may cache credentials on disk, and lets one login change settings of the next. Each line below
 * takes one of these away. The rest is done in sdk-driver.ts (cells are read unconverted, PUT and GET are refused) and in
 * sdk-guards.ts (damaged results, settings that leak from one session into others).
 */
import { devNull } from 'node:os';
import type { ConfigureOptions, ConnectionOptions } from 'snowflake-sdk';
import type { Log } from '../../shared/log.ts';

/** Must be done before the driver is imported: it acts on these while its modules load. */
export function disarmEnvironment(env: Record<string, string | undefined>, accessUrl: string | undefined): void {
  env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  env.SNOWFLAKE_DISABLE_MINICORE = '1';
  env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
  // Where no directory can be: answers about certificates stay in memory, and ~/.cache/snowflake is not made.
  env.SF_OCSP_RESPONSE_CACHE_DIR ||= devNull;
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  if (accessUrl !== undefined) keepFromProxy(env, new URL(accessUrl).hostname);
}

/** Adds a loopback host to the list of hosts that no proxy serves; the driver has no such exception of its own. */
function keepFromProxy(env: Record<string, string | undefined>, host: string): void {
  if (!/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)) return;
  const name = env.no_proxy ? 'no_proxy' : 'NO_PROXY';
  const listed = (env[name] ?? '').split(',').filter((entry) => entry.trim() !== '');
  if (!listed.includes(host)) env[name] = [...listed, host].join(',');
}

/**
 * Options of the whole driver. To be given once, in one call: a later call without `customLogger` brings the driver's
 * own log file back.
 */
export function globalOptions(log: Log): ConfigureOptions {
  const write = (message: string) => log.debug('snowflake.driver', message);
  return {
    logLevel: 'WARN',
    customLogger: { error: write, warn: write, info: write, debug: write, trace: write },
    jsonColumnVariantParser: (text: string) => text,
    xmlColumnVariantParser: (text: string) => text,
    customCredentialManager: memoryOfCredentials(),
    disableOCSPChecks: false,
    keepAlive: true,
  };
}

/**
 * Takes the place of the driver's file of tokens. What an interactive login has earned (MFA, id and refresh tokens)
 * serves further logins of this process and goes with it.
 */
function memoryOfCredentials() {
  const kept = new Map<string, string>();
  return {
    read: async (key: string) => kept.get(key) ?? null,
    write: async (key: string, token: string) => void kept.set(key, token),
    remove: async (key: string) => void kept.delete(key),
  };
}

/** Options of every connection, whatever its login. */
export const SAFE_CONNECTION_OPTIONS = {
  application: 'snowflake-mcp-daemon',
  // An empty path ends the search for logging settings (sf_client_config.json) before it begins; one that does not
  // exist would make the login fail.
  clientConfigFile: '',
  clientStoreTemporaryCredential: false,
  clientRequestMFAToken: false,
  // Sent with every login, so that no account setting or other login turns them on in this process.
  clientSessionKeepAlive: false,
  jsTreatIntegerAsBigInt: false,
  representNullAsStringNull: false,
  streamResult: true,
  rowMode: 'array',
  rowStreamHighWaterMark: 1000,
  // Binds never travel through a stage.
  arrayBindingThreshold: Number.MAX_SAFE_INTEGER,
  // A failed login is told after one more try; the pool decides when to try again.
  sfRetryMaxLoginRetries: 1,
} as const satisfies ConnectionOptions & { sfRetryMaxLoginRetries: number; clientConfigFile: string };

/** Session parameters of every statement; none of a caller's wins over them. */
export const SAFE_STATEMENT_PARAMETERS = { MULTI_STATEMENT_COUNT: 1 } as const;

/**
 * Of statements whose caller waits for the answer: Snowflake ends them by itself some minutes after the client has
 * vanished, should this process die without a word.
 */
export const SYNCHRONOUS_PARAMETERS = { ABORT_DETACHED_QUERY: true } as const;
