/**
 * One statement on one lent connection: where it runs, how long, how much of its result is read, how it is stopped.
 *
 * The text is sent as it is. A session that Snowflake has ended is replaced and the statement is run once more; that is
 * safe because only reads come here. A stopped statement is answered at once and cancelled in Snowflake behind the
 * answer; its connection serves nobody until Snowflake has let go of it.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { Fate, Lease, Pool } from '../pool/pool.ts';
import type { Bind, Column, Execution, RawRow, SessionState, StatementReply } from '../snowflake/driver.ts';
import { mapDriverError } from '../snowflake/errors-map.ts';
import type { Cell } from './cells.ts';
import { type CutCells, RowCollector, type Truncation } from './collect.ts';
import { HOME, type HomeState, needsNewSession, wayTo } from './place.ts';
import type { Stop } from './stop.ts';
import { orAbort, orLate } from './waiting.ts';

export interface Job {
  readonly sql: string;
  readonly binds?: readonly Bind[] | undefined;
  /** As place.ts writes it; undefined when it does not matter where it runs. */
  readonly place: string | undefined;
  readonly maxRows: number;
  /** False when a limit on rows would also cut the steps of a `->>` chain, and so change its answer. */
  readonly isOneStep: boolean;
  /** The statement changes its session; the connection is not used again. */
  readonly changesSession: boolean;
  /** Run once, whatever happens. */
  readonly isWrite?: boolean;
  /** A COMMIT follows: for a user whose AUTOCOMMIT is off, the change would stay open in a session that others get. */
  readonly commits?: boolean;
  readonly queryTag: string;
  /** Cancelled in Snowflake after this time; the configured limit when left out. */
  readonly timeoutMs?: number | undefined;
  /** Query id under which the statement was sent before and may still run: its end is waited for. Reads only. */
  readonly attachTo?: string | undefined;
  /** Told when the statement is sent: where its query id will be, once Snowflake has named it. */
  readonly onStatement?: ((queryId: () => string | undefined) => void) | undefined;
  /** Told when the first rows can be read. */
  readonly onRows?: (() => void) | undefined;
  /** Told what is known while the caller waits; `running` from the moment the statement is sent. */
  readonly report?: ((state: 'waiting' | 'running' | 'reading', rows: number) => void) | undefined;
}

interface RunLimits {
  readonly acquireMs: number;
  readonly queryMs: number;
  readonly resultBytes: number;
  readonly cellBytes: number;
}

export interface RunParts {
  readonly pool: Pick<Pool, 'acquire'>;
  readonly clock: Clock;
  readonly limits: RunLimits;
  /** What is known of where logins put a session; learned here. */
  readonly home: { state: HomeState };
  /** Statements that Snowflake has not ended yet, also those whose callers have their answer. */
  readonly running: { add(execution: Execution): unknown; delete(execution: Execution): unknown };
  /** Keeps what goes on behind an answer, so that a drain waits for it. */
  readonly background: Set<Promise<void>>;
}

export interface Outcome {
  readonly queryId: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly bytes: number;
  readonly truncated: Truncation | undefined;
  readonly cutCells: CutCells | undefined;
  readonly database: string | undefined;
  readonly schema: string | undefined;
}

/** @throws AppError with the reason of `stop`, a pool error, or what Snowflake said */
export async function runJob(parts: RunParts, job: Job, stop: Stop): Promise<Outcome> {
  try {
    return await runOnce(parts, job, stop);
  } catch (error) {
    // The statement that was sent before may be unknown by now, or cancelled; a fault of its own comes again.
    if (job.attachTo !== undefined && !stop.signal.aborted) return runJob(parts, { ...job, attachTo: undefined }, stop);
    const isLost = error instanceof AppError && error.code === 'CONNECTION_LOST';
    if (!isLost || stop.signal.aborted || job.isWrite === true) throw error;
    return runOnce(parts, job, stop);
  }
}

