/**
 * The sessions of the host, or of all daemons that share a store: finds who holds one, claims those nobody holds, and
 * gives them back.
 *
 * The shared store is the truth. While it fails, new sessions live in the memory of the worker that made them; their
 * ids name that worker, so that requests still reach them. Every write is fenced by the version read before it, and by
 * the lease of this worker.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { ANONYMOUS, type Principal } from '../../shared/principal.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import type { StateStore, Stored } from '../state/store.ts';
import type { FleetView } from './fleet-view.ts';
import type { Lease } from './lease.ts';
import { type Decided, decideForeign, decideOwner, decideUnknown, isTakenFrom } from './ownership.ts';
import type { Place } from './place.ts';
import { incarnationOf, principalMark, recordKey, type SessionRecord, type SessionWishes } from './record.ts';

interface Hit {
  readonly store: StateStore<SessionRecord>;
  readonly found: Stored<SessionRecord>;
}

export interface DirectoryOptions {
  /** Undefined when there is none. */
  readonly shared: StateStore<SessionRecord> | undefined;
  readonly lease: Lease;
  /** Digest of the tools of this worker. */
  readonly offer: string;
  readonly fleet: FleetView;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly maxSessions: number;
  readonly maxPerPrincipal: number;
  readonly timeoutMs: number;
}

/** A use is written down once it is this share of the timeout old, so that calls do not write each time. */
const USE_SHARE = 0.1;
const UNSHARED_MAX = 1000;
const REWRITES_MAX = 3;

