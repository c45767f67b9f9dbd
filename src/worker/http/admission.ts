/**
 * Which MCP requests may run: so many at once in this worker, all together and of each principal, and so many a minute
 * over all workers.
 *
 * What one principal sends too much is its own doing (429); that a worker is full is not (503): another may have room.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { ANONYMOUS, type Principal } from '../../shared/principal.ts';
import type { RateRule } from '../../shared/rate-pot.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface AdmissionOptions {
  readonly maxConcurrent: number;
  /** A principal may have a bound of its own. It does not hold for callers without a name: they cannot be told apart. */
  readonly maxConcurrentPerClient: number;
  /** 0 counts nothing. */
  readonly ratePerMinute: number;
  /** 0 counts nothing; a principal may have a rate of its own. */
  readonly clientRatePerMinute: number;
  /** Part of a rate that a peak may go beyond it. */
  readonly burst: number;
  readonly rates: RateLimiter;
  readonly recorder: Pick<Recorder, 'count'>;
  readonly clock: Clock;
  readonly log: Log;
}

type LimitType = 'client_rate' | 'rate' | 'client_concurrent' | 'concurrent';

const LOG_EVERY_MS = 60_000;
const LOGGED_MAX = 1000;

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byClient = new Map<string, number>();
  /** When a principal's refusals were last logged: a flood is one line a minute. */
  readonly #loggedAt = new Map<string, number>();
  #running = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Lets `count` requests of one exchange in; the caller says by the function it gets when they have ended.
   * @throws AppError OVERLOADED, TOO_MANY_REQUESTS, RATE_LIMITED
   */
  async enter(principal: Principal, count = 1): Promise<() => void> {
    const leave = this.#enterNow(principal);
    try {
      await this.#rate(principal, count);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * As `enter`, for what another worker has counted already.
   * @throws AppError OVERLOADED, TOO_MANY_REQUESTS
   */
  enterCounted(principal: Principal): () => void {
    return this.#enterNow(principal);
  }

  #enterNow(principal: Principal): () => void {
    const { maxConcurrent, maxConcurrentPerClient } = this.#options;
    const { id, limits } = principal;
    const own = this.#byClient.get(id) ?? 0;
    const max = limits?.maxConcurrent ?? maxConcurrentPerClient;
    if (id !== ANONYMOUS.id && own >= max) {
      throw this.#refused('client_concurrent', id, new AppError('TOO_MANY_REQUESTS', { max }));
    }
    if (this.#running >= maxConcurrent) {
      throw this.#refused('concurrent', id, new AppError('OVERLOADED', { max: maxConcurrent }));
    }
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

  async #rate({ id, limits }: Principal, count: number): Promise<void> {
    const { rates, ratePerMinute, clientRatePerMinute, burst } = this.#options;
    const rule = (perMinute: number): RateRule => ({ perMinute, reserve: Math.floor(perMinute * burst) });
    const own = limits?.requestsPerMinute ?? clientRatePerMinute;
    const ask = async (whose: 'client' | 'all', perMinute: number) => {
      if (perMinute === 0) return;
      const answer = rates.take(whose === 'client' ? `client:${id}` : 'all', rule(perMinute), count);
      const retryAfterMs = answer instanceof Promise ? await answer : answer;
      if (retryAfterMs === undefined) return;
      const error = new AppError('RATE_LIMITED', { whose, perMinute, retryAfterMs: Math.ceil(retryAfterMs) });
      throw this.#refused(whose === 'client' ? 'client_rate' : 'rate', id, error);
    };
    await ask('client', own);
    await ask('all', ratePerMinute);
  }

  #refused(limitType: LimitType, principal: string, error: AppError): AppError {
    const { recorder, clock, log } = this.#options;
    recorder.count('rate_limit_exceeded_total', { limit_type: limitType });
    const key = `${limitType} ${principal}`;
    const now = clock.now();
    if (now - (this.#loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) >= LOG_EVERY_MS) {
      if (this.#loggedAt.size >= LOGGED_MAX) this.#loggedAt.clear();
      this.#loggedAt.set(key, now);
      log.warn('rate_limit', error.message, { principal, limit_type: limitType });
    }
    return error;
  }
}
