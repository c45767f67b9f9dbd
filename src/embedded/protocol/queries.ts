/**
 * Runs query requests: one turn per session, latency, timeout, cancel, several statements in one request.
 *
 * A request id that comes again within the log gets the first run's query, never a second run. A cancel
 * interrupts DuckDB again and again until the statement has ended, because an interrupt between two of its steps is
 * lost; a statement that ends well all the same counts as done, since its changes are.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { SqlTextError } from '../../shared/sql/lexer.ts';
import { type Statement, splitStatements } from '../../shared/sql/statements.ts';
import { fromDuckDb, SnowflakeError } from '../errors.ts';
import type { Bind, EmbeddedSession, StatementResult } from '../statement.ts';
import { queryParameters } from './parameters.ts';
import type { Query, QueryStore } from './query-store.ts';
import { multiStatementResult, storeResult } from './results.ts';
import { inTurn, type SessionRecord } from './sessions.ts';

export type ExecuteStatement = (
  sql: string,
  session: EmbeddedSession,
  binds: readonly Bind[],
  options: { describeOnly: boolean; queryId: string },
) => Promise<StatementResult>;

export interface QueryRequest {
  readonly requestId: string;
  readonly sqlText: string;
  readonly binds: readonly Bind[];
  /** Parameters of this request alone, by upper-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly describeOnly: boolean;
}

const INTERRUPT_EVERY_MS = 20;
const TIMER_MAX_MS = 2 ** 31 - 1;
const PENDING_MAX = 64;
const QUERY_IDS_MAX = 100;

export class Queries {
  readonly #execute: ExecuteStatement;
  readonly #store: QueryStore;
  readonly #clock: Clock;
  readonly #delayMs: number;

  constructor(execute: ExecuteStatement, store: QueryStore, clock: Clock, delayMs: number) {
    this.#execute = execute;
    this.#store = store;
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Starts the request's statements, or gives the query that the same request id has started before. */
  submit(record: SessionRecord, request: QueryRequest): Query {
    const known = request.requestId === '' ? undefined : this.#store.byRequest(record.session.id, request.requestId);
    if (known !== undefined) return known;
    const query = this.#newQuery(record, request, request.sqlText);
    query.done = this.#run(query, record, request);
    return query;
  }

  /** True when there was something to stop. */
  cancel(query: Query | undefined, reason = new SnowflakeError('000604', '57014', 'SQL execution canceled')): boolean {
    if (query === undefined || query.outcome.kind !== 'pending') return false;
    query.abort.abort(reason);
    return true;
  }

  cancelSession(sessionId: string): void {
    for (const query of this.#store.running()) if (query.sessionId === sessionId) this.cancel(query);
  }

  #newQuery(record: SessionRecord, request: QueryRequest, sqlText: string, requestId = request.requestId): Query {
    const query: Query = {
      id: randomUUID(),
      requestId,
      sessionId: record.session.id,
      sqlText,
      tag: request.parameters.get('QUERY_TAG') ?? record.session.parameters.get('QUERY_TAG') ?? '',
      startedAt: this.#clock.wall().getTime(),
      abort: new AbortController(),
      endedAt: undefined,
      state: 'queued',
      outcome: { kind: 'pending' },
      done: Promise.resolve(),
    };
    this.#store.add(query);
    return query;
  }

  async #run(query: Query, record: SessionRecord, request: QueryRequest): Promise<void> {
    try {
      const statements = readStatements(request, record.session);
      if (record.pending >= PENDING_MAX) {
        throw new SnowflakeError('000603', 'XX000', `The session has ${PENDING_MAX} statements waiting, its most.`);
      }
      const { signal } = query.abort;
      await inTurn(record, signal, async () => {
        query.state = 'running';
        const stopTimer = startTimeout(query, request, record.session);
        const stopInterrupts = interruptOnAbort(signal, record.session);
        try {
          if (this.#delayMs > 0) await sleep(this.#delayMs, undefined, { signal, ref: false });
          const [only] = statements;
          if (statements.length === 1 && only !== undefined)
            await this.#one(query, only, request.binds, record, request);
          else await this.#several(query, statements, record, request);
        } finally {
          stopTimer();
          stopInterrupts();
        }
      });
    } catch (error) {
      this.#fail(query, query.abort.signal.aborted ? query.abort.signal.reason : error);
    } finally {
      noteId(record.session, query.id);
    }
  }

  async #one(
    query: Query,
    statement: Statement,
    binds: readonly Bind[],
    record: SessionRecord,
    request: QueryRequest,
  ): Promise<void> {
    const { describeOnly } = request;
    const options = { describeOnly, queryId: query.id };
    try {
      const result = await this.#execute(statement.text, record.session, binds, options);
      await this.#succeed(query, describeOnly ? { ...result, rows: [] } : result, record, request, []);
    } finally {
      record.session.connection.release();
    }
  }

  async #several(
    query: Query,
    statements: readonly Statement[],
    record: SessionRecord,
    request: QueryRequest,
  ): Promise<void> {
    const children: Query[] = [];
    let used = 0;
    for (const statement of statements) {
      query.abort.signal.throwIfAborted();
      const own = statement.tokens.filter(({ kind, text }) => kind === 'bind' && text === '?').length;
      const binds = own === 0 ? request.binds : request.binds.slice(used, used + own);
      used += own;
      const child = this.#newQuery(record, request, statement.text, '');
      child.state = 'running';
      try {
        await this.#one(child, statement, binds, record, request);
      } catch (error) {
        this.#fail(child, query.abort.signal.aborted ? query.abort.signal.reason : error);
        throw error;
      }
      children.push(child);
      noteId(record.session, child.id);
    }
    await this.#succeed(query, multiStatementResult(), record, request, children);
  }

  async #succeed(
    query: Query,
    result: StatementResult,
    record: SessionRecord,
    request: QueryRequest,
    children: readonly Query[],
  ): Promise<void> {
    const { session } = record;
    const rowsMax = Number(
      request.parameters.get('ROWS_PER_RESULTSET') ?? session.parameters.get('ROWS_PER_RESULTSET'),
    );
    const { database, schema, warehouse, role } = session;
    const parameters = queryParameters(session.parameters, request.parameters);
    const stored = await storeResult(result, rowsMax);
    query.state = 'success';
    query.endedAt = this.#clock.wall().getTime();
    this.#store.store(query, stored, { database, schema, warehouse, role, parameters }, children);
  }

  #fail(query: Query, reason: unknown): void {
    const error =
      reason instanceof SqlTextError ? fromSqlText(reason, query.sqlText) : fromDuckDb(reason, query.sqlText);
    query.state = error.code === '000604' ? 'aborted' : 'failed';
    query.endedAt = this.#clock.wall().getTime();
    query.outcome = { kind: 'failed', error };
  }
}

