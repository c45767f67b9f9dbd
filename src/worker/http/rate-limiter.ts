/**
 * How many requests a minute a client, or all together, may send, over all workers.
 *
 * This worker holds a small lease per client, taken from whoever counts for all, and renews it before it is used up: the
 * check itself is a subtraction. While nobody counts, each worker gives out its own share of the limit. A minute that is
 * used up is remembered, so that refusing costs nothing either. Leases of other workers that nobody uses are missing
 * here: a client may be refused up to LEASE_SHARE of its limit too early, never let in beyond it.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Grant, RateRule } from '../../shared/rate-pot.ts';

/** Whoever counts for all workers; undefined when it does not answer. */
export type LeaseSource = (key: string, amount: number, rule: RateRule) => Promise<Grant | undefined>;

export interface RateLimiterOptions {
  readonly source: LeaseSource;
  readonly clock: Clock;
  /** Workers that share the limit while nobody counts. */
  workers(): number;
  /** Clients that are counted each for itself; the others share one count. */
  readonly maxClients: number;
}

interface Lease {
  /** Under which it is counted. */
  readonly key: string;
  tokens: number;
  expiresAt: number;
  /** Nothing is left until then. */
  usedUpUntil: number;
  /** What requests that wait need. */
  wanted: number;
  renewal: Promise<void> | undefined;
}

/** All leases of all workers together are about this part of the limit. */
export const LEASE_SHARE = 0.05;
const LEASE_MAX = 500;
const OWN_MINUTE_MS = 60_000;
/** A renewal that brings too little for those who wait is repeated this often. */
const RENEWALS_MAX = 3;
const NOT_NOW_MS = 1000;
const SWEEP_EVERY_MS = 1000;
const OTHERS = 'others';

export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #leases = new Map<string, Lease>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  /**
   * Takes `count` requests of a client; undefined when they may run, else after how many ms to try again. Synchronous
   * while the lease lasts.
   */
  take(client: string, rule: RateRule, count: number): undefined | number | Promise<number | undefined> {
    const lease = this.#leaseOf(client);
    const wanted = Math.min(count, rule.perMinute);
    const now = this.#options.clock.now();
    if (lease.usedUpUntil > now && !this.#has(lease, wanted, now)) return lease.usedUpUntil - now;
    if (!this.#has(lease, wanted, now)) return this.#wait(lease, rule, wanted);
    lease.tokens -= wanted;
    const isLow = lease.tokens < this.#size(rule) / 2;
    if (isLow && lease.usedUpUntil <= now) void this.#renew(lease, rule);
    return undefined;
  }

  #has(lease: Lease, wanted: number, now: number): boolean {
    return lease.tokens >= wanted && now < lease.expiresAt;
  }

  #size(rule: RateRule): number {
    const share = (rule.perMinute * LEASE_SHARE) / Math.max(1, this.#options.workers());
    return Math.min(LEASE_MAX, Math.max(1, Math.floor(share)));
  }

  async #wait(lease: Lease, rule: RateRule, wanted: number): Promise<number | undefined> {
    const { clock } = this.#options;
    lease.wanted += wanted;
    try {
      for (let round = 0; round < RENEWALS_MAX; round++) {
        await this.#renew(lease, rule);
        const now = clock.now();
        if (this.#has(lease, wanted, now)) {
          lease.tokens -= wanted;
          return undefined;
        }
        if (lease.usedUpUntil > now) return lease.usedUpUntil - now;
      }
      return NOT_NOW_MS;
    } finally {
      lease.wanted -= wanted;
    }
  }

  /** One at a time for each lease. */
  #renew(lease: Lease, rule: RateRule): Promise<void> {
    lease.renewal ??= this.#take(lease, rule).finally(() => {
      lease.renewal = undefined;
    });
    return lease.renewal;
  }

  async #take(lease: Lease, rule: RateRule): Promise<void> {
    const { source, clock, workers } = this.#options;
    const amount = Math.min(rule.perMinute, this.#size(rule) + lease.wanted);
    const grant = await source(lease.key, amount, rule);
    const now = clock.now();
    const isOver = now >= lease.expiresAt;
    if (grant === undefined) {
      // The own share is given out once a minute.
      if (!isOver) {
        lease.usedUpUntil = lease.expiresAt;
        return;
      }
      lease.tokens = Math.max(1, Math.floor(rule.perMinute / Math.max(1, workers())));
      lease.expiresAt = now + OWN_MINUTE_MS;
      return;
    }
    const expiresAt = now + grant.expiresInMs;
    // What is left of the minute before is not carried over.
    const isNewMinute = isOver || expiresAt > lease.expiresAt + NOT_NOW_MS;
    lease.tokens = (isNewMinute ? 0 : lease.tokens) + grant.granted;
    lease.expiresAt = expiresAt;
    if (grant.granted === 0) lease.usedUpUntil = expiresAt;
  }

  #leaseOf(client: string): Lease {
    const known = this.#leases.get(client);
    if (known !== undefined) return known;
    if (this.#leases.size >= this.#options.maxClients) this.#sweep();
    const key = this.#leases.size < this.#options.maxClients ? client : OTHERS;
    const made = this.#leases.get(key) ?? {
      key,
      tokens: 0,
      expiresAt: 0,
      usedUpUntil: 0,
      wanted: 0,
      renewal: undefined,
    };
    this.#leases.set(key, made);
    return made;
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const [client, lease] of this.#leases) {
      const isIdle = lease.expiresAt <= now && lease.usedUpUntil <= now && lease.renewal === undefined;
      if (isIdle) this.#leases.delete(client);
    }
  }
}

/** A name for a client that is short and tells nothing. */
export function leaseKey(client: string): string {
  return createHash('sha256').update(client).digest('base64url').slice(0, 22);
}
