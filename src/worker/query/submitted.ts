/**
 * Statements that Snowflake runs on while nobody waits: started here, found again by query id from any worker.
 *
 * Ending a session ends what it has submitted, so the session of a submitted statement leaves the pool and is ended
 * when the statement is over. A worker that closes leaves sessions with running statements open: Snowflake ends them
 * by the statement's own time limit. Who may see which query id is not decided here.
 */
import { AppError } from '../../shared/errors.ts';
import type { Fate, Lease } from '../pool/pool.ts';
import type { Column, Connection, StatementReply } from '../snowflake/driver.ts';
import { mapDriverError } from '../snowflake/errors-map.ts';
import type { CallerFacts } from './audit.ts';
import type { Cell } from './cells.ts';
import { type CutCells, RowCollector } from './collect.ts';
import { HOME, needsNewSession } from './place.ts';
import { type Job, lead, type RunParts } from './run.ts';
import { Stop } from './stop.ts';

export type SubmittedState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';

interface ResultPage {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly bytes: number;
  readonly cutCells?: CutCells;
  /** Rows of the whole result. */
  readonly rowCount: number;
}

export interface SubmittedStatements {
  /** Starts a job whose statement was permitted; resolves to its query id. */
  start(parts: RunParts, job: Job, signal: AbortSignal): Promise<string>;
  /** @param identity named login that it ran under, here and below */
  state(queryId: string, signal: AbortSignal, identity?: string): Promise<SubmittedState>;
  /** Why a failed or cancelled statement ended so; undefined when it did not. */
  failure(queryId: string, signal: AbortSignal, identity?: string): Promise<AppError | undefined>;
  /** Rows of a finished statement from `start` on; fewer than asked for when limits.max_result_bytes is reached. */
  page(
    queryId: string,
    part: { readonly start: number; readonly maxRows: number },
    caller: CallerFacts,
    signal: AbortSignal,
  ): Promise<ResultPage>;
  /** Cancels in Snowflake; resolves when it has let go of the statement, or after a few seconds. */
  cancel(queryId: string, cause?: 'client' | 'operator', identity?: string): Promise<void>;
  /** Query ids of those that may still run and whose session this worker keeps. */
  kept(): readonly string[];
  close(): Promise<void>;
}

export interface SubmittedOptions {
  /** Of a login without a role: whatever role a statement ran under, its user may ask for it. */
  partsFor(identity: string | undefined): RunParts;
  /** Snowflake ends a submitted statement after this time. */
  readonly timeoutMs: number;
  /** Sessions of running statements that this worker keeps. */
  readonly maxKept: number;
  /** Told of each page that was read. */
  onRead(caller: CallerFacts, page: { readonly queryId: string; readonly rows: number; readonly bytes: number }): void;
  /** Told of each statement that is over. */
  onEnded(queryId: string): void;
  /** Told of each statement that was stopped. */
  onCancelled(cause: 'client' | 'operator'): void;
}

/** Rows that Snowflake keeps of a submitted statement's result. */
export const STORED_ROWS_MAX = 1_000_000;

const WATCH_FIRST_MS = 500;
const WATCH_LAST_MS = 15_000;
const CANCEL_MS = 5000;
const CLOSE_MS = 1000;

const STATES: Readonly<Record<string, SubmittedState>> = {
  QUEUED: 'queued',
  QUEUED_REPARING_WAREHOUSE: 'queued',
  RESUMING_WAREHOUSE: 'queued',
  SUCCESS: 'succeeded',
  FAILED_WITH_ERROR: 'failed',
  FAILED_WITH_INCIDENT: 'failed',
  ABORTING: 'cancelled',
  ABORTED: 'cancelled',
  DISCONNECTED: 'cancelled',
};

/** A word this table does not know means that the statement has not ended. */
function stateOf(word: string | undefined): SubmittedState {
  return word === undefined ? 'unknown' : (STATES[word] ?? 'running');
}

export const isOver = (state: SubmittedState): boolean => state !== 'queued' && state !== 'running';

export function createSubmitted(options: SubmittedOptions): SubmittedStatements {
  return new Submitted(options);
}

