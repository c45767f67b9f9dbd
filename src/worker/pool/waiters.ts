/**
 * The line of calls that wait for a connection: first come, first served, each with its own deadline and signal.
 *
 * A waiter leaves exactly once: served, refused, too late or aborted; its timer and its listener go with it.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Need } from './rules.ts';

export interface Waiter<Lease> {
  readonly need: Need;
  readonly since: number;
  resolve(lease: Lease): void;
  reject(error: unknown): void;
}

export class Waiters<Lease> {
  readonly #clock: Clock;
  readonly #line: Waiter<Lease>[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#line.length;
  }

  get oldestMs(): number {
    const first = this.#line[0];
    return first === undefined ? 0 : this.#clock.now() - first.since;
  }

  all(): readonly Waiter<Lease>[] {
    return [...this.#line];
  }

  /** @param tooLate makes the error when `deadline` passes */
  join(need: Need, deadline: number, signal: AbortSignal, tooLate: (waitedMs: number) => Error): Promise<Lease> {
    const since = this.#clock.now();
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        const at = this.#line.indexOf(waiter);
        if (at !== -1) this.#line.splice(at, 1);
      };
      const waiter: Waiter<Lease> = {
        need,
        since,
        resolve: (lease) => {
          leave();
          resolve(lease);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal.reason);
      const onTimer = () => waiter.reject(tooLate(Math.round(this.#clock.now() - since)));
      const timer = setTimeout(onTimer, Math.max(0, deadline - since));
      this.#line.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
