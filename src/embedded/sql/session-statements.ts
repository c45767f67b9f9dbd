/**
 * Statements that change the session and no data: USE, SET, UNSET, ALTER SESSION, BEGIN, COMMIT, ROLLBACK.
 */
import { databaseExists, schemaExists } from '../catalog/read.ts';
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession, StatementResult } from '../statement.ts';
import { ROLES, WAREHOUSES } from './context.ts';
import { isGroup, isOp, isWord, render, type SqlNode, splitCommas, stringOf } from './nodes.ts';
import { Reader } from './reader.ts';
import { type RewriteScope, rewrite } from './rewrite.ts';
import { stateOf } from './state.ts';
import { statusResult } from './table-result.ts';

const DONE = 'Statement executed successfully.';

function cannotUse(): SnowflakeError {
  return new SnowflakeError(
    '002043',
    '02000',
    'SQL compilation error:\nObject does not exist, or operation cannot be performed.',
  );
}

export async function use(items: readonly SqlNode[], session: EmbeddedSession): Promise<StatementResult> {
  const reader = new Reader(items, 1);
  if (reader.take('SECONDARY', 'ROLES')) return statusResult('USE', DONE);
  if (reader.takeAny('WAREHOUSE')) {
    const name = reader.name();
    if (!WAREHOUSES.includes(name)) throw cannotUse();
    session.warehouse = name;
  } else if (reader.takeAny('ROLE')) {
    const name = reader.name();
    if (!ROLES.includes(name)) throw cannotUse();
    session.role = name;
  } else {
    const isSchema = reader.takeAny('SCHEMA');
    if (!isSchema) reader.takeAny('DATABASE');
    await usePlace(reader.dotted(), isSchema, session);
  }
  reader.end();
  return statusResult('USE', DONE);
}

async function usePlace(parts: readonly string[], isSchema: boolean, session: EmbeddedSession): Promise<void> {
  const [first = '', second] = parts;
  const database = second === undefined && isSchema ? session.database : first;
  const schema = second ?? (isSchema ? first : undefined);
  if (parts.length > 2 || database === undefined) throw cannotUse();
  if (!(await databaseExists(session.connection, database))) throw cannotUse();
  if (schema !== undefined && !(await schemaExists(session.connection, database, schema))) throw cannotUse();
  const hasPublic = schema === undefined && (await schemaExists(session.connection, database, 'PUBLIC'));
  session.database = database;
  session.schema = schema ?? (hasPublic ? 'PUBLIC' : undefined);
}

/** SET name = value; SET (a, b) = (1, 2). A value may be any expression. */
export async function setVariables(
  items: readonly SqlNode[],
  session: EmbeddedSession,
  scope: RewriteScope,
): Promise<StatementResult> {
  const reader = new Reader(items, 1);
  const group = reader.takeGroup();
  const names =
    group === undefined
      ? [reader.name()]
      : splitCommas(group).map(([name]) => render(name === undefined ? [] : [name]));
  if (!reader.takeOp('=')) reader.fail();
  const rest = reader.rest();
  const values = group !== undefined && isGroup(rest[0]) ? splitCommas(rest[0].items) : [rest];
  if (values.length !== names.length) reader.fail();
  const sql = values.map((value) => `SF_TO_TEXT(${rewrite(value, scope)})`).join(', ');
  const { rows } = await session.connection.run(`SELECT ${sql}`);
  for (const [at, name] of names.entries()) {
    const value = rows[0]?.[at];
    if (typeof value === 'string') session.variables.set(name, value);
  }
  return statusResult('SET', DONE);
}

export function unsetVariables(items: readonly SqlNode[], session: EmbeddedSession): StatementResult {
  const reader = new Reader(items, 1);
  const group = reader.takeGroup();
  const names =
    group === undefined
      ? [reader.name()]
      : splitCommas(group).map(([name]) => render(name === undefined ? [] : [name]));
  for (const name of names) session.variables.delete(name);
  return statusResult('SET', DONE);
}

/** ALTER SESSION SET a = 1 [,] b = 'x'; ALTER SESSION UNSET a */
export function alterSession(items: readonly SqlNode[], session: EmbeddedSession): StatementResult {
  const reader = new Reader(items, 2);
  const isUnset = reader.takeAny('UNSET');
  if (!isUnset) reader.expect('SET');
  while (!reader.isDone) {
    if (reader.takeOp(',')) continue;
    const name = reader.name();
    if (isUnset) {
      session.parameters.delete(name);
      continue;
    }
    if (!isOp(reader.peek(), '=')) reader.fail();
    reader.at++;
    const value = reader.peek();
    if (value === undefined) return reader.fail();
    session.parameters.set(name, stringOf(value) ?? render([value]).toLowerCase());
    reader.at++;
  }
  return statusResult('ALTER_SESSION', DONE);
}

/** BEGIN in a transaction, and COMMIT or ROLLBACK outside one, do nothing, as in Snowflake. */
export async function transaction(items: readonly SqlNode[], session: EmbeddedSession): Promise<StatementResult> {
  const reader = new Reader(items, 0);
  const state = stateOf(session);
  const isBegin = reader.take('START', 'TRANSACTION') || reader.takeAny('BEGIN');
  if (isBegin) {
    reader.takeAny('WORK', 'TRANSACTION');
    if (reader.takeAny('NAME')) reader.name();
    if (!reader.isDone)
      throw new SnowflakeError(
        '000002',
        '0A000',
        'Unsupported feature: scripting blocks are not in the embedded engine.',
      );
    if (!state.inTransaction) {
      await session.connection.run('BEGIN');
      state.changes = [];
    }
    state.inTransaction = true;
    return statusResult('TRANSACTION', DONE);
  }
  const isCommit = isWord(items[0], 'COMMIT');
  reader.at = 1;
  reader.takeAny('WORK');
  reader.end();
  await endTransaction(session, isCommit ? 'COMMIT' : 'ROLLBACK');
  return statusResult('TRANSACTION', DONE);
}

export async function endTransaction(session: EmbeddedSession, how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  const state = stateOf(session);
  if (!state.inTransaction) return;
  const { isAborted } = state;
  state.inTransaction = false;
  state.isAborted = false;
  await session.connection.run(isAborted ? 'ROLLBACK' : how);
  if (isAborted && how === 'COMMIT') {
    throw new SnowflakeError(
      '000625',
      '57014',
      'The transaction was rolled back: an earlier statement in it failed, and the embedded engine could not repeat what went before.',
    );
  }
}
