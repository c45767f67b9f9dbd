/**
 * Statements of workers that died without a word: found by their fellows, or by the next start, and cancelled.
 *
 * Each worker writes down which statements it runs, under its own name. When the primary no longer lists that name, clients
 * have a while to come back for the answers: a statement that a fellow waits for by then is in that fellow's record. After
 * it one of the others takes the record (a conditional remove: exactly one gets it) and cancels the rest. Snowflake tells
 * the id of a statement only when it runs for a while; shorter ones end by themselves, and all by their own time limit.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { QueryService } from '../query/service.ts';
import type { StateStore, Stored } from '../state/store.ts';
import type { FleetView } from './fleet-view.ts';
import type { Lease } from './lease.ts';
import { isOwnerGone } from './ownership.ts';

export interface RunningRecord {
  readonly queryIds: readonly string[];
  /** Named logins by query id, for those that run under one: no other login may end them. */
  readonly identities?: Readonly<Record<string, string>>;
  readonly writtenAtMs: number;
}

export interface AbandonedOptions {
  readonly store: StateStore<RunningRecord>;
  readonly fleet: FleetView;
  readonly lease: Pick<Lease, 'me' | 'find'>;
  readonly query: {
    running: QueryService['running'];
    readonly submitted: Pick<QueryService['submitted'], 'cancel'>;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** How long the statements of a worker that is gone are left alone. */
  readonly graceMs: number;
}

/** What was written down last. */
interface Noted {
  readonly ids: string;
  readonly version: number;
}

const notedIn = (found: Stored<RunningRecord> | undefined): Noted | undefined =>
  found && { ids: found.value.queryIds.join(' '), version: found.version };

const NOTE_EVERY_MS = 1000;
/** Records of a host are few: one a worker, and those of the dead. */
const PAGE = 200;
/** Snowflake has ended any statement by then. */
const FORGET_MS = 7 * 86_400_000;

export interface AbandonedWatch {
  /** Stops watching and takes this worker's own record away: what it ran is over. */
  close(): Promise<void>;
}

export function watchAbandoned(options: AbandonedOptions): AbandonedWatch {
  const { store, fleet, lease, query, clock, log, graceMs } = options;
  let me = lease.me();
  let noted: Noted | undefined;
  let working: Promise<void> = Promise.resolve();
  /** Names that are gone, with the time this was first seen. */
  const gone = new Map<string, number>();
  let later: NodeJS.Timeout | undefined;

  async function note(): Promise<void> {
    const statements = query.running();
    const queryIds = statements.map(({ queryId }) => queryId);
    const ids = queryIds.join(' ');
    if (me !== lease.me()) {
      // The record under the old name is anybody's now.
      me = lease.me();
      noted = undefined;
    }
    if (ids === (noted?.ids ?? '')) return;
    const named = statements.flatMap(({ queryId, identity }) => (identity === undefined ? [] : [[queryId, identity]]));
    const identities = named.length === 0 ? {} : { identities: Object.fromEntries(named) as Record<string, string> };
    const record = { queryIds, ...identities, writtenAtMs: clock.wall().getTime() };
    if (noted === undefined) {
      if (await store.create(me, record)) noted = { ids, version: 1 };
      // A write whose answer was lost has landed.
      else noted = notedIn(await store.get(me));
      return;
    }
    const version = await store.replace(me, record, noted.version);
    noted = version === undefined ? notedIn(await store.get(me)) : { ids, version };
  }

  async function sweep(): Promise<void> {
    const page = await store.page('', PAGE);
    const left: Stored<RunningRecord>[] = [];
    for (const found of page) if (found.key !== me && (await isOwnerGone(found.key, fleet, lease))) left.push(found);
    for (const key of gone.keys()) if (!left.some((found) => found.key === key)) gone.delete(key);
    for (const { key } of left) if (!gone.has(key)) gone.set(key, clock.now());
    const isDue = (key: string) => clock.now() - (gone.get(key) ?? 0) >= graceMs;
    const taken = new Set(page.filter((found) => !left.includes(found)).flatMap(({ value }) => value.queryIds));
    for (const { queryId } of query.running()) taken.add(queryId);
    for (const { key, value, version } of left) {
      if (!isDue(key) || !(await store.remove(key, version))) continue;
      if (clock.wall().getTime() - value.writtenAtMs > FORGET_MS) continue;
      for (const queryId of value.queryIds) {
        if (!taken.has(queryId)) await end(queryId, value.identities?.[queryId], key);
      }
    }
    clearTimeout(later);
    if (left.some(({ key }) => !isDue(key))) later = setTimeout(() => void soon(sweep), graceMs).unref();
  }

  async function end(queryId: string, identity: string | undefined, owner: string): Promise<void> {
    const facts = { query_id: queryId, owner, ...(identity === undefined ? {} : { identity }) };
    try {
      await query.submitted.cancel(queryId, 'client', identity);
      log.info('query.abandoned', 'a statement of a worker that died was cancelled', facts);
    } catch (error) {
      const says = 'a statement of a worker that died could not be cancelled; it ends by its own time limit';
      log.warn('query.abandoned_failed', says, { ...facts, error });
    }
  }

  /** One after the other; a store that fails is tried again with the next occasion. */
  const soon = (work: () => Promise<void>): Promise<void> => {
    working = working.then(work).catch((error: unknown) => {
      log.debug('query.running_store', 'the record of running statements could not be used', { error });
    });
    return working;
  };
  const noter = setInterval(() => void soon(note), NOTE_EVERY_MS);
  noter.unref();
  const stopListening = fleet.onChange(() => void soon(sweep));
  void soon(sweep);

  return {
    close: async () => {
      clearInterval(noter);
      clearTimeout(later);
      stopListening();
      await soon(async () => {
        if (noted !== undefined) await store.remove(me, noted.version);
        noted = undefined;
      });
    },
  };
}
