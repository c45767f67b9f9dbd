/**
 * The door to Redis or Valkey: one connection of a worker for its records, a second one for events.
 *
 * No command waits longer than a second: while the server is away each fails at once with STATE_UNAVAILABLE, and the
 * connection comes back by itself, later and later. Nothing is sent twice: what was under way when the connection broke
 * has an unknown outcome, which conditional writes make harmless.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { warnOfEviction } from './redis-eviction.ts';

export interface RedisSettings {
  /** redis:// or rediss://, without a password. */
  readonly url: string;
  readonly password: string | undefined;
  /** Begin of every key and channel. */
  readonly prefix: string;
}

export interface RedisConnection {
  readonly prefix: string;
  /**
   * Runs one command or a pipeline of them.
   * @throws AppError STATE_UNAVAILABLE
   */
  run<T>(what: string, command: (redis: Redis) => Promise<T>): Promise<T>;
  /** A second connection, which only listens to the channel. */
  listen(channel: string, hear: (text: string) => void): void;
  close(): Promise<void>;
}

const COMMAND_MS = 1000;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 2000;

type Options = Omit<RedisOptions, 'replyMapping'>;

function optionsOf({ password }: RedisSettings): Options {
  return {
    ...(password === undefined ? {} : { password }),
    connectTimeout: COMMAND_MS,
    commandTimeout: COMMAND_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    // A primary that has become a replica keeps its connections: a new one finds the new primary.
    reconnectOnError: ({ message }) => /\bREADONLY\b/.test(message),
    retryStrategy: (tries) => Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(tries, 10)),
  };
}

/** Addresses are for the log; the address of the store holds no secret. */
function open(settings: RedisSettings, more: Options, log: Log): Redis {
  const redis = new Redis(settings.url, { ...optionsOf(settings), ...more });
  let isLost = false;
  const lose = (reason: string) => {
    if (!isLost) log.warn('store.lost', `the store at ${settings.url} does not answer: ${reason}`);
    isLost = true;
  };
  redis.on('error', (error: Error) => lose(error.message));
  redis.on('reconnecting', () => lose('the connection broke'));
  redis.on('ready', () => {
    if (isLost) log.info('store.back', `the store at ${settings.url} answers again`);
    isLost = false;
  });
  return redis;
}

const within = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** Resolves when the store answers, or after a second: then it is tried again in the background. */
export async function connectRedis(settings: RedisSettings, log: Log): Promise<RedisConnection> {
  const redis = open(settings, {}, log);
  const listeners: Redis[] = [];
  redis.on('ready', () => void warnOfEviction(redis, settings.url, log));
  await Promise.race([redis.connect().catch(() => {}), within(COMMAND_MS)]);
  return {
    prefix: settings.prefix,
    run: async (what, command) => {
      try {
        return await command(redis);
      } catch (error) {
        const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
        throw new AppError('STATE_UNAVAILABLE', { reason }, { cause: error });
      }
    },
    listen: (channel, hear) => {
      // The driver subscribes again by itself after each loss. It waits as long as it takes: a time-out of 0 would end at once.
      const patient = { enableOfflineQueue: true, commandTimeout: undefined, maxRetriesPerRequest: null };
      const listener = open(settings, patient, log);
      listeners.push(listener);
      listener.on('message', (_channel: string, text: string) => hear(text));
      listener.subscribe(channel).catch(() => {});
    },
    close: async () => {
      for (const each of [redis, ...listeners]) each.disconnect();
    },
  };
}
