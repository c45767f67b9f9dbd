/** Values that are fine alone and impossible together: one table, checked when all keys of a row could be read. */
import { cronFault } from '../cron.ts';
import { checkTarget } from '../health-target.ts';
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

export const PAIR_RULES: readonly PairRule[] = [
  {
    keys: ['pool.min_size', 'pool.max_size'],
    isWrong: ({ pool }) => pool.min_size > pool.max_size,
    says: ({ pool }) => `pool.min_size ${pool.min_size} is above pool.max_size ${pool.max_size}`,
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
    keys: ['snowflake.authenticator', 'snowflake.password'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      (snowflake.authenticator === 'SNOWFLAKE' || snowflake.authenticator === 'USERNAME_PASSWORD_MFA') &&
      !has(snowflake.password),
    says: ({ snowflake }) => `snowflake.authenticator ${snowflake.authenticator} needs snowflake.password`,
  },
  {
    keys: ['snowflake.authenticator', 'snowflake.private_key', 'snowflake.private_key_path'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      snowflake.authenticator === 'SNOWFLAKE_JWT' && !has(snowflake.private_key) && !has(snowflake.private_key_path),
    says: () => 'snowflake.authenticator SNOWFLAKE_JWT needs snowflake.private_key or snowflake.private_key_path',
  },
  {
    keys: ['snowflake.authenticator', 'snowflake.token', 'snowflake.token_file_path'],
    credentials: true,
    isWrong: ({ snowflake }) =>
      (snowflake.authenticator === 'OAUTH' || snowflake.authenticator === 'PROGRAMMATIC_ACCESS_TOKEN') &&
      !has(snowflake.token) &&
      !has(snowflake.token_file_path),
    says: ({ snowflake }) =>
      `snowflake.authenticator ${snowflake.authenticator} needs snowflake.token or snowflake.token_file_path`,
  },
];
