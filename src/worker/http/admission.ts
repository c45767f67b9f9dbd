/**
 * Who may run how many MCP requests at once in this worker: all together, and each principal.
 *
 * Too many of one principal is its own doing (429); a worker that is full is not (503): another one may have room.
 */
import { AppError } from '../../shared/errors.ts';
import { ANONYMOUS, type Principal } from '../../shared/principal.ts';

export interface AdmissionOptions {
  readonly maxConcurrent: number;
  /** A principal may have a bound of its own. It does not hold for callers without a name: they cannot be told apart. */
  readonly maxConcurrentPerClient: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byClient = new Map<string, number>();
  #running = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Counts one request in; the caller says by the function it gets when the request has ended.
   * @throws AppError OVERLOADED, TOO_MANY_REQUESTS
   */
  enter({ id, limits }: Principal): () => void {
    const { maxConcurrent, maxConcurrentPerClient } = this.#options;
    const own = this.#byClient.get(id) ?? 0;
    const max = limits?.maxConcurrent ?? maxConcurrentPerClient;
    if (id !== ANONYMOUS.id && own >= max) throw new AppError('TOO_MANY_REQUESTS', { max });
    if (this.#running >= maxConcurrent) throw new AppError('OVERLOADED', { max: maxConcurrent });
    this.#running++;
    this.#byClient.set(id, own + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#running--;
      const left = (this.#byClient.get(id) ?? 1) - 1;
      if (left > 0) this.#byClient.set(id, left);
      else this.#byClient.delete(id);
    };
  }
}
