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
import { fateAfter, type Job, type Loan, lead, type RunParts } from './run.ts';
import { Stop, type StopCause } from './stop.ts';
import { isOver, type SubmittedState, stateOf } from './submitted-state.ts';
import { answerOf, orAbort, orLate, unanswered } from './waiting.ts';

interface ResultPage {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly bytes: number;
  readonly cutCells?: CutCells;
  /** Rows of the whole result. */
  readonly rowCount: number;
}

export interface SubmittedStatements {
  /** Starts a job whose statement was permitted; resolves to its query id. A time limit of the job tightens the server's. */
  start(parts: RunParts, job: Job, signal: AbortSignal): Promise<string>;
  /** @param identity named login that it ran under, here and below */
  state(queryId: string, signal: AbortSignal, identity?: string): Promise<SubmittedState>;
  /**
   * Why a failed or cancelled statement ended so; undefined when it did not.
   * @param timeoutMs limit of its caller, where it is below the server's
   */
  failure(queryId: string, signal: AbortSignal, identity?: string, timeoutMs?: number): Promise<AppError | undefined>;
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
  onCancelled(cause: StopCause): void;
}

/** Rows that Snowflake keeps of a submitted statement's result. */
export const STORED_ROWS_MAX = 1_000_000;

const WATCH_FIRST_MS = 500;
const WATCH_LAST_MS = 15_000;
const CANCEL_MS = 5000;
const CLOSE_MS = 1000;
/** Snowflake's monitoring learns of a statement late: looks in vain, two minutes, before it is taken for gone. */
const UNKNOWN_LOOKS = 12;

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
    const timeoutMs = Math.min(this.#options.timeoutMs, job.timeoutMs ?? Number.POSITIVE_INFINITY);
    const place = job.place ?? HOME;
    const need = { place, exact: job.place !== undefined && needsNewSession(place, parts.home.state) };
    const stop = new Stop(signal);
    let loan: Loan | undefined;
    let fate: Fate = 'spent';
    try {
      const lease = await parts.pool.acquire(need, parts.clock.now() + parts.limits.acquireMs, stop.signal);
      loan = { lease, isWindingDown: false };
      stop.startTimer(parts.limits.queryMs);
      await lead(parts, loan, job, stop);
      const naming = lease.connection.submit({
        sql: job.sql,
        ...(job.binds === undefined ? {} : { binds: job.binds }),
        parameters: {
          QUERY_TAG: job.queryTag,
          STATEMENT_TIMEOUT_IN_SECONDS: Math.ceil(timeoutMs / 1000),
          ...(job.isOneStep ? { ROWS_PER_RESULTSET: STORED_ROWS_MAX } : {}),
        },
      });
      const queryId = await this.#named(parts, loan, naming, stop);
      fate = 'kept';
      this.#keep(queryId, lease.connection);
      return queryId;
    } catch (error) {
      const known = mapDriverError(error, parts.limits.queryMs);
      fate = fateAfter(known);
      throw known;
    } finally {
      stop.end();
      if (loan !== undefined && !loan.isWindingDown) loan.lease.release(fate);
    }
  }

  /** The query id, or the reason of the stop; then statement and session are ended behind the answer. */
  async #named(parts: RunParts, loan: Loan, naming: Promise<string>, stop: Stop): Promise<string> {
    try {
      const queryId = await orAbort(naming, stop.signal);
      stop.signal.throwIfAborted();
      return queryId;
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      loan.isWindingDown = true;
      const ending = this.#giveUp(loan.lease, naming, stop).finally(() => parts.background.delete(ending));
      parts.background.add(ending);
      throw stop.error();
    }
  }

  /** A statement that is not named in time ends with its session. */
  async #giveUp(lease: Lease, naming: Promise<string>, stop: Stop): Promise<void> {
    const queryId = await orLate(naming, CANCEL_MS).catch(() => undefined);
    if (queryId !== undefined) {
      this.#options.onCancelled(stop.causeInSnowflake ?? 'client');
      await orLate(lease.connection.attach(queryId).cancel(), CANCEL_MS).catch(() => undefined);
    }
    lease.release('spent');
  }

  /** Ends the session once its statement is over; `unknown` counts the looks in vain. */
  #keep(queryId: string, connection: Connection, lookAfterMs = WATCH_FIRST_MS, unknown = 0): void {
    const look = async () => {
      const state = await this.#stateIn(connection, queryId);
      if (!this.#kept.has(queryId)) return;
      const isUnknown = state === 'unknown' && unknown < UNKNOWN_LOOKS;
      if (isUnknown || !isOver(state)) {
        return this.#keep(queryId, connection, Math.min(lookAfterMs * 2, WATCH_LAST_MS), isUnknown ? unknown + 1 : 0);
      }
      this.#kept.delete(queryId);
      this.#options.onEnded(queryId);
      await connection.destroy();
    };
    const timer = setTimeout(look, lookAfterMs);
    timer.unref();
    this.#kept.set(queryId, { connection, timer });
  }

  async #stateIn(connection: Connection, queryId: string): Promise<SubmittedState> {
    try {
      return stateOf(await connection.queryStatus(queryId));
    } catch {
      // A session that is gone has nothing left to end; an outage passes.
      return connection.isUp() ? 'running' : 'cancelled';
    }
  }

  async state(queryId: string, signal: AbortSignal, identity?: string): Promise<SubmittedState> {
    return this.#withSession(this.#options.partsFor(identity), signal, async ({ connection }, stopped) =>
      stateOf(await orAbort(connection.queryStatus(queryId), stopped)),
    );
  }

  async failure(
    queryId: string,
    signal: AbortSignal,
    identity?: string,
    timeoutMs = Number.POSITIVE_INFINITY,
  ): Promise<AppError | undefined> {
    const limitMs = Math.min(this.#options.timeoutMs, timeoutMs);
    return this.#withSession(this.#options.partsFor(identity), signal, async ({ connection }, stopped) => {
      try {
        await orAbort(connection.attach(queryId).reply, stopped);
        return undefined;
      } catch (error) {
        const known = mapDriverError(error, limitMs);
        if (ENDINGS.has(known.code) && !stopped.aborted) return known;
        throw known;
      }
    });
  }

  async page(
    queryId: string,
    { start, maxRows }: { readonly start: number; readonly maxRows: number },
    caller: CallerFacts,
    signal: AbortSignal,
  ): Promise<ResultPage> {
    const { partsFor, onRead } = this.#options;
    const parts = partsFor(caller.identity);
    return this.#withSession(parts, signal, async ({ connection }, stopped) => {
      const reply: StatementReply = await orAbort(connection.attach(queryId).reply, stopped);
      const limits = { maxRows, maxBytes: parts.limits.resultBytes, maxCellBytes: parts.limits.cellBytes };
      const collector = new RowCollector(reply.columns, limits);
      const due = Math.min(maxRows, Math.max(0, reply.rowCount - start));
      if (due > 0) await reply.readRows(due, (row) => collector.take(row), stopped, start);
      const { rows, bytes, cutCells } = collector;
      if (due > 0 && rows.length === 0) {
        throw new AppError('RESULT_UNREADABLE', { queryId, reason: TOO_LARGE });
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
    const own = this.#kept.get(queryId)?.connection;
    // The session that runs it will do while the pool has none to spare, but may end at any time.
    if (own !== undefined) {
      const isDone = await this.#cancelIn(own, queryId, cause).catch(() => undefined);
      if (isDone !== undefined) return;
    }
    const { signal } = new AbortController();
    await this.#withSession(this.#options.partsFor(identity), signal, async (lease) => {
      // The driver asks for the end until it comes; only the end of the session stops it.
      if (!(await this.#cancelIn(lease.connection, queryId, cause))) lease.release('spent');
    });
  }

  /** False when Snowflake has not let go of the statement some seconds after the cancel. */
  async #cancelIn(connection: Connection, queryId: string, cause: StopCause): Promise<boolean> {
    const state = stateOf(await answerOf(connection.queryStatus(queryId), CANCEL_MS));
    if (isOver(state) && state !== 'unknown') return true;
    const execution = connection.attach(queryId);
    try {
      await answerOf(execution.cancel(), CANCEL_MS);
    } catch (error) {
      // Of what it does not know yet, or no longer, Snowflake may say that there is nothing to cancel.
      if (state === 'unknown' && mapDriverError(error, 0).code === 'SQL_ERROR') return true;
      throw error;
    }
    this.#options.onCancelled(cause);
    return (await orLate(Promise.allSettled([execution.reply]), CANCEL_MS)) !== undefined;
  }

  async close(): Promise<void> {
    const kept = [...this.#kept];
    this.#kept.clear();
    const endings = kept.map(async ([queryId, { connection, timer }]) => {
      clearTimeout(timer);
      const state = await this.#stateIn(connection, queryId);
      if (isOver(state) && state !== 'unknown') await connection.destroy();
    });
    await orLate(Promise.all(endings), CLOSE_MS);
  }

  /**
   * Lends a session of any place; a session that turns out to be gone is replaced once. What is asked of it ends with
   * `signal` and with the time limit of a statement.
   */
  async #withSession<T>(
    parts: RunParts,
    signal: AbortSignal,
    use: (lease: Lease, stopped: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = this.#options;
    return retryLost(signal, async () => {
      const stop = new Stop(signal);
      let lease: Lease | undefined;
      let fate: Fate = 'spent';
      try {
        const need = { place: HOME, exact: false };
        lease = await parts.pool.acquire(need, parts.clock.now() + parts.limits.acquireMs, stop.signal);
        stop.startTimer(parts.limits.queryMs);
        const value = await use(lease, stop.signal);
        fate = 'clean';
        return value;
      } catch (error) {
        const isLate = stop.causeInSnowflake === 'timeout';
        if (stop.signal.aborted && !isLate) throw stop.error();
        const known = isLate ? unanswered(parts.limits.queryMs) : mapDriverError(error, timeoutMs);
        fate = fateAfter(known);
        throw known;
      } finally {
        stop.end();
        lease?.release(fate);
      }
    });
  }
}

const TOO_LARGE =
  'one row is larger than limits.max_result_bytes: submit it again with fewer columns, or with parts of them';

/** Errors of `attach` that are the statement's own. */
const ENDINGS: ReadonlySet<string> = new Set(['SQL_ERROR', 'OBJECT_NOT_FOUND', 'QUERY_CANCELLED', 'QUERY_TIMEOUT']);

async function retryLost<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONNECTION_LOST' || signal.aborted) throw error;
    return work();
  }
}