class Submitted implements SubmittedStatements {
  readonly #options: SubmittedOptions;
  /** Sessions whose statement runs, by query id, with the timer of the next look. */
  readonly #kept = new Map<string, { connection: Connection; timer: NodeJS.Timeout }>();
  #starting = 0;

  constructor(options: SubmittedOptions) {
    this.#options = options;
  }

  async start(parts: RunParts, job: Job, signal: AbortSignal): Promise<string> {
    const { maxKept } = this.#options;
    if (this.#kept.size + this.#starting >= maxKept) throw new AppError('TOO_MANY_SUBMITTED', { max: maxKept });
    this.#starting++;
    try {
      return await retryLost(signal, () => this.#startOnce(parts, job, signal));
    } finally {
      this.#starting--;
    }
  }

  async #startOnce(parts: RunParts, job: Job, signal: AbortSignal): Promise<string> {
    const { timeoutMs } = this.#options;
    const place = job.place ?? HOME;
    const need = { place, exact: job.place !== undefined && needsNewSession(place, parts.home.state) };
    const stop = new Stop(signal);
    let loan: { lease: Lease; isWindingDown: boolean } | undefined;
    let fate: Fate = 'spent';
    try {
      const lease = await parts.pool.acquire(need, parts.clock.now() + parts.limits.acquireMs, stop.signal);
      loan = { lease, isWindingDown: false };
      stop.startTimer(parts.limits.queryMs);
      await lead(parts, loan, job, stop);
      const queryId = await lease.connection.submit({
        sql: job.sql,
        ...(job.binds === undefined ? {} : { binds: job.binds }),
        parameters: {
          QUERY_TAG: job.queryTag,
          STATEMENT_TIMEOUT_IN_SECONDS: Math.ceil(timeoutMs / 1000),
          ...(job.isOneStep ? { ROWS_PER_RESULTSET: STORED_ROWS_MAX } : {}),
        },
      });
      fate = 'kept';
      this.#keep(queryId, lease.connection, WATCH_FIRST_MS);
      if (!signal.aborted) return queryId;
      this.#cancelWith(parts, queryId, 'client').catch(() => {});
      throw stop.error(queryId);
    } catch (error) {
      const known = mapDriverError(error, parts.limits.queryMs);
      fate = fateAfter(known);
      throw known;
    } finally {
      stop.end();
      if (loan !== undefined && !loan.isWindingDown) loan.lease.release(fate);
    }
  }

  /** Ends the session once its statement is over. */
  #keep(queryId: string, connection: Connection, lookAfterMs: number): void {
    const look = async () => {
      const isDone = await this.#isDone(queryId, connection);
      if (!this.#kept.has(queryId)) return;
      if (!isDone) return this.#keep(queryId, connection, Math.min(lookAfterMs * 2, WATCH_LAST_MS));
      this.#kept.delete(queryId);
      this.#options.onEnded(queryId);
      await connection.destroy();
    };
    const timer = setTimeout(look, lookAfterMs);
    timer.unref();
    this.#kept.set(queryId, { connection, timer });
  }

  async #isDone(queryId: string, connection: Connection): Promise<boolean> {
    try {
      return isOver(stateOf(await connection.queryStatus(queryId)));
    } catch {
      // A session that is gone has nothing left to end; an outage passes.
      return !connection.isUp();
    }
  }

