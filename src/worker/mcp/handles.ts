/**
 * The submitted statements of this host: whose they are, and until when they are remembered.
 *
 * Records live in the shared store, so any worker and the next daemon find them; while it fails, new ones live in this
 * worker. A record is found only under the principal that submitted it. Each use renews it; one that nobody used for
 * the time to live is removed, and its statement cancelled in Snowflake by the worker that removed it.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { QueryService } from '../query/service.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import type { StateStore, Stored } from '../state/store.ts';
import type { Caller } from './tool.ts';

export interface HandleRecord {
  readonly queryId: string;
  readonly principal: string;
  readonly tool: string;
  /** Named Snowflake login that it runs under. */
  readonly identity?: string | undefined;
  /** Of the statement: select, show ... */
  readonly kind: string;
  readonly createdAtMs: number;
  readonly usedAtMs: number;
}

export interface HandlesOptions {
  /** Undefined when it could not be opened. */
  readonly shared: StateStore<HandleRecord> | undefined;
  readonly query: { readonly submitted: Pick<QueryService['submitted'], 'cancel'> };
  readonly clock: Clock;
  readonly log: Log;
  readonly ttlMs: number;
  readonly sweepMs: number;
  /** Per principal. */
  readonly max: number;
}

/** A use is written down once it is this share of the time to live old. */
const USE_SHARE = 0.1;
const SWEEP_PAGE = 200;
const CLOSE_PAGE = 100;
const CLOSE_MS = 1500;

