/**
 * What the SQL side remembers of a session beside EmbeddedSession: the search path its connection has, its transaction,
 * its last results for RESULT_SCAN, and where its temporary tables are.
 */
import type { EmbeddedSession, StatementResult } from '../statement.ts';
import { quoteName } from './nodes.ts';

/** Database, schema and name of something DuckDB holds. */
interface Stored {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}

export interface SqlState {
  searchPath: string;
  inTransaction: boolean;
  /** What the open transaction has changed so far, as DuckDB ran it; undefined when that is too much to repeat. */
  changes: string[] | undefined;
  /** An error has ended the transaction for good: nothing of it can be committed. */
  isAborted: boolean;
  /** By query id, oldest first. */
  readonly results: Map<string, StatementResult>;
  /** By the name the client knows it by. */
  readonly temporary: Map<string, Stored>;
}

/** What RESULT_SCAN can read again: results of so many rows and so much text; larger and older ones are not kept. */
const KEPT_ROWS = 10_000;
const KEPT_CHARACTERS = 500_000;
const KEPT_RESULTS = 5;
const CHANGES_MAX = 1_000;
const EMPTY_SCHEMA = 'memory."SF$NONE"';

const states = new WeakMap<EmbeddedSession, SqlState>();

export function stateOf(session: EmbeddedSession): SqlState {
  const known = states.get(session);
  if (known !== undefined) return known;
  const state: SqlState = {
    searchPath: '',
    inTransaction: false,
    changes: undefined,
    isAborted: false,
    results: new Map(),
    temporary: new Map(),
  };
  states.set(session, state);
  return state;
}

export function keepResult(session: EmbeddedSession, queryId: string, result: StatementResult): void {
  const { results } = stateOf(session);
  if (result.rows.length > KEPT_ROWS || charactersOf(result) > KEPT_CHARACTERS) return;
  results.set(queryId, result);
  for (const id of results.keys()) {
    if (results.size <= KEPT_RESULTS) break;
    results.delete(id);
  }
}

function charactersOf({ rows }: StatementResult): number {
  return rows.reduce((sum, row) => row.reduce((inner, cell) => inner + (cell?.length ?? 0), sum), 0);
}

/** Remembers a change of rows while a transaction is open. */
export function noteChange(session: EmbeddedSession, sql: string): void {
  const state = stateOf(session);
  if (!state.inTransaction || state.changes === undefined) return;
  if (state.changes.length < CHANGES_MAX) state.changes.push(sql);
  else state.changes = undefined;
}

/**
 * After a failed statement: DuckDB gives an open transaction up when a statement fails while it runs, Snowflake does
 * not, so the transaction is begun again and what it had changed is repeated.
 */
export async function noteFailure(session: EmbeddedSession): Promise<void> {
  const state = stateOf(session);
  if (!state.inTransaction || state.isAborted) return;
  const { connection } = session;
  try {
    await connection.run('SELECT 1');
    return;
  } catch {
    state.isAborted = true;
  }
  if (state.changes === undefined) return;
  try {
    await connection.run('ROLLBACK');
    await connection.run('BEGIN');
    for (const change of state.changes) await connection.run(change);
    state.isAborted = false;
  } catch {
    // It stays aborted: COMMIT will say so.
  }
}

/** Makes the connection resolve names as the session does: temporary tables, its own schema, then the macros. */
export async function applySearchPath(session: EmbeddedSession): Promise<void> {
  const { database, schema } = session;
  const state = stateOf(session);
  let own = EMPTY_SCHEMA;
  if (database !== undefined && schema !== undefined) {
    own = `${quoteName(database)}.${quoteName(schema)}`;
    const stored = session.connection.temporaryPrefix + schema;
    const hasOwn = [...state.temporary.values()].some((each) => each.database === database && each.schema === stored);
    if (hasOwn) own = `${quoteName(database)}.${quoteName(stored)},${own}`;
  }
  if (state.searchPath === own) return;
  await session.connection.run(`SET search_path = '${`${own},memory.main`.replaceAll("'", "''")}'`);
  state.searchPath = own;
}

export function temporaryKey({ database, schema, name }: Stored): string {
  return JSON.stringify([database, schema, name]);
}