async function runOnce(parts: RunParts, job: Job, stop: Stop): Promise<Outcome> {
  const { pool, clock, limits, home } = parts;
  const need = { place: job.place ?? HOME, exact: job.place !== undefined && needsNewSession(job.place, home.state) };
  job.report?.('waiting', 0);
  const lease = await pool.acquire(need, clock.now() + limits.acquireMs, stop.signal);
  const queryMs = job.timeoutMs ?? limits.queryMs;
  stop.startTimer(queryMs);
  const loan: Loan = { lease, isWindingDown: false, mayHoldChanges: job.commits === true };
  let fate: Fate = 'spent';
  try {
    if (job.attachTo === undefined) await lead(parts, loan, job, stop);
    const outcome = await perform(parts, loan, job, stop);
    if (job.commits === true) {
      await settle(parts, loan, lease.connection.execute({ sql: 'COMMIT', parameters: parameters(parts, job) }), stop);
    }
    fate = job.changesSession || loan.hasMoved === true ? 'spent' : 'clean';
    return outcome;
  } catch (error) {
    const known = mapDriverError(error, queryMs);
    fate = fateAfter(known);
    if (fate === 'clean' && loan.mayHoldChanges) fate = 'spent';
    throw known;
  } finally {
    if (!loan.isWindingDown) lease.release(fate);
  }
}

export interface Loan {
  readonly lease: Lease;
  /** A stopped statement still holds the connection; `windDown` gives it back. */
  isWindingDown: boolean;
  /** A statement that fails may leave a transaction open, which ends with its session. */
  readonly mayHoldChanges?: boolean;
  /** The statement has left its session elsewhere than logins do. */
  hasMoved?: boolean;
}

export function fateAfter(error: AppError): Fate {
  if (error.code === 'CONNECTION_LOST' || error.code === 'SNOWFLAKE_UNREACHABLE') return 'dead';
  return error.code === 'INTERNAL' || error.code === 'RESULT_UNREADABLE' ? 'spent' : 'clean';
}

/** The place of a session whose USE was stopped: nobody's. */
const ON_THE_WAY = 'unknown';

/** Brings the session to the job's place. @throws AppError OBJECT_NOT_FOUND when there is no such place */
export async function lead(parts: RunParts, loan: Loan, job: Job, stop: Stop): Promise<void> {
  const { lease } = loan;
  const sql = job.place === undefined ? undefined : wayTo(job.place, lease.place, parts.home.state);
  if (sql === undefined || job.place === undefined) return;
  const before = lease.place;
  lease.place = ON_THE_WAY;
  try {
    await settle(parts, loan, lease.connection.execute({ sql, parameters: parameters(parts, job) }), stop);
    lease.place = job.place;
  } catch (error) {
    const known = mapDriverError(error, parts.limits.queryMs);
    if (known.code === 'SQL_ERROR') lease.place = before;
    const { snowflakeCode } = known.details as { snowflakeCode?: string };
    const isUnknown = snowflakeCode === '002043' || snowflakeCode === '002003';
    if (!isUnknown) throw known;
    const [, kind = '', name = ''] = /^USE (\w+) (.*)$/s.exec(sql) ?? [];
    throw new AppError('OBJECT_NOT_FOUND', { kind: kind === 'SCHEMA' ? 'Schema' : 'Database', name });
  }
}

