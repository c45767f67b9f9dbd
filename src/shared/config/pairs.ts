/** Values that are fine alone and impossible together: one table, checked when all keys of a row could be read. */
import { cronFault } from '../cron.ts';
import { checkTarget } from '../health-target.ts';
import { isPlainHttp } from '../host-rule.ts';
import { OAUTH_PAIR_RULES } from './oauth-pairs.ts';
import { readObjectPattern } from './object-pattern.ts';
import type { Config } from './schema.ts';

export interface PairRule {
  /** The first one's place is told with the fault. */
  readonly keys: readonly string[];
  /** Left out when the account is the embedded one. */
  readonly credentials?: boolean;
  readonly isWrong: (config: Config) => boolean;
  readonly says: (config: Config) => string;
}

const has = (value: string | undefined) => value !== undefined;
/** A secret, its file, or a connection of connections.toml, which is read later. */
const given = (snowflake: Config['snowflake'], ...names: readonly (keyof Config['snowflake'])[]) =>
  has(snowflake.connection_name) || names.some((name) => snowflake[name] !== undefined);
/** Two ways to give one secret. */
const once = (value: 'password' | 'private_key_passphrase' | 'oauth_client_secret'): PairRule => ({
  keys: [`snowflake.${value}`, `snowflake.${value}_file`],
  isWrong: ({ snowflake }) => has(snowflake[value]) && has(snowflake[`${value}_file`]),
  says: () => `snowflake.${value} and snowflake.${value}_file are both set`,
});
/** A secret would go over the network in plain text. */
const safeAddress = (key: 'oauth_token_request_url' | 'oauth_authorization_url'): PairRule => ({
  keys: [`snowflake.${key}`],
  isWrong: ({ snowflake }) => isPlainHttp(snowflake[key]),
  says: () => `snowflake.${key} must be an https address`,
});

const wrongPattern = ({ allowed_objects, denied_objects }: Config['policy']) =>
  [...allowed_objects, ...denied_objects].find((written) => readObjectPattern(written) === undefined);

/** One to three plain or quoted parts. */
const FUNCTION_NAME = /^(?:(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}\p{M}_$]*)(?:\.(?!$)|$)){1,3}$/u;

/** What several daemons need to share sessions; one without the others would strand sessions. */
const sharing = ({ state, server }: Config) => ({
  'state.url': has(state.url),
  'server.internal_url': has(server.internal_url),
  'server.internal_secret': has(server.internal_secret) || has(server.internal_secret_file),
});
const namesOf = (parts: Readonly<Record<string, boolean>>, isGiven: boolean) =>
  Object.keys(parts).filter((name) => parts[name] === isGiven);

const SHARING_RULES: readonly PairRule[] = [
  {
    keys: ['state.url', 'server.internal_url', 'server.internal_secret', 'server.internal_secret_file'],
    isWrong: (config) => new Set(Object.values(sharing(config))).size > 1,
    says: (config) => {
      const parts = sharing(config);
      return `${namesOf(parts, true).join(' and ')} without ${namesOf(parts, false).join(' and ')}: daemons that share sessions need all three`;
    },
  },
  {
    keys: ['server.internal_secret', 'server.internal_secret_file'],
    isWrong: ({ server }) => has(server.internal_secret) && has(server.internal_secret_file),
    says: () => 'server.internal_secret and server.internal_secret_file are both set',
  },
  {
    keys: ['state.password', 'state.password_file', 'state.url'],
    isWrong: ({ state }) =>
      (has(state.password) && has(state.password_file)) ||
      ((has(state.password) || has(state.password_file)) && !has(state.url)),
    says: ({ state }) =>
      has(state.url)
        ? 'state.password and state.password_file are both set'
        : 'state.password has no state.url it belongs to',
  },
  {
    keys: ['state.max_sessions_per_principal', 'state.max_sessions'],
    isWrong: ({ state }) => state.max_sessions_per_principal > state.max_sessions,
    says: ({ state }) =>
      `state.max_sessions_per_principal ${state.max_sessions_per_principal} is above state.max_sessions ${state.max_sessions}`,
  },
];

