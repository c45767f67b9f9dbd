/**
 * The queries this engine has seen and the results it still holds.
 *
 * The log keeps the last 1,000 queries, with states and times, so that a test in another process can prove
 * what became of a statement. Results are bounded apart from it, in number, bytes and age: the oldest goes first,
 * the newest stays whatever its size. A query that has left the log is unknown.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { SnowflakeError } from '../errors.ts';
import type { WireParameter } from './parameters.ts';
import type { StoredResult } from './results.ts';

export type QueryState = 'queued' | 'running' | 'success' | 'failed' | 'aborted';

export interface QueryLogEntry {
  readonly queryId: string;
  readonly requestId: string;
  readonly sessionId: string;
  readonly sqlText: string;
  readonly queryTag: string;
  readonly state: QueryState;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly errorCode: string | undefined;
}

/** Where the session stood when the query ended. */
export interface SessionSnapshot {
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly warehouse: string | undefined;
  readonly role: string;
  readonly parameters: readonly WireParameter[];
}

type Outcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly error: SnowflakeError }
  | {
      readonly kind: 'stored';
      readonly result: StoredResult;
      readonly at: SessionSnapshot;
      readonly children: readonly Query[];
      readonly chunkKey: string;
      readonly storedAt: number;
    }
  | { readonly kind: 'dropped' };

export interface Query {
  readonly id: string;
  readonly requestId: string;
  readonly sessionId: string;
  readonly sqlText: string;
  readonly tag: string;
  readonly startedAt: number;
  readonly abort: AbortController;
  endedAt: number | undefined;
  state: QueryState;
  outcome: Outcome;
  /** Settles when the outcome is no longer pending; never rejects. */
  done: Promise<void>;
}

export interface StoreLimits {
  readonly maxResults: number;
  readonly maxResultBytes: number;
  readonly resultKeepMs: number;
}

const LOG_MAX = 1000;

export class QueryStore {
  readonly #limits: StoreLimits;
  readonly #clock: Clock;
  readonly #queries = new Map<string, Query>();
  readonly #requests = new Map<string, Query>();
  /** Queries whose outcome is stored, by chunk key, oldest first. */
  readonly #stored = new Map<string, Query>();
  #bytes = 0;

  constructor(limits: StoreLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  add(query: Query): void {
    this.#queries.set(query.id, query);
    if (query.requestId !== '') this.#requests.set(requestKey(query.sessionId, query.requestId), query);
    for (const old of this.#queries.values()) {
      if (this.#queries.size <= LOG_MAX) break;
      if (old.outcome.kind !== 'pending') this.#forget(old);
    }
  }

  byId(id: string): Query | undefined {
    return this.#queries.get(id);
  }

  byRequest(sessionId: string, requestId: string): Query | undefined {
    return this.#requests.get(requestKey(sessionId, requestId));
  }

  /** The query whose chunks live under an address that only its client was told. */
  byChunkKey(key: string): Query | undefined {
    return this.#stored.get(key);
  }

  store(query: Query, result: StoredResult, at: SessionSnapshot, children: readonly Query[]): void {
    const chunkKey = randomBytes(16).toString('hex');
    query.outcome = { kind: 'stored', result, at, children, chunkKey, storedAt: this.#clock.now() };
    this.#stored.set(chunkKey, query);
    this.#bytes += result.bytes;
    this.sweep();
  }

  sweep(): void {
    const before = this.#clock.now() - this.#limits.resultKeepMs;
    const { maxResults, maxResultBytes } = this.#limits;
    for (const query of [...this.#stored.values()]) {
      const isOld = query.outcome.kind === 'stored' && query.outcome.storedAt < before;
      const isOver = this.#stored.size > maxResults || this.#bytes > maxResultBytes;
      if (!isOld && !(isOver && this.#stored.size > 1)) break;
      this.#drop(query);
    }
  }

  running(): Query[] {
    return [...this.#queries.values()].filter((query) => query.outcome.kind === 'pending');
  }

  /** Oldest first. */
  log(): QueryLogEntry[] {
    return [...this.#queries.values()].map((query) => ({
      queryId: query.id,
      requestId: query.requestId,
      sessionId: query.sessionId,
      sqlText: query.sqlText,
      queryTag: query.tag,
      state: query.state,
      startedAt: query.startedAt,
      endedAt: query.endedAt,
      errorCode: query.outcome.kind === 'failed' ? query.outcome.error.code : undefined,
    }));
  }

  #forget(query: Query): void {
    this.#drop(query);
    this.#queries.delete(query.id);
    const key = requestKey(query.sessionId, query.requestId);
    if (this.#requests.get(key) === query) this.#requests.delete(key);
  }

  #drop(query: Query): void {
    if (query.outcome.kind !== 'stored') return;
    this.#stored.delete(query.outcome.chunkKey);
    this.#bytes -= query.outcome.result.bytes;
    query.outcome = { kind: 'dropped' };
  }
}

function requestKey(sessionId: string, requestId: string): string {
  return `${sessionId}/${requestId}`;
}
