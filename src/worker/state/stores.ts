/**
 * The stores of a worker, as the configuration wants them: files of this host, or a Redis or Valkey that several daemons
 * share. Whoever keeps records opens a store by its name here and does not know which it is.
 */
import type { Clock } from '../../shared/clock.ts';
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
   * Never throws: a store that cannot be opened says so with every call, until it can.
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
  readonly clock: Clock;
  readonly log: Log;
}

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

function lmdbStores({ state, directory, clock }: StoresOptions): Stores {
  const open: { opened(): Pick<LmdbStore<unknown>, 'freeReaders'> | undefined }[] = [];
  return {
    redis: undefined,
    open: <Value>(name: string) => {
      const store = createReopeningStore<Value, LmdbStore<Value>>(
        () => openLmdbStore<Value>(directory, name, { maxBytes: state.max_size }),
        clock,
      );
      open.push(store);
      return store;
    },
    peerEnded: () => {
      for (const store of open) store.opened()?.freeReaders();
    },
    close: async () => {},
  };
}