export class SessionDirectory {
  readonly #options: DirectoryOptions;
  readonly #memory = createMemoryStore<SessionRecord>();
  /** Keys of the sessions in memory. */
  readonly #here = new Set<string>();
  #marked = { principal: '', mark: principalMark('') };
  /** Why sessions made now end with this worker; undefined while the shared store works. */
  #fault: string | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#fault = options.shared === undefined ? 'there is no shared store' : undefined;
  }

  /** `memory`: the shared store failed last time; sessions made now end with this worker. */
  storeKind(): 'shared' | 'memory' {
    return this.#fault === undefined ? 'shared' : 'memory';
  }

  /** Why the shared store is not used, in words for an operator. */
  storeFault(): string | undefined {
    return this.#fault;
  }

  /** True for a session whose record is in the memory of this worker: no lease is about it. */
  livesHere({ principal, id }: Pick<SessionRecord, 'principal' | 'id'>): boolean {
    return this.#here.size > 0 && this.#here.has(recordKey(principal, id));
  }

  /** The mark of the last principal is kept: most requests come from few, and it is a hash. */
  #keyOf(principal: string, id: string): string {
    if (this.#marked.principal !== principal) this.#marked = { principal, mark: principalMark(principal) };
    return `${this.#marked.mark}.${id}`;
  }

  #stores(): readonly StateStore<SessionRecord>[] {
    const { shared } = this.#options;
    return shared === undefined ? [this.#memory] : [this.#memory, shared];
  }

  async #find(key: string): Promise<Hit | undefined> {
    for (const store of this.#here.has(key) ? [this.#memory] : this.#stores()) {
      const found = await store.get(key);
      if (found !== undefined) return { store, found };
    }
    return undefined;
  }

  /**
   * Writes down a new session that this worker holds.
   * @throws AppError TOO_MANY_SESSIONS at the bound of all or of the principal
   */
  async create(
    fields: Omit<SessionRecord, 'owner' | 'createdAtMs' | 'usedAtMs' | 'principal' | 'offer'>,
    principal: Principal,
  ): Promise<SessionRecord> {
    const { clock, lease, offer } = this.#options;
    await this.#refuseTooMany(principal);
    const now = clock.wall().getTime();
    const record = { ...fields, principal: principal.id, owner: lease.me(), offer, createdAtMs: now, usedAtMs: now };
    if (await this.#createShared(record)) return record;
    const key = recordKey(record.principal, record.id);
    await this.#memory.create(key, record);
    this.#here.add(key);
    return record;
  }

  async #refuseTooMany(principal: Principal): Promise<void> {
    const { maxSessions, maxPerPrincipal } = this.#options;
    if ((await this.#count('')) >= maxSessions) throw new AppError('TOO_MANY_SESSIONS', { max: maxSessions });
    // Clients that say nothing of themselves cannot be told apart.
    if (principal.id === ANONYMOUS.id) return;
    const max = Math.min(principal.limits?.maxSessions ?? maxPerPrincipal, maxPerPrincipal);
    if ((await this.#count(`${principalMark(principal.id)}.`)) < max) return;
    throw new AppError('TOO_MANY_SESSIONS', { max, isOwn: true });
  }

  /** A shared store that fails has no say: what is made then is this worker's own. */
  async #count(prefix: string): Promise<number> {
    const none = (error: unknown) => {
      this.#degrade(error);
      return 0;
    };
    const counts = await Promise.all(this.#stores().map((store) => store.count(prefix).catch(none)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #createShared(record: SessionRecord): Promise<boolean> {
    const { shared, lease } = this.#options;
    try {
      if (shared === undefined || this.#fault !== undefined || !lease.holds()) return false;
      return await shared.create(recordKey(record.principal, record.id), record);
    } catch (error) {
      this.#degrade(error);
      return false;
    }
  }

  /** Records that have not expired, at most `limit` of them, and how many there are in all; none while the store fails. */
  async list(limit: number): Promise<{ readonly records: readonly SessionRecord[]; readonly total: number }> {
    const { shared, clock, timeoutMs } = this.#options;
    if (shared === undefined) return { records: [], total: 0 };
    const now = clock.wall().getTime();
    const [page, total] = await Promise.all([shared.page('', limit).catch(() => []), shared.count().catch(() => 0)]);
    return { records: page.map(({ value }) => value).filter(({ usedAtMs }) => usedAtMs + timeoutMs >= now), total };
  }

  /** Sessions that only this worker knows, while the shared store fails. */
  async unshared(): Promise<readonly SessionRecord[]> {
    return (await this.#memory.page('', UNSHARED_MAX)).map(({ value }) => value);
  }

  #degrade(error: unknown): void {
    if (this.#fault === undefined) {
      const says = 'the session store fails: new sessions live in the worker that makes them';
      this.#options.log.error('store.failed', says, { error });
    }
    this.#fault = error instanceof Error ? error.message : String(error);
  }

  /** Learns whether the shared store works, so that this is known before a session needs it. */
  async check(): Promise<void> {
    const { shared, log } = this.#options;
    if (shared === undefined) return;
    try {
      await shared.check();
      if (this.#fault === undefined) return;
      this.#fault = undefined;
      log.info('store.recovered', 'the session store works again: sessions are kept in it');
      await this.#moveHome(shared);
    } catch (error) {
      this.#degrade(error);
    }
  }

  /** Sessions that were made while the store failed go where they belong. */
  async #moveHome(shared: StateStore<SessionRecord>): Promise<void> {
    const { lease } = this.#options;
    for (const { key, value, version } of await this.#memory.page('', Number.POSITIVE_INFINITY)) {
      if (!lease.holds()) return;
      await shared.create(key, { ...value, owner: lease.me() });
      await this.#memory.remove(key, version);
      this.#here.delete(key);
    }
  }

  /**
   * Where a request of this session belongs. The principal must be the one that started it.
   * @param live what this worker holds in memory: it goes on while the store fails
   * @throws AppError STATE_UNAVAILABLE when that cannot be told now
   */
  async locate(id: string, principal: string, live?: SessionRecord): Promise<Place> {
    const { fleet, clock, timeoutMs, lease } = this.#options;
    const madeBy = incarnationOf(id);
    // What no worker made is not asked of the store: a key it cannot take would look as if it failed.
    if (madeBy === undefined) return { kind: 'unknown' };
    let hit: Hit | undefined;
    try {
      hit = await this.#find(this.#keyOf(principal, id));
    } catch (error) {
      this.#degrade(error);
      if (live?.principal === principal && lease.holds()) return { kind: 'local', record: live };
      const maker = decideUnknown(madeBy, fleet);
      if (maker !== undefined) return { kind: 'proxy', to: maker };
      throw error;
    }
    if (hit === undefined) {
      const maker = decideUnknown(madeBy, fleet);
      return maker === undefined ? { kind: 'unknown' } : { kind: 'proxy', to: maker };
    }
    const record = hit.found.value;
    if (record.usedAtMs + timeoutMs < clock.wall().getTime()) return { kind: 'unknown' };
    if (hit.store === this.#memory) return { kind: 'local', record };
    if (!lease.holds()) return { kind: 'wait' };
    const decision = await this.#decide(record.owner);
    if (decision.kind === 'local') return { kind: 'local', record };
    return decision.kind === 'adopt' ? { kind: 'adopt', found: hit.found } : decision;
  }

  async #decide(owner: string | null): Promise<Decided> {
    const { fleet, lease } = this.#options;
    const decision = decideOwner(owner, fleet, lease.me());
    if (decision.kind !== 'foreign') return decision;
    return decideForeign(decision.owner, (await lease.find(decision.owner))?.url, fleet);
  }

  /** @throws AppError STATE_UNAVAILABLE when that cannot be told now */
  async isAlive(owner: string): Promise<boolean> {
    return (await this.#options.lease.find(owner)) !== undefined;
  }

  /** Makes this worker the owner; undefined when another one was faster. */
  async claim(found: Stored<SessionRecord>): Promise<SessionRecord | undefined> {
    const { shared, clock, recorder, log, lease } = this.#options;
    if (!lease.holds()) return undefined;
    const record = { ...found.value, owner: lease.me(), usedAtMs: clock.wall().getTime() };
    if ((await shared?.replace(found.key, record, found.version)) === undefined) return undefined;
    if (isTakenFrom(found.value.owner, lease.me())) recorder.count('mcp_sessions_adopted_total');
    const facts = { session: record.id.slice(0, 8), from: found.value.owner ?? 'hand-over' };
    log.info('session.adopted', 'a session was taken over', facts);
    return record;
  }

  /** This worker may write and answer for the session now. */
  holds(record: SessionRecord): boolean {
    return this.livesHere(record) || this.#options.lease.holds();
  }

  /** Notes that the session was used; at most one write per tenth of the timeout. */
  async touch(record: SessionRecord): Promise<void> {
    const now = this.#options.clock.wall().getTime();
    if (now - record.usedAtMs < this.#options.timeoutMs * USE_SHARE) return;
    await this.#rewrite(record, (current) => ({ ...current, usedAtMs: now }));
  }

  /** Gives a session of this worker to whoever needs it next. */
  async handOver(session: Pick<SessionRecord, 'principal' | 'id'>): Promise<void> {
    await this.#rewrite(session, (current) => ({ ...current, owner: null }));
  }

  /** Writes down what the client of a session of this worker wants to hear. @throws AppError STATE_UNAVAILABLE */
  async keepWishes(session: Pick<SessionRecord, 'principal' | 'id'>, wishes: SessionWishes): Promise<void> {
    for (let left = REWRITES_MAX; left > 0; left--) {
      if (await this.#rewrite(session, (current) => ({ ...current, wishes }))) return;
    }
    throw new AppError('STATE_UNAVAILABLE', { reason: 'the session is written by somebody else' });
  }

  async #rewrite(
    { principal, id }: Pick<SessionRecord, 'principal' | 'id'>,
    change: (record: SessionRecord) => SessionRecord,
  ): Promise<boolean> {
    const { lease } = this.#options;
    const key = recordKey(principal, id);
    const hit = await this.#find(key);
    if (hit === undefined) return false;
    if (hit.store !== this.#memory && (hit.found.value.owner !== lease.me() || !lease.holds())) return false;
    return (await hit.store.replace(key, change(hit.found.value), hit.found.version)) !== undefined;
  }

  async remove({ principal, id }: Pick<SessionRecord, 'principal' | 'id'>): Promise<void> {
    const key = recordKey(principal, id);
    for (let left = REWRITES_MAX; left > 0; left--) {
      const hit = await this.#find(key);
      if (hit === undefined || (await hit.store.remove(key, hit.found.version))) break;
    }
    this.#here.delete(key);
  }

  /**
   * Ends sessions that nobody used for the timeout, looking at `limit` records after `cursor`.
   * Those of a fellow that lives are its own business; `isInUse` tells of this worker's own.
   * Resolves to the next cursor and the ids that ended.
   */
  async sweep(
    cursor: string,
    limit: number,
    isInUse: (id: string) => Promise<boolean>,
  ): Promise<{ cursor: string; ended: readonly string[] }> {
    if (this.#fault !== undefined) await this.check();
    const ended: string[] = [];
    let next = '';
    for (const store of this.#stores()) {
      if (store !== this.#memory && (this.#fault !== undefined || !this.#options.lease.holds())) continue;
      const page = await this.#pageOf(store, cursor, limit);
      if (store !== this.#memory && page.length === limit) next = page.at(-1)?.key ?? '';
      for (const found of page) if (await this.#expire(store, found, isInUse)) ended.push(found.value.id);
    }
    return { cursor: next, ended };
  }

  async #pageOf(store: StateStore<SessionRecord>, cursor: string, limit: number) {
    if (store === this.#memory) return store.page('', Number.POSITIVE_INFINITY);
    return store.page(cursor, limit).catch((error: unknown) => {
      this.#degrade(error);
      return [];
    });
  }

  /** True when the session has ended now. */
  async #expire(
    store: StateStore<SessionRecord>,
    found: Stored<SessionRecord>,
    isInUse: (id: string) => Promise<boolean>,
  ): Promise<boolean> {
    const { clock, timeoutMs, recorder } = this.#options;
    if (found.value.usedAtMs + timeoutMs >= clock.wall().getTime()) return false;
    const { kind } = store === this.#memory ? { kind: 'local' } : await this.#decide(found.value.owner);
    if (kind === 'proxy' || kind === 'remote') return false;
    if (await isInUse(found.value.id)) {
      await this.touch(found.value);
      return false;
    }
    if (!(await store.remove(found.key, found.version))) return false;
    this.#here.delete(found.key);
    recorder.count('mcp_sessions_expired_total');
    return true;
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores().map((store) => store.close()));
  }
}
