/**
 * What the SQL side remembers of a session beside EmbeddedSession: the search path its connection has, whether a
 * transaction is open, and the last result for RESULT_SCAN.
 */
import type { EmbeddedSession, StatementResult } from '../statement.ts';
import { quoteName } from './nodes.ts';

export interface SqlState {
  searchPath: string;
  inTransaction: boolean;
  /** An error has ended the transaction: nothing of it can be committed. */
  isAborted: boolean;
  lastResult: StatementResult | undefined;
}

/** Rows of a result that RESULT_SCAN can read again; larger results are not kept. */
const KEPT_ROWS = 1_000;
const EMPTY_SCHEMA = 'memory."SF$NONE"';

const states = new WeakMap<EmbeddedSession, SqlState>();

export function stateOf(session: EmbeddedSession): SqlState {
  const known = states.get(session);
  if (known !== undefined) return known;
  const state: SqlState = { searchPath: '', inTransaction: false, isAborted: false, lastResult: undefined };
  states.set(session, state);
  return state;
}

export function keepResult(session: EmbeddedSession, result: StatementResult): void {
  stateOf(session).lastResult = result.rows.length <= KEPT_ROWS ? result : undefined;
}

/** After a failed statement: finds out whether DuckDB has given the open transaction up. */
export async function noteFailure(session: EmbeddedSession): Promise<void> {
  const state = stateOf(session);
  if (!state.inTransaction || state.isAborted) return;
  try {
    await session.connection.run('SELECT 1');
  } catch {
    state.isAborted = true;
  }
}

/** Makes the connection resolve names as the session does: its own schema, then the macros. */
export async function applySearchPath(session: EmbeddedSession): Promise<void> {
  const { database, schema } = session;
  const own =
    database === undefined || schema === undefined ? EMPTY_SCHEMA : `${quoteName(database)}.${quoteName(schema)}`;
  const state = stateOf(session);
  if (state.searchPath === own) return;
  await session.connection.run(`SET search_path = '${`${own},memory.main`.replaceAll("'", "''")}'`);
  state.searchPath = own;
}
