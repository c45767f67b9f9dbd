/**
 * Runs one Snowflake statement on the embedded engine.
 *
 * The first word decides, by the list below and nothing else: what is not in it is refused and never reaches DuckDB.
 */

import { SqlTextError, tokenize } from '../../shared/sql/lexer.ts';
import { firstVerb, splitTokens } from '../../shared/sql/statements.ts';
import type { Token } from '../../shared/sql/token.ts';
import { describe } from '../catalog/describe.ts';
import { fillDdl } from '../catalog/get-ddl.ts';
import { prepareEngine } from '../catalog/prepare.ts';
import { show } from '../catalog/show.ts';
import { DEMO_STATEMENTS } from '../demo-data.ts';
import type { Engine, EngineConnection } from '../engine.ts';
import { fromDuckDb, SnowflakeError } from '../errors.ts';
import { createSampleData } from '../sample-data.ts';
import type { Bind, EmbeddedSession, StatementResult } from '../statement.ts';
import { expandArrayBinds, hasArrayBinds } from './array-binds.ts';
import { OWNER } from './context.ts';
import { notEmbedded, runDdl } from './ddl.ts';
import { foldTokens, isOp, isWord, type SqlNode } from './nodes.ts';
import { changeRows, explain, select } from './queries.ts';
import { fillIn, type RewriteScope } from './rewrite.ts';
import { alterSession, endTransaction, setVariables, transaction, unsetVariables, use } from './session-statements.ts';
import { applySearchPath, keepResult, noteFailure, stateOf } from './state.ts';
import { statusResult } from './table-result.ts';
import { isZonedStatement } from './tables-used.ts';

/**
 * Macros, sample data and the demo database; once per engine, before its configuration is locked. The two databases
 * are made side by side, each on its own connection.
 */
export async function prepareCatalog(engine: Engine): Promise<void> {
  const [first, second] = await Promise.all([engine.connect(), engine.connect()]);
  try {
    await prepareEngine(first);
    await Promise.all([createSampleData(first), createDemoData(second)]);
  } finally {
    first.close();
    second.close();
  }
}

async function createDemoData(connection: EngineConnection): Promise<void> {
  const session: EmbeddedSession = {
    id: '0',
    user: OWNER,
    connection,
    database: undefined,
    schema: undefined,
    warehouse: undefined,
    role: OWNER,
    parameters: new Map(),
    variables: new Map(),
    queryIds: [],
  };
  for (const statement of DEMO_STATEMENTS) await executeStatement(statement, session, [], { describeOnly: false });
}

export interface ExecuteOptions {
  /** Only the columns are wanted; nothing is changed. */
  readonly describeOnly: boolean;
  /** By which RESULT_SCAN finds the result again; without one it is not kept. */
  readonly queryId?: string;
}

/** @throws SnowflakeError, always with Snowflake's code and SQLSTATE */
export async function executeStatement(
  sql: string,
  session: EmbeddedSession,
  binds: readonly Bind[],
  options: ExecuteOptions,
): Promise<StatementResult> {
  try {
    const pieces = splitTokens(sql, tokenize(sql), '->>');
    const piped: StatementResult[] = [];
    let result = await runPiece(pieces[0]?.tokens ?? [], { session, binds, source: sql }, options);
    for (const { tokens } of pieces.slice(1)) {
      piped.push(result);
      result = await runPiece(tokens, { session, binds, source: sql, piped }, options);
    }
    if (!options.describeOnly && options.queryId !== undefined) keepResult(session, options.queryId, result);
    return result;
  } catch (error) {
    await noteFailure(session);
    if (error instanceof SqlTextError) {
      throw new SnowflakeError('001003', '42000', `SQL compilation error:\nparse error: ${error.reason}.`, {
        cause: error,
      });
    }
    throw fromDuckDb(error, sql);
  }
}

/** One statement of a chain of `->>`, which is mostly one alone. */
async function runPiece(
  tokens: readonly Token[],
  given: RewriteScope,
  options: ExecuteOptions,
): Promise<StatementResult> {
  const { session } = given;
  const folded = foldTokens(tokens);
  while (isOp(folded.at(-1), ';')) folded.pop();
  const verb = firstVerb(tokens);
  const scope: RewriteScope = { ...given, isZoned: await isZonedStatement(folded, session) };
  if (scope.isZoned && (verb === 'CREATE' || verb === 'ALTER')) session.connection.shared.hasOffsets = true;
  if (!hasArrayBinds(scope.binds)) return dispatch(verb, folded, scope, options);
  const results: StatementResult[] = [];
  for (const portion of expandArrayBinds(folded, scope.binds)) {
    results.push(await dispatch(verb, portion.items, { ...scope, binds: portion.binds }, options));
  }
  const inserted = results.reduce((sum, { rows }) => sum + Number(rows[0]?.[0] ?? 0), 0);
  const [first] = results;
  return first === undefined ? statusResult('DDL', '') : { ...first, rows: [[String(inserted)]] };
}

async function dispatch(
  verb: string,
  folded: SqlNode[],
  scope: RewriteScope,
  options: ExecuteOptions,
): Promise<StatementResult> {
  const { session } = scope;
  const { describeOnly } = options;
  const items = fillIn(folded, scope, { count: 0 });
  switch (verb) {
    case 'SELECT':
    case 'WITH':
    case 'VALUES':
      await applySearchPath(session);
      return select(await fillDdl(items, session), session, scope, describeOnly);
    case 'INSERT':
    case 'UPDATE':
    case 'DELETE':
    case 'MERGE':
      if (describeOnly) return { ...statusResult('DDL', ''), rows: [] };
      if (isWord(folded[1], 'ALL', 'FIRST')) throw notEmbedded('INSERT ALL');
      await applySearchPath(session);
      return changeRows(items, session, scope, verb);
    case 'SHOW':
      return show(items, session);
    case 'DESCRIBE':
    case 'DESC':
      return describe(items, session);
    case 'EXPLAIN':
      await applySearchPath(session);
      return explain(items, session, scope);
    default:
      return command(verb, items, scope, describeOnly);
  }
}

/** Statements whose answer is a line of text. */
async function command(
  verb: string,
  items: readonly SqlNode[],
  scope: RewriteScope,
  describeOnly: boolean,
): Promise<StatementResult> {
  const { session } = scope;
  const isKnown = [
    'USE',
    'SET',
    'UNSET',
    'BEGIN',
    'START',
    'COMMIT',
    'ROLLBACK',
    'CREATE',
    'DROP',
    'ALTER',
    'TRUNCATE',
  ].includes(verb);
  if (!isKnown) throw notEmbedded(verb === '' ? 'an empty statement' : verb);
  if (describeOnly) return { ...statusResult('DDL', ''), rows: [] };
  switch (verb) {
    case 'USE':
      return use(items, session);
    case 'SET':
      await applySearchPath(session);
      return setVariables(items, session, scope);
    case 'UNSET':
      return unsetVariables(items, session);
    case 'BEGIN':
    case 'START':
    case 'COMMIT':
    case 'ROLLBACK':
      return transaction(items, session);
    default:
      if (verb === 'ALTER' && isWord(items[1], 'SESSION')) return alterSession(items, session);
      await endTransaction(session, 'COMMIT');
      await applySearchPath(session);
      try {
        return await runDdl(items, session, scope);
      } finally {
        stateOf(session).searchPath = '';
      }
  }
}
