/**
 * The sessions of the host: finds who holds one, claims those nobody holds, and gives them back.
 *
 * The shared store is the truth. While it fails, new sessions live in the memory of the worker that made them; their
 * ids name that worker, so that requests still reach them. Every write is fenced by the version read before it.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { FleetWorker } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import type { StateStore, Stored } from '../state/store.ts';
import type { FleetView } from './fleet-view.ts';
import { decideOwner, decideUnknown } from './ownership.ts';
import { incarnationOf, ownerName, type SessionRecord } from './record.ts';

export type Place =
  | { readonly kind: 'local'; readonly record: SessionRecord }
  | { readonly kind: 'adopt'; readonly found: Stored<SessionRecord> }
  | { readonly kind: 'proxy'; readonly to: FleetWorker }
  | { readonly kind: 'wait' }
  | { readonly kind: 'unknown' };

export interface DirectoryOptions {
  /** Undefined when it could not be opened. */
  readonly shared: StateStore<SessionRecord> | undefined;
  readonly fleet: FleetView;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly maxSessions: number;
  readonly timeoutMs: number;
}

/** A use is written down once it is this share of the timeout old, so that calls do not write each time. */
const USE_SHARE = 0.1;
const UNSHARED_MAX = 1000;

export class SessionDirectory {
  readonly #options: DirectoryOptions;
  readonly #memory = createMemoryStore<SessionRecord>();
  readonly #me: string;
  #isDegraded: boolean;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#me = ownerName(options.fleet.daemon, options.fleet.incarnation);
    this.#isDegraded = options.shared === undefined;
  }

  /** `memory`: the shared store failed last time; sessions made now end with this worker. */
  storeKind(): 'shared' | 'memory' {
    return this.#isDegraded ? 'memory' : 'shared';
  }

  #stores(): readonly StateStore<SessionRecord>[] {
    const { shared } = this.#options;
    return shared === undefined ? [this.#memory] : [this.#memory, shared];
  }

  async #find(id: string): Promise<{ store: StateStore<SessionRecord>; found: Stored<SessionRecord> } | undefined> {
    for (const store of this.#stores()) {
      const found = await store.get(id);
      if (found !== undefined) return { store, found };
    }
    return undefined;
  }

  /**
   * Writes down a new session that this worker holds.
   * @throws AppError TOO_MANY_SESSIONS at the bound
   */
  async create(fields: Omit<SessionRecord, 'owner' | 'createdAtMs' | 'usedAtMs'>): Promise<SessionRecord> {
    const { maxSessions, clock } = this.#options;
    const now = clock.wall().getTime();
    const record = { ...fields, owner: this.#me, createdAtMs: now, usedAtMs: now };
    const counts = await Promise.all(this.#stores().map((store) => store.count()));
    if (counts.reduce((sum, count) => sum + count, 0) >= maxSessions) {
      throw new AppError('TOO_MANY_SESSIONS', { max: maxSessions });
    }
    if (!(await this.#createShared(record))) await this.#memory.create(record.id, record);
    return record;
  }

  async #createShared(record: SessionRecord): Promise<boolean> {
    try {
      const isCreated = (await this.#options.shared?.create(record.id, record)) ?? false;
      this.#isDegraded = this.#options.shared === undefined;
      return isCreated;
    } catch (error) {
      if (!this.#isDegraded) {
        const says = 'the session store fails: new sessions live in this worker only';
        this.#options.log.error('store.failed', says, { error });
      }
      this.#isDegraded = true;
      return false;
    }
  }

  /** Records that have not expired, at most `limit` of them, and how many there are in all. */
  async list(limit: number): Promise<{ readonly records: readonly SessionRecord[]; readonly total: number }> {
    const { shared, clock, timeoutMs } = this.#options;
    if (shared === undefined) return { records: [], total: 0 };
    const now = clock.wall().getTime();
    const [page, total] = await Promise.all([shared.page('', limit), shared.count()]);
    return { records: page.map(({ value }) => value).filter(({ usedAtMs }) => usedAtMs + timeoutMs >= now), total };
  }

  /** Sessions that only this worker knows, while the shared store fails. */
  async unshared(): Promise<readonly SessionRecord[]> {
    return (await this.#memory.page('', UNSHARED_MAX)).map(({ value }) => value);
  }

  /** Where a request of this session belongs. The principal must be the one that started it. */
  async locate(id: string, principal: string): Promise<Place> {
    const { fleet, clock, timeoutMs } = this.#options;
    const hit = await this.#find(id);
    if (hit === undefined) {
      const maker = decideUnknown(incarnationOf(id), fleet);
      return maker === undefined ? { kind: 'unknown' } : { kind: 'proxy', to: maker };
    }
    const record = hit.found.value;
    if (record.principal !== principal || record.usedAtMs + timeoutMs < clock.wall().getTime()) {
      return { kind: 'unknown' };
    }
    const decision = decideOwner(record.owner, fleet);
    if (decision.kind === 'local') return { kind: 'local', record };
    return decision.kind === 'adopt' ? { kind: 'adopt', found: hit.found } : decision;
  }

  /** Makes this worker the owner; undefined when another one was faster. */
  async claim(found: Stored<SessionRecord>): Promise<SessionRecord | undefined> {
    const { shared, clock, recorder, log } = this.#options;
    const record = { ...found.value, owner: this.#me, usedAtMs: clock.wall().getTime() };
    if ((await shared?.replace(found.key, record, found.version)) === undefined) return undefined;
    if (found.value.owner !== null) recorder.count('mcp_sessions_adopted_total');
    log.info('session.adopted', 'a session was taken over', {
      session: record.id.slice(0, 8),
      from: found.value.owner ?? 'hand-over',
    });
    return record;
  }

  /** Notes that the session was used; at most one write per tenth of the timeout. */
  async touch(record: SessionRecord): Promise<void> {
    const now = this.#options.clock.wall().getTime();
    if (now - record.usedAtMs < this.#options.timeoutMs * USE_SHARE) return;
    await this.#rewrite(record.id, (current) => ({ ...current, usedAtMs: now }));
  }

  /** Gives a session of this worker to whoever needs it next. */
  async handOver(id: string): Promise<void> {
    await this.#rewrite(id, (current) => ({ ...current, owner: null }));
  }

  async #rewrite(id: string, change: (record: SessionRecord) => SessionRecord): Promise<void> {
    const hit = await this.#find(id);
    if (hit === undefined || hit.found.value.owner !== this.#me) return;
    await hit.store.replace(id, change(hit.found.value), hit.found.version);
  }

  async remove(id: string): Promise<void> {
    const hit = await this.#find(id);
    if (hit !== undefined) await hit.store.remove(id, hit.found.version);
  }

  /**
   * Ends sessions that nobody used for the timeout, looking at `limit` records after `cursor`.
   * Those of a fellow that lives are its own business; `isInUse` tells of this worker's own.
   * Resolves to the next cursor and the ids that ended.
   */
  async sweep(
    cursor: string,
    limit: number,
    isInUse: (id: string) => boolean,
  ): Promise<{ cursor: string; ended: readonly string[] }> {
    const { clock, timeoutMs, recorder, fleet } = this.#options;
    const ended: string[] = [];
    let next = '';
    for (const store of this.#stores()) {
      const page = await store.page(store.kind === 'memory' ? '' : cursor, limit);
      if (store.kind === 'shared' && page.length === limit) next = page.at(-1)?.key ?? '';
      for (const found of page) {
        if (found.value.usedAtMs + timeoutMs >= clock.wall().getTime()) continue;
        if (decideOwner(found.value.owner, fleet).kind === 'proxy') continue;
        if (isInUse(found.key)) {
          await this.touch(found.value);
        } else if (await store.remove(found.key, found.version)) {
          recorder.count('mcp_sessions_expired_total');
          ended.push(found.key);
        }
      }
    }
    return { cursor: next, ended };
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores().map((store) => store.close()));
  }
}
