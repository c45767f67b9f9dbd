/** A query service without Snowflake: answers what a test tells it to, and keeps what it was asked. */
import { AppError } from '../../src/shared/errors.ts';
import type { QueryResult, QueryService } from '../../src/worker/query/service.ts';
import type { SubmittedState } from '../../src/worker/query/submitted-state.ts';

type Request = Parameters<QueryService['run']>[0];

export interface FakeQueryService extends QueryService {
  readonly asked: { request: Request; kind: 'run' | 'catalog' | 'write' }[];
  /** Submitted statements by query id; a test sets their state and rows. */
  readonly statements: Map<string, { state: SubmittedState; rows: QueryResult['rows']; cancels: number }>;
}

export function fakeResult(columns: readonly string[], rows: QueryResult['rows'], more: Partial<QueryResult> = {}) {
  return {
    queryId: '01b00000-0000-0000-0000-000000000001',
    columns: columns.map((name) => ({ name, type: 'TEXT', nullable: true })),
    rows,
    durationMs: 3.4,
    kind: 'select',
    ...more,
  } satisfies QueryResult;
}

/** One whose statements answer this one value when they are let go, all of them; until then they run. */
export function heldQueryService(value: string | number = 1): { query: FakeQueryService; release: () => void } {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const query = fakeQueryService(async () => {
    await held;
    return fakeResult(['N'], [[value]]);
  });
  return { query, release };
}

/** @param answer called for every statement; may throw or wait for the signal */
export function fakeQueryService(
  answer: (request: Request, signal: AbortSignal) => QueryResult | Promise<QueryResult> = () =>
    fakeResult(['N'], [[1]]),
): FakeQueryService {
  const asked: FakeQueryService['asked'] = [];
  const statements: FakeQueryService['statements'] = new Map();
  const statement = (queryId: string) => {
    const found = statements.get(queryId);
    if (found === undefined) throw new Error(`no statement ${queryId}`);
    return found;
  };
  const take = (kind: 'run' | 'catalog' | 'write') => async (request: Request, signal: AbortSignal) => {
    asked.push({ request, kind });
    request.report?.('running', 0);
    return answer(request, signal);
  };
  return {
    asked,
    statements,
    write: take('write'),
    checkWrite: async () => 'insert',
    submit: async (request) => {
      const queryId = `01b00000-0000-0000-0000-${String(statements.size + 1).padStart(12, '0')}`;
      asked.push({ request, kind: 'run' });
      statements.set(queryId, { state: 'running', rows: [], cancels: 0 });
      return { queryId, kind: 'select' };
    },
    submitted: {
      kept: () => [],
      state: async (queryId) => statements.get(queryId)?.state ?? 'unknown',
      failure: async (queryId) =>
        statement(queryId).state === 'cancelled' ? new AppError('QUERY_CANCELLED', { queryId }) : undefined,
      page: async (queryId, { start, maxRows }) => {
        const { rows } = statement(queryId);
        const columns = [{ name: 'N', type: 'FIXED', nullable: true }];
        return { columns, rows: rows.slice(start, start + maxRows), bytes: 0, rowCount: rows.length };
      },
      cancel: async (queryId) => {
        const found = statement(queryId);
        found.cancels++;
        if (found.state === 'running') found.state = 'cancelled';
      },
    },
    warm: async () => {},
    run: take('run'),
    catalog: take('catalog'),
    probe: async () => {
      throw new Error('not asked in these tests');
    },
    health: () => 'healthy',
    figures: () => ({ active: 0, idle: 1, total: 1, max: 8, waiting: 0, peak: 1, oldestWaitMs: 0 }),
    replaceConnections: () => {},
    running: () => [],
    active: () => [],
    kill: async () => false,
    completedToday: () => 0,
    outOfTime: () => {},
    close: async () => {},
  };
}
