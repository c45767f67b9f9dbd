/**
 * Which MCP requests may run: so many at once in this worker, all together and of each principal, and so many a minute
 * over all workers. What a key names for itself holds where it is the smaller figure.
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
  /** A principal may have a smaller one. It does not hold for callers without a name: they cannot be told apart. */
  readonly maxConcurrentPerClient: number;
  /** 0 counts nothing. */
  readonly ratePerMinute: number;
  /** 0 counts nothing; a principal may have a smaller one. */
  readonly clientRatePerMinute: number;
  /** Listening streams of one principal; as `maxConcurrentPerClient`. */
  readonly maxStreamsPerClient: number;
  /** Part of a rate that a peak may go beyond it. */
  readonly burst: number;
  readonly rates: RateLimiter;
  readonly recorder: Pick<Recorder, 'count'>;
  readonly clock: Clock;
  readonly log: Log;
}

type LimitType = 'client_rate' | 'rate' | 'client_concurrent' | 'concurrent' | 'client_streams';

const LOG_EVERY_MS = 60_000;
const LOGGED_MAX = 1000;

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byClient = new Map<string, number>();
  readonly #streams = new Map<string, number>();
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
    const leave = this.#enterNow(principal, count);
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
  enterCounted(principal: Principal, count = 1): () => void {
    return this.#enterNow(principal, count);
  }

  /**
   * A place for one listening stream; the caller says by the function it gets when it has ended.
   * @throws AppError TOO_MANY_STREAMS
   */
  enterStream({ id }: Principal): () => void {
    const { maxStreamsPerClient: max } = this.#options;
    if (id !== ANONYMOUS.id && (this.#streams.get(id) ?? 0) >= max) {
      throw this.#refused('client_streams', id, new AppError('TOO_MANY_STREAMS', { max }));
    }
    return countIn(this.#streams, id);
  }

  #enterNow(principal: Principal, count: number): () => void {
    const { maxConcurrent, maxConcurrentPerClient } = this.#options;
    const { id, limits } = principal;
    const max = Math.min(limits?.maxConcurrent ?? maxConcurrentPerClient, maxConcurrentPerClient);
    if (id !== ANONYMOUS.id && (this.#byClient.get(id) ?? 0) + count > max) {
      throw this.#refused('client_concurrent', id, new AppError('TOO_MANY_REQUESTS', { max }));
    }
    if (this.#running + count > maxConcurrent) {
      throw this.#refused('concurrent', id, new AppError('OVERLOADED', { max: maxConcurrent }));
    }
    this.#running += count;
    const leave = countIn(this.#byClient, id, count);
    let isInside = true;
    return () => {
      if (isInside) this.#running -= count;
      isInside = false;
      leave();
    };
  }

  async #rate({ id, limits }: Principal, count: number): Promise<void> {
    const { rates, ratePerMinute, clientRatePerMinute, burst } = this.#options;
    const rule = (perMinute: number): RateRule => ({ perMinute, reserve: Math.floor(perMinute * burst) });
    const own = smallerRate(limits?.requestsPerMinute ?? 0, clientRatePerMinute);
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

/** Counts so many more of `id`; the function it gives takes them back, once. */
function countIn(counts: Map<string, number>, id: string, count = 1): () => void {
  counts.set(id, (counts.get(id) ?? 0) + count);
  let isCounted = true;
  return () => {
    if (!isCounted) return;
    isCounted = false;
    const left = (counts.get(id) ?? count) - count;
    if (left > 0) counts.set(id, left);
    else counts.delete(id);
  };
}

/** 0 is none at all. */
function smallerRate(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);
}
