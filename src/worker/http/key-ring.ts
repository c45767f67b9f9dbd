/**
 * The file of client keys as this worker knows it: read at the start and again whenever it changes, so that a key that
 * was made or revoked counts within a moment and without a restart.
 *
 * Once there was a file, keys are asked for until the worker ends, whatever becomes of it: removing it locks everybody
 * out instead of letting everybody in. A file that cannot be read leaves the keys as they were, and says so.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type ClientKey, findKey, keyIdOf, principalOf, stateOf } from '../../shared/client-keys.ts';
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import { markUsed, readKeys } from '../../shared/keys-file.ts';
import type { Log } from '../../shared/log.ts';
import type { Principal } from '../../shared/principal.ts';

export interface KeyRingOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where no watch can be had, and for what a watch misses. */
const LOOK_EVERY_MS = 2000;
/** A key's last use is written down at most this often. */
const NOTE_EVERY_MS = 60_000;

export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #listeners = new Set<() => void>();
  readonly #notedAt = new Map<string, number>();
  #keys: ReadonlyMap<string, ClientKey> = new Map();
  #hasFile = false;
  #seen = '';
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @throws AppError KEYS_UNUSABLE for a file that is there and cannot be used */
  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#seen = this.#stamp();
    this.#take(readKeys(options.file));
  }

  /** There is, or was, a file of keys. */
  get isRequired(): boolean {
    return this.#hasFile;
  }

  /** @throws AppError UNAUTHENTICATED for a key that is unknown, expired or revoked */
  find(text: string): Principal {
    const { clock } = this.#options;
    const now = clock.wall();
    const key = findKey(this.#keys, text, now);
    if (key === undefined) throw new AppError('UNAUTHENTICATED', { reason: 'the key is not known' });
    const state = stateOf(key, now);
    if (state !== 'active') {
      throw new AppError('UNAUTHENTICATED', {
        reason: state === 'expired' ? 'the key has expired' : 'the key is revoked',
      });
    }
    this.#note(key.id);
    return principalOf(key);
  }

  /** Whether a principal that `find` gave still has a key with the same rights. */
  isGood(principal: Principal): boolean {
    const key = this.#keys.get(keyIdOf(principal.id) ?? '');
    if (key === undefined || stateOf(key, this.#options.clock.wall()) !== 'active') return false;
    return JSON.stringify(principalOf(key)) === JSON.stringify(principal);
  }

  /** Seconds until the first of the active keys expires; undefined when none does. */
  firstExpirySeconds(): number | undefined {
    const now = this.#options.clock.wall();
    const ends = [...this.#keys.values()].flatMap((key) =>
      key.expires !== undefined && stateOf(key, now) === 'active' ? [Date.parse(key.expires)] : [],
    );
    return ends.length === 0 ? undefined : (Math.min(...ends) - now.getTime()) / 1000;
  }

  /** Calls back when the keys have changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Looks for changes from now on. */
  start(): void {
    const { file } = this.#options;
    try {
      this.#watcher = watch(dirname(file), (_event, name) => {
        if (name === null || name === basename(file)) this.refresh();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
      this.#watcher.unref();
    } catch {
      // The directory is not there yet, or no watches are left: looking from time to time does.
    }
    this.#timer = setInterval(() => this.refresh(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }

  /** Reads the file again if it is another than before. */
  refresh(): void {
    const stamp = this.#stamp();
    if (stamp === this.#seen) return;
    this.#seen = stamp;
    const { file, log } = this.#options;
    try {
      this.#take(readKeys(file));
    } catch (error) {
      log.error('keys.unusable', 'the file of client keys cannot be used; the keys of before go on', { error });
      return;
    }
    log.info('keys.changed', 'the client keys were read again', { keys: this.#keys.size });
    for (const listener of this.#listeners) listener();
  }

  #take(keys: readonly ClientKey[] | undefined): void {
    this.#hasFile ||= keys !== undefined;
    this.#keys = new Map((keys ?? []).map((key) => [key.id, key]));
  }

  #stamp(): string {
    const stat = statSync(this.#options.file, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? '' : `${stat.ino}.${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}`;
  }

  /** Beside the call, not on its way. */
  #note(id: string): void {
    const { clock, file, log } = this.#options;
    const now = clock.now();
    if (now - (this.#notedAt.get(id) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return;
    this.#notedAt.set(id, now);
    markUsed(file, id, clock.wall()).catch((error: unknown) => {
      log.debug('keys.use_not_noted', 'when a key was last used could not be written down', { error });
    });
  }
}
