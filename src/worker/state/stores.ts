/**
 * The stores of a worker, as the configuration wants them: files of this host, or a Redis or Valkey that several daemons
 * share. Whoever keeps records opens a store by its name here and does not know which it is.
 */
import type { Config } from '../../shared/config/schema.ts';
import { readStatePassword } from '../../shared/config/shared-state.ts';
import type { Log } from '../../shared/log.ts';
import { type LmdbStore, openLmdbStore } from './lmdb-store.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';
import { openRedisStore } from './redis-store.ts';
import { createReopeningStore } from './reopening-store.ts';
import type { StateStore } from './store.ts';

export interface Stores {
  /** Undefined when sessions are this host's. */
  readonly redis: RedisConnection | undefined;
  /**
   * Never throws: a store that cannot be opened says so with every call, and once in the log.
   * @param ttlMs a record that nobody writes for this long may be gone; whoever keeps it sweeps earlier
   */
  open<Value>(name: string, ttlMs: number): StateStore<Value>;
  /** A process that used the stores has ended. */
  peerEnded(): void;
  /** After the stores themselves. */
  close(): Promise<void>;
}

export interface StoresOptions {
  readonly state: Config['state'];
  /** Of this host; not used with state.url. */
  readonly directory: string;
  readonly log: Log;
}

/** How often a store that cannot be opened is tried again. */
const OPEN_AGAIN_MS = 10_000;

/** @throws AppError CREDENTIALS_UNREADABLE */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { state, log } = options;
  if (state.url === undefined) return lmdbStores(options);
  const password = readStatePassword(state);
  const redis = await connectRedis({ url: state.url, password, prefix: state.key_prefix }, log);
  return {
    redis,
    open: (name, ttlMs) => openRedisStore(redis, { name, ttlMs }),
    peerEnded: () => {},
    close: () => redis.close(),
  };
}

function lmdbStores({ state, directory, log }: StoresOptions): Stores {
  const open: { opened(): Pick<LmdbStore<unknown>, 'freeReaders'> | undefined }[] = [];
  return {
    redis: undefined,
    open: <Value>(name: string) => {
      const store = createReopeningStore<Value, LmdbStore<Value>>(() =>
        openLmdbStore<Value>(directory, name, { maxBytes: state.max_size }),
      );
      void watchOpening(name, store, log);
      open.push(store);
      return store;
    },
    peerEnded: () => {
      for (const store of open) store.opened()?.freeReaders();
    },
    close: async () => {},
  };
}

/** A store that cannot be opened is tried again until it can: whoever keeps records in it only sees that calls work again. */
async function watchOpening(
  name: string,
  store: Pick<LmdbStore<unknown>, 'check'> & { opened(): unknown },
  log: Log,
): Promise<void> {
  const meanwhile = `${name} made meanwhile live in their worker and end with it`;
  for (let tries = 1; ; tries += 1) {
    try {
      await store.check();
      if (tries > 1) log.info('store.recovered', `the store of ${name} can be used again`);
      return;
    } catch (error) {
      if (store.opened() !== undefined) {
        log.warn('store.failed', `the store of ${name} has not taken a write: ${meanwhile}`, { error });
        return;
      }
      if (tries === 1) log.error('store.failed', `the store of ${name} cannot be opened: ${meanwhile}`, { error });
    }
    await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS).unref());
  }
}
