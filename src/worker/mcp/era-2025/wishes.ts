/**
 * What the client of one session wants to hear without asking each time: log messages from a level on, and changes of
 * resources.
 *
 * A wish is written down before it is granted, so whoever takes the session over grants it too.
 */
import { type LoggingLevel, LoggingLevelSchema } from '@modelcontextprotocol/sdk/types.js';
import { AppError } from '../../../shared/errors.ts';
import type { SessionWishes } from '../../session/record.ts';
import { isSameResource } from '../resources.ts';

/** Longest texts of all subscriptions of a session together: records stay small. */
const SUBSCRIPTIONS_MAX_BYTES = 8 * 1024;
const LEVELS: readonly string[] = LoggingLevelSchema.options;

export interface WishesHome {
  /** Writes them down. @throws AppError STATE_UNAVAILABLE */
  save(wishes: SessionWishes): Promise<void>;
  /** The client has a stream open on which it hears what belongs to no call. */
  isListening(): boolean;
}

/** Of a session that ends with its connection, on which everything is heard. */
export const ONE_WIRE: WishesHome = { save: async () => {}, isListening: () => true };

export class Wishes {
  readonly #home: WishesHome;
  #kept: SessionWishes;
  /** Digest of the tools the client was offered; undefined where they cannot become others. */
  readonly offer: string | undefined;
  #tellAgain: () => void = () => {};
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();

  constructor(home: WishesHome, kept: SessionWishes = {}, offer?: string) {
    this.#home = home;
    this.#kept = kept;
    this.offer = offer;
  }

  /** Called each time the client listens again, which it says by `nowListens`. */
  onListening(tellAgain: () => void): void {
    this.#tellAgain = tellAgain;
  }

  nowListens(): void {
    this.#tellAgain();
  }

  isListening(): boolean {
    return this.#home.isListening();
  }

  /** False until the client has named a level. */
  hears(level: LoggingLevel): boolean {
    const { logLevel } = this.#kept;
    return logLevel !== undefined && LEVELS.indexOf(level) >= LEVELS.indexOf(logLevel);
  }

  /** True until the client has named a level. */
  hearsNothing(): boolean {
    return this.#kept.logLevel === undefined;
  }

  setLogLevel(logLevel: LoggingLevel): Promise<void> {
    return this.#change((wishes) => ({ ...wishes, logLevel }));
  }

  /** Addresses as the client wrote them. */
  subscriptions(): readonly string[] {
    return this.#kept.subscriptions ?? [];
  }

  /** The addresses under which the client knows this resource. */
  namesOf(uri: string): readonly string[] {
    return this.subscriptions().filter((known) => isSameResource(known, uri));
  }

  /** @throws AppError TOO_MANY_SUBSCRIPTIONS, STATE_UNAVAILABLE */
  subscribe(uri: string, max: number): Promise<void> {
    return this.#change((wishes) => {
      const subscriptions = [...new Set([...(wishes.subscriptions ?? []), uri])];
      if (subscriptions.length > max || Buffer.byteLength(subscriptions.join('')) > SUBSCRIPTIONS_MAX_BYTES) {
        throw new AppError('TOO_MANY_SUBSCRIPTIONS', { max });
      }
      return { ...wishes, subscriptions };
    });
  }

  unsubscribe(uri: string): Promise<void> {
    return this.#change((wishes) => ({
      ...wishes,
      subscriptions: (wishes.subscriptions ?? []).filter((known) => known !== uri),
    }));
  }

  #change(change: (wishes: SessionWishes) => SessionWishes): Promise<void> {
    const changed = this.#changing.then(async () => {
      const next = change(this.#kept);
      await this.#home.save(next);
      this.#kept = next;
    });
    this.#changing = changed.catch(() => {});
    return changed;
  }
}
