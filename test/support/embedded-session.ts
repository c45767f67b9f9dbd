/**
 * An embedded engine with its catalog, and sessions on it, without the wire protocol.
 */
import { createEngine, type Engine } from '../../src/embedded/engine.ts';
import { executeStatement, prepareCatalog } from '../../src/embedded/sql/execute.ts';
import type { Bind, EmbeddedSession, StatementResult } from '../../src/embedded/statement.ts';

export interface TestSession {
  readonly session: EmbeddedSession;
  run(sql: string, binds?: readonly Bind[], describeOnly?: boolean, queryId?: string): Promise<StatementResult>;
}

export async function startEngine(): Promise<Engine> {
  const engine = await createEngine();
  await prepareCatalog(engine);
  await engine.lock();
  return engine;
}

/** A session in DEMO_DB.SALES. */
export async function openSession(engine: Engine, place: Partial<EmbeddedSession> = {}): Promise<TestSession> {
  const session: EmbeddedSession = {
    id: '1',
    user: 'TESTER',
    connection: await engine.connect(),
    database: 'DEMO_DB',
    schema: 'SALES',
    warehouse: 'DEMO_WH',
    role: 'DEMO_ROLE',
    parameters: new Map(),
    variables: new Map(),
    queryIds: [],
    ...place,
  };
  return {
    session,
    run: (sql, binds = [], describeOnly = false, queryId = '') =>
      executeStatement(sql, session, binds, { describeOnly, queryId }),
  };
}