export const PAIR_RULES: readonly PairRule[] = [
  ...OAUTH_PAIR_RULES,
  ...SHARING_RULES,
  once('password'),
  once('private_key_passphrase'),
  once('oauth_client_secret'),
  safeAddress('oauth_token_request_url'),
  safeAddress('oauth_authorization_url'),
  {
    keys: ['pool.min_size', 'pool.max_size'],
    isWrong: ({ pool }) => pool.min_size > pool.max_size,
    says: ({ pool }) => `pool.min_size ${pool.min_size} is above pool.max_size ${pool.max_size}`,
  },
  {
    keys: ['server.headers_timeout', 'server.request_timeout'],
    isWrong: ({ server }) => server.headers_timeout > server.request_timeout,
    says: ({ server }) =>
      `server.headers_timeout ${server.headers_timeout}ms is above server.request_timeout ${server.request_timeout}ms`,
  },
  {
    keys: ['server.tls_cert', 'server.tls_key'],
    isWrong: ({ server }) => has(server.tls_cert) !== has(server.tls_key),
    says: () => 'server.tls_cert and server.tls_key belong together',
  },
  {
    keys: ['workers.hang_suspect', 'workers.hang_kill'],
    isWrong: ({ workers }) => workers.hang_suspect >= workers.hang_kill,
    says: ({ workers }) =>
      `workers.hang_suspect ${workers.hang_suspect}ms must be below workers.hang_kill ${workers.hang_kill}ms`,
  },
  {
    keys: ['workers.exp_backoff_restart_delay', 'workers.exp_backoff_max'],
    isWrong: ({ workers }) => workers.exp_backoff_restart_delay > workers.exp_backoff_max,
    says: ({ workers }) =>
      `workers.exp_backoff_restart_delay ${workers.exp_backoff_restart_delay}ms is above workers.exp_backoff_max ${workers.exp_backoff_max}ms`,
  },
  {
    keys: ['workers.stop_exit_codes'],
    isWrong: ({ workers }) => workers.stop_exit_codes.some((code) => !/^\d{1,3}$/.test(code) || Number(code) > 255),
    says: () => 'workers.stop_exit_codes holds something that is no exit code (0 to 255)',
  },
  {
    keys: ['workers.cron_restart'],
    isWrong: ({ workers }) => workers.cron_restart !== undefined && cronFault(workers.cron_restart) !== undefined,
    says: ({ workers: { cron_restart = '' } }) =>
      `workers.cron_restart ${JSON.stringify(cron_restart)} is no cron pattern: ${cronFault(cron_restart)}`,
  },
  {
    keys: ['workers.health_check_url'],
    isWrong: ({ workers }) => workers.health_check_url.some((url) => checkTarget(url) === undefined),
    says: ({ workers }) => {
      const wrong = workers.health_check_url.find((url) => checkTarget(url) === undefined);
      return `workers.health_check_url ${JSON.stringify(wrong)} is neither a path such as /health nor an address`;
    },
  },
  {
    keys: ['policy.allowed_objects', 'policy.denied_objects'],
    isWrong: ({ policy }) => wrongPattern(policy) !== undefined,
    says: ({ policy }) =>
      `policy: ${JSON.stringify(wrongPattern(policy))} is no pattern such as SALES.PUBLIC.* (one to three parts)`,
  },
  {
    keys: ['policy.allowed_functions'],
    isWrong: ({ policy }) => policy.allowed_functions.some((name) => !FUNCTION_NAME.test(name)),
    says: ({ policy }) => {
      const wrong = policy.allowed_functions.find((name) => !FUNCTION_NAME.test(name));
      return `policy.allowed_functions ${JSON.stringify(wrong)} is no name such as MY_FUNCTION or DB.SCHEMA.MY_FUNCTION`;
    },
  },
  {
    keys: ['limits.default_rows', 'limits.max_rows'],
    isWrong: ({ limits }) => limits.default_rows > limits.max_rows,
    says: ({ limits }) => `limits.default_rows ${limits.default_rows} is above limits.max_rows ${limits.max_rows}`,
  },
  {
    keys: ['metrics.port', 'server.port'],
    isWrong: ({ metrics, server }) => metrics.port === server.port && server.port !== 0,
    says: ({ server }) => `metrics.port and server.port are both ${server.port}`,
  },
  {
    keys: ['snowflake.authenticator', 'snowflake.password', 'snowflake.password_file'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      (snowflake.authenticator === 'SNOWFLAKE' || snowflake.authenticator === 'USERNAME_PASSWORD_MFA') &&
      !given(snowflake, 'password', 'password_file'),
    says: ({ snowflake }) => `snowflake.authenticator ${snowflake.authenticator} needs snowflake.password`,
  },
  {
    keys: ['snowflake.authenticator', 'snowflake.private_key', 'snowflake.private_key_path'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      snowflake.authenticator === 'SNOWFLAKE_JWT' && !given(snowflake, 'private_key', 'private_key_path'),
    says: () => 'snowflake.authenticator SNOWFLAKE_JWT needs snowflake.private_key or snowflake.private_key_path',
  },
  {
    keys: ['snowflake.authenticator', 'snowflake.token', 'snowflake.token_file_path'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      (snowflake.authenticator === 'OAUTH' || snowflake.authenticator === 'PROGRAMMATIC_ACCESS_TOKEN') &&
      !given(snowflake, 'token', 'token_file_path'),
    says: ({ snowflake }) =>
      `snowflake.authenticator ${snowflake.authenticator} needs snowflake.token or snowflake.token_file_path`,
  },
];
