/**
 * Whatever stays open for a caller (streams, answers under way, sockets) ends when its key is revoked or changed, or its
 * token expires: at once for a key, within a second for what ends by the clock.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Principal } from '../../shared/principal.ts';

export interface StandingOptions {
  readonly clock: Clock;
  /** Whether its credentials would still be taken, the clock aside. */
  isGood(principal: Principal): boolean;
}

const LOOK_EVERY_MS = 1000;

interface Held {
  readonly principal: Principal;
  readonly end: () => void;
}

export class Standing {
  readonly #options: StandingOptions;
  readonly #held = new Set<Held>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  /** `end` is called once if the principal loses its standing; the caller lets go by calling what is returned. */
  hold(principal: Principal, end: () => void): () => void {
    const held = { principal, end };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  /** Ends what is held for principals that have lost their standing. */
  check(): void {
    const now = this.#options.clock.wall().getTime();
    for (const held of this.#held) {
      const { expiresAtMs = Number.POSITIVE_INFINITY } = held.principal;
      if (expiresAtMs > now && this.#options.isGood(held.principal)) continue;
      this.#held.delete(held);
      held.end();
    }
  }

  start(): void {
    this.#timer = setInterval(() => this.check(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