async function perform(parts: RunParts, loan: Loan, job: Job, stop: Stop): Promise<Outcome> {
  const { lease } = loan;
  job.report?.('running', 0);
  const execution = begin(parts, lease, job);
  job.onStatement?.(() => execution.queryId());
  parts.running.add(execution);
  void execution.reply.catch(() => undefined).finally(() => parts.running.delete(execution));
  const reply = await settle(parts, loan, execution, stop);
  job.onRows?.();
  const isHome = lease.place === HOME && !job.changesSession && job.attachTo === undefined;
  if (isHome) parts.home.state ??= reply.state;
  loan.hasMoved = job.attachTo === undefined && hasMoved(parts.home.state, reply.state, isHome);
  // Either the statement did that, or the defaults of the user are others by now: the next login tells.
  if (loan.hasMoved && !job.changesSession) parts.home.state = undefined;
  const collector = new RowCollector(reply.columns, {
    maxRows: job.maxRows,
    maxBytes: parts.limits.resultBytes,
    maxCellBytes: parts.limits.cellBytes,
  });
  const { report } = job;
  const take = (row: RawRow) => {
    report?.('reading', collector.rows.length + 1);
    return collector.take(row);
  };
  const taker = report === undefined ? (row: RawRow) => collector.take(row) : take;
  try {
    await reply.readRows(job.maxRows + 1, taker, stop.signal);
  } catch (error) {
    throw error === stop.signal.reason ? stop.error(reply.queryId) : error;
  }
  return {
    queryId: reply.queryId,
    columns: reply.columns,
    rows: collector.rows,
    bytes: collector.bytes,
    truncated: collector.truncated,
    cutCells: collector.cutCells,
    database: reply.state.database,
    schema: reply.state.schema,
  };
}

function begin(parts: RunParts, lease: Lease, job: Job): Execution {
  if (job.attachTo !== undefined) return lease.connection.attach(job.attachTo);
  return lease.connection.execute({
    sql: job.sql,
    ...(job.binds === undefined ? {} : { binds: job.binds }),
    parameters: {
      ...parameters(parts, job),
      ...(job.isOneStep ? { ROWS_PER_RESULTSET: job.maxRows + 1 } : {}),
    },
  });
}

/** Whatever a statement was taken for: what it leaves behind must not meet the next call. */
function hasMoved(home: HomeState, now: SessionState, isHome: boolean): boolean {
  if (home === undefined) return false;
  const isElsewhere = now.database !== undefined && home.database !== now.database;
  return (isHome && isElsewhere) || home.role !== now.role || home.warehouse !== now.warehouse;
}

/** Snowflake ends the statement by itself a little later, should this process not be there to do it. */
const FENCE_SECONDS = 5;

function parameters(parts: RunParts, job: Job): Record<string, string | number> {
  const seconds = Math.ceil((job.timeoutMs ?? parts.limits.queryMs) / 1000) + FENCE_SECONDS;
  return { QUERY_TAG: job.queryTag, STATEMENT_TIMEOUT_IN_SECONDS: seconds };
}

/** The reply, or the reason of the stop; then the statement is cancelled behind the answer. */
async function settle(parts: RunParts, loan: Loan, execution: Execution, stop: Stop): Promise<StatementReply> {
  const { signal } = stop;
  try {
    return await orAbort(execution.reply, signal);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    loan.isWindingDown = true;
    const ending = windDown(execution, loan).finally(() => parts.background.delete(ending));
    parts.background.add(ending);
    throw stop.error(execution.queryId());
  }
}

/** A cancel may arrive before the statement does, so it is repeated; one without an answer is not waited for longer. */
const CANCEL_PAUSES_MS = [100, 300, 1000, 3000];
const CANCEL_ANSWER_MS = 1000;

/** Cancels until Snowflake has ended the statement, then gives the connection back; a stubborn one is closed. */
async function windDown(execution: Execution, { lease, mayHoldChanges }: Loan): Promise<void> {
  let hasEnded = false;
  const end = Promise.allSettled([execution.reply]).then(() => {
    hasEnded = true;
  });
  for (const pauseMs of CANCEL_PAUSES_MS) {
    const asked = execution.cancel().catch(() => undefined);
    await orLate(Promise.race([asked, end]), CANCEL_ANSWER_MS);
    await orLate(end, pauseMs);
    if (hasEnded) break;
  }
  lease.release(hasEnded && !mayHoldChanges ? 'clean' : 'spent');
}
