/**
 * The door to LMDB: one file in the state directory that all workers of the host share, and that survives kill -9.
 *
 * Only conditional puts and removes, never a callback transaction: a stopped holder of the write lock would block all
 * others. A write that does not come back within a second is given up with STATE_UNAVAILABLE; whether it lands later is
 * then unknown, which conditional writes make harmless. Never on a network file system.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { AppError } from '../../shared/errors.ts';
import type { StateStore } from './store.ts';

const WRITE_DEADLINE_MS = 1000;
/** Address space, not disk: the file grows as needed and stays far below with the bound on sessions. */
const MAP_BYTES = 256 * 1024 * 1024;
const MAX_READERS = 512;

function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('STATE_UNAVAILABLE', { reason: `${what} took longer than ${WRITE_DEADLINE_MS} ms` })),
      WRITE_DEADLINE_MS,
    );
  });
  return Promise.race([work, deadline])
    .catch((error: unknown) => {
      if (error instanceof AppError) throw error;
      const reason = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      throw new AppError('STATE_UNAVAILABLE', { reason }, { cause: error });
    })
    .finally(() => clearTimeout(timer));
}

/**
 * Opens (or creates) the store `name` in `directory`.
 * @throws AppError STATE_UNAVAILABLE when the directory or the file cannot be used
 */
export function openLmdbStore<Value>(directory: string, name: string): StateStore<Value> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const db = open<Value, string>({
      path: join(directory, `${name}.lmdb`),
      useVersions: true,
      mapSize: MAP_BYTES,
      maxReaders: MAX_READERS,
      encoding: 'json',
    });
    db.readerCheck();
    return {
      kind: 'shared',
      get: async (key) => {
        const entry = db.getEntry(key);
        return entry === undefined ? undefined : { key, value: entry.value, version: entry.version ?? 0 };
      },
      create: (key, value) =>
        within(
          db.ifNoExists(key, () => {
            db.put(key, value, 1);
          }),
          'creating a record',
        ),
      replace: async (key, value, ifVersion) =>
        (await within(db.put(key, value, ifVersion + 1, ifVersion), 'writing a record')) ? ifVersion + 1 : undefined,
      remove: (key, ifVersion) => within(db.remove(key, ifVersion), 'removing a record'),
      page: async (after, limit) =>
        db
          .getRange({ start: after, exclusiveStart: true, limit, versions: true })
          .map(({ key, value, version }) => ({ key, value, version: version ?? 0 })).asArray,
      count: async () => (db.getStats() as { entryCount?: number }).entryCount ?? 0,
      close: () => db.close(),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('STATE_UNAVAILABLE', { reason: `${directory}: ${reason}` }, { cause: error });
  }
}
