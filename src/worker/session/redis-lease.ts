/**
 * Leases on Redis or Valkey: a key per worker that runs out unless it is renewed three times as often.
 *
 * The worker counts from the moment it sent the last renewal, so that it stops before others may take over; it looks at
 * the monotonic and at the wall clock, because a machine that sleeps stops the one and not the other.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { RedisConnection } from '../state/redis-connection.ts';
import type { Lease } from './lease.ts';
import { ownerName } from './record.ts';

export interface RedisLeaseOptions {
  readonly redis: RedisConnection;
  readonly daemon: string;
  readonly incarnation: number;
  /** Where other daemons reach this one. */
  readonly url: string;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Renewals a lease. */
const RENEWALS = 3;
/** The worker gives up this share of the lease before it ends in the store. */
const MARGIN = 0.1;
/** How long the word that somebody lives is believed. */
const FOUND_MS = 500;
const FOUND_MAX = 1000;

interface Held {
  readonly sentAt: number;
  readonly sentAtWallMs: number;
}

/** Resolves when the first lease is taken, or could not be: then it is tried again. */
export async function openRedisLease(options: RedisLeaseOptions): Promise<Lease> {
  const lease = new RedisLease(options);
  await lease.renew();
  return lease;
}

class RedisLease implements Lease {
  readonly #options: RedisLeaseOptions;
  readonly #listeners: (() => void)[] = [];
  /** Owners found alive lately; a lease that is gone never comes back, so only that may be stale. */
  readonly #found = new Map<string, { url: string; at: number }>();
  readonly #heartbeat: NodeJS.Timeout;
  #fuse: NodeJS.Timeout | undefined;
  #epoch = 0;
  #held: Held | undefined;
  #renewing: Promise<void> | undefined;

  constructor(options: RedisLeaseOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => void this.renew(), options.leaseMs / RENEWALS).unref();
  }

  me(): string {
    const { daemon, incarnation } = this.#options;
    return ownerName(daemon, incarnation, this.#epoch);
  }

  holds(): boolean {
    if (this.#held === undefined) return false;
    if (!this.#hasRunOut(this.#held)) return true;
    this.#lose('it was not renewed in time');
    return false;
  }

  #hasRunOut({ sentAt, sentAtWallMs }: Held): boolean {
    const { clock, leaseMs } = this.#options;
    const age = Math.max(clock.now() - sentAt, clock.wall().getTime() - sentAtWallMs);
    return age >= leaseMs * (1 - MARGIN);
  }

  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #lose(reason: string): void {
    clearTimeout(this.#fuse);
    this.#held = undefined;
    this.#options.log.warn('lease.lost', `this worker holds no session any more: ${reason}`, { owner: this.me() });
    this.#epoch++;
    for (const listener of this.#listeners) listener();
  }

  /** Renews the lease, or takes that of the next epoch; one at a time. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew()
      // The store tells of itself; the fuse ends the lease when this goes on.
      .catch(() => {})
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const { redis, clock, leaseMs, url, log } = this.#options;
    // Looks first whether it has run out meanwhile.
    const isRenewal = this.holds();
    const name = this.me();
    const sent: Held = { sentAt: clock.now(), sentAtWallMs: clock.wall().getTime() };
    const value = JSON.stringify({ url });
    const isDone = await redis.run('renewing the lease', (client) =>
      isRenewal
        ? client.set(this.#keyOf(name), value, 'PX', leaseMs, 'XX')
        : client.set(this.#keyOf(name), value, 'PX', leaseMs, 'NX'),
    );
    if (name !== this.me()) return;
    if (isDone === null) {
      this.#lose('the store has forgotten its lease');
      return;
    }
    this.#held = sent;
    if (!isRenewal) log.info('lease.taken', 'this worker may hold sessions', { owner: name });
    clearTimeout(this.#fuse);
    this.#fuse = setTimeout(() => void this.holds(), leaseMs * (1 - MARGIN) + 1).unref();
  }

  async find(owner: string): Promise<{ readonly url: string } | undefined> {
    const { redis, clock } = this.#options;
    const known = this.#found.get(owner);
    if (known !== undefined && clock.now() - known.at < FOUND_MS) return known;
    const text = await redis.run('reading a lease', (client) => client.get(this.#keyOf(owner)));
    this.#found.delete(owner);
    if (text === null) return undefined;
    if (this.#found.size >= FOUND_MAX) this.#found.clear();
    const found = { url: String((JSON.parse(text) as { url?: unknown }).url), at: clock.now() };
    this.#found.set(owner, found);
    return found;
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#fuse);
    await this.#renewing;
    if (this.#held === undefined) return;
    this.#held = undefined;
    await this.#options.redis
      .run('giving the lease back', (client) => client.del(this.#keyOf(this.me())))
      .catch(() => {});
  }

  #keyOf(owner: string): string {
    return `${this.#options.redis.prefix}:lease:${owner}`;
  }
}
