/**
 * The door to LMDB: files in the state directory that all workers of the host share, and that survive kill -9.
 *
 * Only conditional puts and removes, never a callback transaction: a stopped holder of the write lock would block all
 * others. A write that does not come back within three seconds is given up with STATE_UNAVAILABLE; whether it lands
 * later is then unknown, which conditional writes make harmless. Never on a network file system.
 */
import { join } from 'node:path';
import { open } from 'lmdb';
import { makeDirectories } from '../../shared/directories.ts';
import { AppError } from '../../shared/errors.ts';
import { lmdbFault } from '../../shared/lmdb-file.ts';
import type { StateStore } from './store.ts';

/** What a loaded machine may take: a session that is not written down ends with its worker. */
const WRITE_DEADLINE_MS = 3000;
/** Address space to begin with, not disk; it grows with the file. */
const MAP_BYTES = 16 * 1024 * 1024;
const MAX_READERS = 512;
/** How long the library may take to say why a commit failed. */
const REASON_MS = 100;
/** Sorts after every character of a key. */
const LAST_CHARACTER = '\u{10ffff}';
/** Written and removed in one transaction to see that a write works; nobody ever reads it. */
const CHECK_KEY = '~check';

export interface LmdbStore<Value> extends StateStore<Value> {
  /** Frees what a process that ended has left in the table of readers. */
  freeReaders(): void;
}

export interface LmdbOptions {
  /** Data beyond which nothing new is taken. */
  readonly maxBytes: number;
}

/**
 * True for a rejection that nobody can catch: when a commit fails the library (3.5) rejects, beside the promise of each
 * write, one that it gives to nobody. The writes themselves have been told.
 */
export function isUncatchable(error: unknown): boolean {
  return error instanceof Error && (error as { commitError?: unknown }).commitError instanceof Promise;
}

/** Why a write failed: of a commit the library tells that apart, by a promise. */
async function reasonOf(error: unknown): Promise<string> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  const told = commitError?.then(() => error).catch((cause: unknown) => cause);
  const late = new Promise((resolve) => setTimeout(resolve, REASON_MS, error));
  const cause = told === undefined ? error : await Promise.race([told, late]);
  return cause instanceof Error ? cause.message : String(cause);
}

function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('STATE_UNAVAILABLE', { reason: `${what} took longer than ${WRITE_DEADLINE_MS} ms` })),
      WRITE_DEADLINE_MS,
    );
  });
  return Promise.race([work, deadline])
    .catch(async (error: unknown) => {
      if (error instanceof AppError) throw error;
      throw new AppError('STATE_UNAVAILABLE', { reason: `${what}: ${await reasonOf(error)}` }, { cause: error });
    })
    .finally(() => clearTimeout(timer));
}

interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
  readonly entryCount: number;
}

/** Reads are done at once; what the library throws gets our name. */
async function reading<T>(read: () => T): Promise<T> {
  try {
    return read();
  } catch (error) {
    const reason = `reading: ${error instanceof Error ? error.message : String(error)}`;
    throw new AppError('STATE_UNAVAILABLE', { reason }, { cause: error });
  }
}

function openFile<Value>(directory: string, name: string) {
  const path = join(directory, `${name}.lmdb`);
  try {
    makeDirectories(directory, 0o700);
    const fault = lmdbFault(path);
    if (fault !== undefined) throw new AppError('STATE_DAMAGED', { file: path, reason: fault });
    const db = open<Value, string>({
      path,
      useVersions: true,
      mapSize: MAP_BYTES,
      maxReaders: MAX_READERS,
      encoding: 'json',
    });
    db.readerCheck();
    return db;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('STATE_UNAVAILABLE', { reason: `${directory}: ${reason}` }, { cause: error });
  }
}

/**
 * Opens (or creates) the store `name` in `directory`.
 * @throws AppError STATE_DAMAGED, STATE_UNAVAILABLE when the directory or the file cannot be used
 */
export function openLmdbStore<Value>(directory: string, name: string, { maxBytes }: LmdbOptions): LmdbStore<Value> {
  const db = openFile<Value>(directory, name);
  let closing: Promise<void> | undefined;
  const stats = () => db.getStats() as TreeStats;
  /** Reads of one turn of the loop see the store as it was at its first: what another worker has made since is missed. */
  const freshEntry = (key: string) => {
    db.resetReadTxn();
    return db.getEntry(key);
  };
  const refuseFull = () => {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = stats();
    const bytes = (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize;
    if (bytes < maxBytes) return;
    throw new AppError('STATE_UNAVAILABLE', { reason: `${name} hold ${bytes} bytes, state.max_size is ${maxBytes}` });
  };
  return {
    kind: 'shared',
    get: (key) =>
      reading(() => {
        const entry = db.getEntry(key) ?? freshEntry(key);
        return entry === undefined ? undefined : { key, value: entry.value, version: entry.version ?? 0 };
      }),
    create: async (key, value) => {
      await reading(refuseFull);
      const put = () => {
        db.put(key, value, 1).catch(() => {});
      };
      return within(db.ifNoExists(key, put), 'creating a record');
    },
    replace: async (key, value, ifVersion) =>
      (await within(db.put(key, value, ifVersion + 1, ifVersion), 'writing a record')) ? ifVersion + 1 : undefined,
    remove: (key, ifVersion) => within(db.remove(key, ifVersion), 'removing a record'),
    page: (after, limit) =>
      reading(() => {
        const range = db.getRange({ start: after, exclusiveStart: true, limit, versions: true });
        return Array.from(range, ({ key, value, version }) => ({ key, value, version: version ?? 0 }));
      }),
    count: (prefix = '') =>
      reading(() =>
        prefix === '' ? stats().entryCount : db.getKeysCount({ start: prefix, end: `${prefix}${LAST_CHARACTER}` }),
      ),
    check: async () => {
      await reading(refuseFull);
      // One turn of the loop is one transaction.
      const written = db.put(CHECK_KEY, null as Value, 1);
      const removed = db.remove(CHECK_KEY);
      removed.catch(() => {});
      await within(written, 'trying a write');
      await within(removed, 'trying a write');
    },
    freeReaders: () => void db.readerCheck(),
    close: () => {
      closing ??= db.close();
      return closing;
    },
  };
}
