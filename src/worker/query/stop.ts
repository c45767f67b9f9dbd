/**
 * The one reason for which a statement is stopped before its end: its client, its time limit, or the end of the worker.
 */
import { AppError } from '../../shared/errors.ts';

export type StopCause = 'client' | 'timeout' | 'drain';

export class Stop {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #onClient: () => void;
  #timer: NodeJS.Timeout | undefined;
  #cause: StopCause | undefined;

  constructor(client: AbortSignal) {
    this.#client = client;
    this.#onClient = () => this.stop('client', new AppError('QUERY_CANCELLED', {}));
    if (client.aborted) this.#onClient();
    else client.addEventListener('abort', this.#onClient, { once: true });
  }

  /** Aborts with the AppError that the caller gets. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Undefined while nothing has stopped it. */
  get cause(): StopCause | undefined {
    return this.#cause;
  }

  /** Starts the time limit; a second call starts it anew. */
  startTimer(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop('timeout', new AppError('QUERY_TIMEOUT', { limitMs })), limitMs);
  }

  stop(cause: StopCause, reason: AppError): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#controller.abort(reason);
  }

  /** Must be called when the statement is over, whatever became of it. */
  end(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener('abort', this.#onClient);
  }
}