export class Handles {
  readonly #options: HandlesOptions;
  readonly #memory = createMemoryStore<HandleRecord>();
  /** Statements on their way to Snowflake, by principal. */
  readonly #opening = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: HandlesOptions) {
    this.#options = options;
  }

  /**
   * Starts a statement by `submit` and remembers it.
   * @throws AppError TOO_MANY_HANDLES at the bound, and what `submit` throws
   */
  async open(
    owner: Pick<HandleRecord, 'principal' | 'tool' | 'identity'>,
    submit: () => Promise<{ readonly queryId: string; readonly kind: string }>,
  ): Promise<HandleRecord> {
    const { clock, max } = this.#options;
    const { principal } = owner;
    const opening = this.#opening.get(principal) ?? 0;
    this.#opening.set(principal, opening + 1);
    try {
      if ((await this.#countOf(principal)) + opening >= max) throw new AppError('TOO_MANY_HANDLES', { max });
      const now = clock.wall().getTime();
      const record = { ...(await submit()), ...owner, createdAtMs: now, usedAtMs: now };
      await this.#create(record);
      return record;
    } finally {
      const left = (this.#opening.get(principal) ?? 1) - 1;
      if (left > 0) this.#opening.set(principal, left);
      else this.#opening.delete(principal);
    }
  }

  /** @throws AppError QUERY_UNKNOWN for what is not there, has expired, or belongs to somebody else */
  async use(principal: string, queryId: string): Promise<HandleRecord> {
    const { clock, ttlMs } = this.#options;
    const now = clock.wall().getTime();
    const hit = await this.#find(principal, queryId);
    if (hit === undefined || this.#isExpired(hit.found.value, now)) throw new AppError('QUERY_UNKNOWN', {});
    const { found, store } = hit;
    if (now - found.value.usedAtMs >= ttlMs * USE_SHARE) {
      // Whoever is faster has renewed it as well; a store that fails now leaves the lease as it is.
      await store.replace(found.key, { ...found.value, usedAtMs: now }, found.version).catch(() => undefined);
    }
    return found.value;
  }

  /** Of all principals: at most `limit` records, and how many there are. */
  async list(limit: number): Promise<{ readonly records: readonly HandleRecord[]; readonly total: number }> {
    const stores = this.#stores();
    const counts = await Promise.all(stores.map((store) => store.count()));
    const pages = limit === 0 ? [] : await Promise.all(stores.map((store) => store.page('', limit)));
    const records = pages.flat().map(({ value }) => value);
    return { records: records.slice(0, limit), total: counts.reduce((sum, count) => sum + count, 0) };
  }

  async forget(principal: string, queryId: string): Promise<void> {
    const hit = await this.#find(principal, queryId);
    if (hit !== undefined) await hit.store.remove(hit.found.key, hit.found.version);
  }

  /** Looks for expired records from time to time until `close`. */
  start(): void {
    const { sweepMs, log } = this.#options;
    const tick = async () => {
      await this.sweep().catch((error: unknown) => log.warn('handle.sweep_failed', 'sweep', { error }));
      if (this.#timer !== undefined) this.#timer = setTimeout(tick, sweepMs).unref();
    };
    this.#timer = setTimeout(tick, sweepMs).unref();
  }

  /** Removes what has expired and cancels it in Snowflake; resolves to how many that were. */
  async sweep(): Promise<number> {
    const { clock, query, log } = this.#options;
    const now = clock.wall().getTime();
    let ended = 0;
    for (const store of this.#stores()) {
      let after = '';
      for (;;) {
        const page = await store.page(after, SWEEP_PAGE);
        for (const found of page.filter(({ value }) => this.#isExpired(value, now))) {
          // Of several workers one removes it, and that one cancels.
          if (!(await store.remove(found.key, found.version))) continue;
          ended++;
          const { queryId, principal, identity } = found.value;
          log.info('handle.expired', 'a submitted statement was forgotten', { query_id: queryId, principal });
          await query.submitted.cancel(queryId, 'client', identity).catch((error: unknown) => {
            log.warn('handle.cancel_failed', 'Snowflake ends the statement by its time limit', {
              query_id: queryId,
              'error.code': error instanceof AppError ? error.code : 'INTERNAL',
            });
          });
        }
        if (page.length < SWEEP_PAGE) break;
        after = page.at(-1)?.key ?? '';
      }
    }
    return ended;
  }

  /** Cancels what only this process knows of, since nobody could ask for it again; the rest stays for others. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const own = await this.#memory.page('', CLOSE_PAGE);
    const cancels = own.map(({ value }) =>
      this.#options.query.submitted.cancel(value.queryId, 'client', value.identity).catch(() => {}),
    );
    await Promise.race([Promise.all(cancels), sleep(CLOSE_MS, undefined, { ref: false })]);
    await Promise.all(this.#stores().map((store) => store.close()));
  }

  #stores(): readonly StateStore<HandleRecord>[] {
    const { shared } = this.#options;
    return shared === undefined ? [this.#memory] : [this.#memory, shared];
  }

  #isExpired(record: HandleRecord, now: number): boolean {
    return record.usedAtMs + this.#options.ttlMs < now;
  }

  async #countOf(principal: string): Promise<number> {
    const prefix = keyOf(principal, '');
    // A shared store that fails has no say: what is submitted then is this worker's own.
    const counts = await Promise.all(this.#stores().map((store) => store.count(prefix).catch(() => 0)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #create(record: HandleRecord): Promise<void> {
    const key = keyOf(record.principal, record.queryId);
    try {
      if (await this.#options.shared?.create(key, record)) return;
    } catch (error) {
      this.#options.log.error('store.failed', 'a submitted statement is known to this worker only', { error });
    }
    await this.#memory.create(key, record);
  }

  async #find(
    principal: string,
    queryId: string,
  ): Promise<{ store: StateStore<HandleRecord>; found: Stored<HandleRecord> } | undefined> {
    const key = keyOf(principal, queryId);
    for (const store of this.#stores()) {
      const found = await store.get(key);
      if (found !== undefined) return { store, found };
    }
    return undefined;
  }
}

/** Under whom a caller's statements are kept: what one Snowflake role or login may see is not shown to another. */
export function handleOwner({ principal, role, identity }: Pick<Caller, 'principal' | 'role' | 'identity'>): string {
  return role === undefined && identity === undefined ? principal : JSON.stringify([principal, identity, role]);
}

/** Of one length for every principal, and in one run per principal. */
function keyOf(principal: string, queryId: string): string {
  return `${createHash('sha256').update(principal).digest('hex').slice(0, 32)}.${queryId.toLowerCase()}`;
}
