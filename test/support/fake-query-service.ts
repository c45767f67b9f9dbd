/** A query service without Snowflake: answers what a test tells it to, and keeps what it was asked. */
import type { QueryResult, QueryService } from '../../src/worker/query/service.ts';

type Request = Parameters<QueryService['run']>[0];

export interface FakeQueryService extends QueryService {
  readonly asked: { request: Request; kind: 'run' | 'catalog' }[];
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

/** @param answer called for every statement; may throw or wait for the signal */
export function fakeQueryService(
  answer: (request: Request, signal: AbortSignal) => QueryResult | Promise<QueryResult> = () =>
    fakeResult(['N'], [[1]]),
): FakeQueryService {
  const asked: FakeQueryService['asked'] = [];
  const take = (kind: 'run' | 'catalog') => async (request: Request, signal: AbortSignal) => {
    asked.push({ request, kind });
    return answer(request, signal);
  };
  return {
    asked,
    warm: async () => {},
    run: take('run'),
    catalog: take('catalog'),
    probe: async () => {
      throw new Error('not asked in these tests');
    },
    health: () => 'healthy',
    figures: () => ({ active: 0, idle: 1, total: 1, max: 8, waiting: 0, peak: 1, oldestWaitMs: 0 }),
    close: async () => {},
  };
}
