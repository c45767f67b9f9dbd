/**
 * Object names: reading `a.b.c` out of nodes and completing it with the session's database and schema.
 *
 * What belongs to DuckDB or to the engine itself (memory, system, SF$...) does not exist for a client.
 */
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';
import { isOp, nameOf, quoteName, type SqlNode, unexpected } from './nodes.ts';
import { stateOf, temporaryKey } from './state.ts';

export interface ObjectName {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
}

export const SAMPLE_DATABASE = 'SNOWFLAKE_SAMPLE_DATA';

/** Reads a dotted name at `at`; `DB..T` stands for the schema PUBLIC. */
export function readDotted(items: readonly SqlNode[], at: number): { parts: string[]; next: number } | undefined {
  const first = nameOf(items[at]);
  if (first === undefined) return undefined;
  const parts = [first];
  let next = at + 1;
  while (isOp(items[next], '.')) {
    if (isOp(items[next + 1], '.')) {
      parts.push('PUBLIC');
      next += 1;
      continue;
    }
    const part = nameOf(items[next + 1]);
    if (part === undefined) break;
    parts.push(part);
    next += 2;
  }
  return { parts, next };
}

/** Reads a name that must be there. @throws SnowflakeError 001003 */
export function expectDotted(items: readonly SqlNode[], at: number): { parts: string[]; next: number } {
  const found = readDotted(items, at);
  if (found === undefined || found.parts.length > 3) throw unexpected(at < items.length ? 'name' : '<EOF>');
  return found;
}

/** Where a table or view of that name is stored: the session's temporary one comes first. @throws as `namedObject` */
export function completeObject(parts: readonly string[], session: EmbeddedSession): ObjectName {
  const named = namedObject(parts, session);
  return stateOf(session).temporary.get(temporaryKey(named)) ?? named;
}

/** Completes a table's or view's name. @throws SnowflakeError 090105 without a current database or schema */
export function namedObject(parts: readonly string[], session: EmbeddedSession): ObjectName {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2) ?? needed(session.schema, 'schema');
  const database = parts.at(-3) ?? needed(session.database, 'database');
  assertVisible([database, schema, name]);
  return { database, schema, name };
}

export function completeSchema(parts: readonly string[], session: EmbeddedSession): { database: string; name: string } {
  const name = parts.at(-1) ?? '';
  const database = parts.at(-2) ?? needed(session.database, 'database');
  assertVisible([database, name]);
  return { database, name };
}

function needed(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new SnowflakeError(
    '090105',
    '22000',
    `Cannot perform operation. This session does not have a current ${what}. Call 'USE ${what.toUpperCase()}', or use a qualified name.`,
  );
}

const INTERNAL_DATABASES = new Set(['MEMORY', 'SYSTEM', 'TEMP', 'MAIN', 'PG_CATALOG']);
const INTERNAL_OBJECT = /^(SF\$|DUCKDB_|SQLITE_|PRAGMA_|PG_)/i;

/** @throws SnowflakeError 002003 for a name of the engine's own. */
export function assertVisible(parts: readonly string[]): void {
  const first = parts[0] ?? '';
  const isInternal = (parts.length > 1 && INTERNAL_DATABASES.has(first.toUpperCase())) || parts.some(isInternalObject);
  if (isInternal) throw missing('Object', parts.join('.'));
}

function isInternalObject(name: string): boolean {
  return INTERNAL_OBJECT.test(name);
}

export function missing(what: string, name: string): SnowflakeError {
  const state = what === 'Database' || what === 'Schema' ? '02000' : '42S02';
  return new SnowflakeError(
    '002003',
    state,
    `SQL compilation error:\n${what} '${name}' does not exist or not authorized.`,
  );
}

/** @throws SnowflakeError 003001 for the sample database, which is read-only. */
export function assertWritable(database: string, what: string): void {
  if (database.toUpperCase() !== SAMPLE_DATABASE) return;
  throw new SnowflakeError(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${what} of the read-only database '${SAMPLE_DATABASE}'.`,
  );
}

export function quoteObject(object: ObjectName): string {
  return `${quoteName(object.database)}.${quoteName(object.schema)}.${quoteName(object.name)}`;
}