  async state(queryId: string, signal: AbortSignal, identity?: string): Promise<SubmittedState> {
    return this.#withSession(this.#options.partsFor(identity), signal, async ({ connection }) =>
      stateOf(await connection.queryStatus(queryId)),
    );
  }

  async failure(queryId: string, signal: AbortSignal, identity?: string): Promise<AppError | undefined> {
    const parts = this.#options.partsFor(identity);
    try {
      await this.#withSession(parts, signal, ({ connection }) => orAbort(connection.attach(queryId).reply, signal));
      return undefined;
    } catch (error) {
      const known = mapDriverError(error, this.#options.timeoutMs);
      if (ENDINGS.has(known.code)) return known;
      throw known;
    }
  }

  async page(
    queryId: string,
    { start, maxRows }: { readonly start: number; readonly maxRows: number },
    caller: CallerFacts,
    signal: AbortSignal,
  ): Promise<ResultPage> {
    const { partsFor, onRead } = this.#options;
    const parts = partsFor(caller.identity);
    return this.#withSession(parts, signal, async ({ connection }) => {
      const reply: StatementReply = await orAbort(connection.attach(queryId).reply, signal);
      const limits = { maxRows, maxBytes: parts.limits.resultBytes, maxCellBytes: parts.limits.cellBytes };
      const collector = new RowCollector(reply.columns, limits);
      const due = Math.min(maxRows, Math.max(0, reply.rowCount - start));
      if (due > 0) await reply.readRows(due, (row) => collector.take(row), signal, start);
      const { rows, bytes, cutCells } = collector;
      if (due > 0 && rows.length === 0) {
        throw new AppError('RESULT_UNREADABLE', { queryId, reason: 'one row is larger than limits.max_result_bytes' });
      }
      const cut = cutCells === undefined ? {} : { cutCells };
      onRead(caller, { queryId, rows: rows.length, bytes });
      return { columns: reply.columns, rows, bytes, rowCount: reply.rowCount, ...cut };
    });
  }

  kept(): readonly string[] {
    return [...this.#kept.keys()];
  }

  async cancel(queryId: string, cause: 'client' | 'operator' = 'client', identity?: string): Promise<void> {
    await this.#cancelWith(this.#options.partsFor(identity), queryId, cause);
  }

  async #cancelWith(parts: RunParts, queryId: string, cause: 'client' | 'operator'): Promise<void> {
    const { signal } = new AbortController();
    await this.#withSession(parts, signal, async (lease) => {
      if (isOver(stateOf(await lease.connection.queryStatus(queryId)))) return;
      const execution = lease.connection.attach(queryId);
      await execution.cancel();
      this.#options.onCancelled(cause);
      const end = execution.reply.then(
        () => true,
        () => true,
      );
      // The driver asks for the end until it comes; only the end of the session stops it.
      if (!(await orLate(end, CANCEL_MS))) lease.release('spent');
    });
  }

  async close(): Promise<void> {
    const kept = [...this.#kept];
    this.#kept.clear();
    const endings = kept.map(async ([queryId, { connection, timer }]) => {
      clearTimeout(timer);
      if (await this.#isDone(queryId, connection)) await connection.destroy();
    });
    await orLate(Promise.all(endings), CLOSE_MS);
  }

  /** Lends a session of any place; a session that turns out to be gone is replaced once. */
  async #withSession<T>(parts: RunParts, signal: AbortSignal, use: (lease: Lease) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    return retryLost(signal, async () => {
      const need = { place: HOME, exact: false };
      const lease = await parts.pool.acquire(need, parts.clock.now() + parts.limits.acquireMs, signal);
      let fate: Fate = 'spent';
      try {
        const value = await use(lease);
        fate = 'clean';
        return value;
      } catch (error) {
        if (signal.aborted) throw new AppError('QUERY_CANCELLED', {});
        const known = mapDriverError(error, timeoutMs);
        fate = fateAfter(known);
        throw known;
      } finally {
        lease.release(fate);
      }
    });
  }
}

/** Errors of `attach` that are the statement's own. */
const ENDINGS: ReadonlySet<string> = new Set(['SQL_ERROR', 'OBJECT_NOT_FOUND', 'QUERY_CANCELLED', 'QUERY_TIMEOUT']);

function fateAfter({ code }: AppError): Fate {
  if (code === 'CONNECTION_LOST' || code === 'SNOWFLAKE_UNREACHABLE') return 'dead';
  return code === 'INTERNAL' || code === 'RESULT_UNREADABLE' ? 'spent' : 'clean';
}

async function retryLost<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONNECTION_LOST' || signal.aborted) throw error;
    return work();
  }
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new AppError('QUERY_CANCELLED', {}));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

/** The value, or undefined when it has not come in time. */
async function orLate<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
