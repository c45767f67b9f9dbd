/**
 * How much each session was used in this worker, and when last. Bounded: the session that was not used for longest is
 * forgotten first. The figures of a session that moves to another worker begin anew there.
 */
import type { Clock } from '../../shared/clock.ts';

export interface Activity {
  readonly id: string;
  readonly requests: number;
  readonly lastAtMs: number;
}

export class SessionActivity {
  readonly #clock: Clock;
  readonly #max: number;
  /** The least recently used first. */
  readonly #known = new Map<string, Activity>();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  /** Counts a request of the session. */
  note(id: string): void {
    const requests = (this.#known.get(id)?.requests ?? 0) + 1;
    this.#known.delete(id);
    this.#known.set(id, { id, requests, lastAtMs: this.#clock.wall().getTime() });
    if (this.#known.size <= this.#max) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  all(): readonly Activity[] {
    return [...this.#known.values()];
  }

  of(id: string): Activity | undefined {
    return this.#known.get(id);
  }
}