function noteId({ queryIds }: EmbeddedSession, id: string): void {
  queryIds.push(id);
  if (queryIds.length > QUERY_IDS_MAX) queryIds.shift();
}

/** @throws SnowflakeError when the text holds another number of statements than the request allows. */
function readStatements(request: QueryRequest, session: EmbeddedSession): readonly Statement[] {
  const statements = splitStatements(request.sqlText);
  if (statements.length === 0)
    throw new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.');
  const name = 'MULTI_STATEMENT_COUNT';
  const wanted = Number(request.parameters.get(name) ?? session.parameters.get(name) ?? 1);
  if (wanted !== 0 && statements.length !== wanted) {
    const text = `Actual statement count ${statements.length} did not match the desired statement count ${wanted}.`;
    throw new SnowflakeError('000008', '0A000', text);
  }
  return statements;
}

function fromSqlText(error: SqlTextError, sqlText: string): SnowflakeError {
  const lines = sqlText.slice(0, error.offset).split('\n');
  const place = `line ${lines.length} at position ${(lines.at(-1) ?? '').length}`;
  return new SnowflakeError('001003', '42000', `SQL compilation error:\nparse error ${place} (${error.reason}).`);
}

function startTimeout(query: Query, request: QueryRequest, session: EmbeddedSession): () => void {
  const name = 'STATEMENT_TIMEOUT_IN_SECONDS';
  const seconds = Number(request.parameters.get(name) ?? session.parameters.get(name) ?? 0);
  if (!(seconds > 0)) return () => {};
  const text = `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`;
  const onTimeout = () => query.abort.abort(new SnowflakeError('000630', '57014', text));
  const timer = setTimeout(onTimeout, Math.min(seconds * 1000, TIMER_MAX_MS));
  timer.unref();
  return () => clearTimeout(timer);
}

function interruptOnAbort(signal: AbortSignal, session: EmbeddedSession): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    session.connection.interrupt();
    timer = setInterval(() => session.connection.interrupt(), INTERRUPT_EVERY_MS);
    timer.unref();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearInterval(timer);
  };
}
