/**
 * Where records that must outlive a worker are kept, as the rest of the worker sees it.
 *
 * Every write is conditional on the version that was read, so that two workers never both believe they won. Nothing
 * here blocks: an implementation answers within a second or throws STATE_UNAVAILABLE.
 */

/** A record as it was read; `version` changes with every write. */
export interface Stored<Value> {
  readonly key: string;
  readonly value: Value;
  readonly version: number;
}

export interface StateStore<Value> {
  /** `shared`: all workers of the host see the same records. */
  readonly kind: 'shared' | 'memory';
  get(key: string): Promise<Stored<Value> | undefined>;
  /** Creates the record, or resolves to false when the key is taken. */
  create(key: string, value: Value): Promise<boolean>;
  /** Writes if the record still has `ifVersion`; resolves to the new version, or undefined when somebody was faster. */
  replace(key: string, value: Value, ifVersion: number): Promise<number | undefined>;
  /** Removes if the record still has `ifVersion`; false when somebody was faster. */
  remove(key: string, ifVersion: number): Promise<boolean>;
  /** At most `limit` records whose key is after `after`, in key order. */
  page(after: string, limit: number): Promise<readonly Stored<Value>[]>;
  /** Records whose key starts with `prefix`; all of them without one. */
  count(prefix?: string): Promise<number>;
  /** Resolves when a write would work now. @throws AppError STATE_UNAVAILABLE */
  check(): Promise<void>;
  close(): Promise<void>;
}
