/**
 * The one reason for which a statement is stopped before its end: its client, its time limit, an operator, or the end of
 * the worker.
 */
import { AppError } from '../../shared/errors.ts';

export type StopCause = 'client' | 'timeout' | 'operator' | 'drain';

export class Stop {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #onClient = () => this.stop('client');
  #limitMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cause: StopCause | undefined;

  constructor(client: AbortSignal) {
    this.#client = client;
    if (client.aborted) this.stop('client');
    else client.addEventListener('abort', this.#onClient, { once: true });
  }

  /** Aborts with the AppError that the caller gets. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why a statement was stopped; undefined while none was, also when the stop came before it had a connection. */
  get causeInSnowflake(): StopCause | undefined {
    return this.#limitMs === undefined ? undefined : this.#cause;
  }

  /** Starts the time limit; a second call starts it anew. */
  startTimer(limitMs: number): void {
    this.#limitMs = limitMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop('timeout'), limitMs);
  }

  /** Only the first call counts. */
  stop(cause: StopCause): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#controller.abort(this.error());
  }

  /** What the caller of a stopped statement gets. */
  error(queryId?: string): AppError {
    const id = queryId === undefined ? {} : { queryId };
    if (this.#cause === 'drain') return new AppError('POOL_CLOSED', {});
    if (this.#cause === 'operator') return new AppError('QUERY_KILLED', id);
    if (this.#cause === 'timeout') return new AppError('QUERY_TIMEOUT', { limitMs: this.#limitMs ?? 0, ...id });
    return new AppError('QUERY_CANCELLED', id);
  }

  /** Must be called when the statement is over, whatever became of it. */
  end(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener('abort', this.#onClient);
  }
}
