/**
 * Temporary tables: each session keeps its own in schemas of its own beside the real ones, finds them before a table of
 * the same name, and loses them with its end.
 */
import type { EmbeddedSession } from '../statement.ts';
import { namedObject, type ObjectName } from './names.ts';
import { quoteName } from './nodes.ts';
import { stateOf, temporaryKey } from './state.ts';

/** The schema that holds a session's temporary tables of `schema`; catalog/read.ts shows it by that name. */
export function temporarySchema(schema: string, session: EmbeddedSession): string {
  return `${session.connection.temporaryPrefix}${schema}`;
}

/** Where a temporary table of that name is to be made; the schema for it exists afterwards. */
export async function placeTemporary(parts: readonly string[], session: EmbeddedSession): Promise<ObjectName> {
  const named = namedObject(parts, session);
  const schema = temporarySchema(named.schema, session);
  await session.connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(named.database)}.${quoteName(schema)}`);
  return { ...named, schema };
}

export function rememberTemporary(parts: readonly string[], stored: ObjectName, session: EmbeddedSession): void {
  stateOf(session).temporary.set(temporaryKey(namedObject(parts, session)), stored);
}

export function forgetTemporary(stored: ObjectName, session: EmbeddedSession): void {
  const { temporary } = stateOf(session);
  for (const [key, known] of temporary) {
    const isSame = known.database === stored.database && known.schema === stored.schema && known.name === stored.name;
    if (isSame) temporary.delete(key);
  }
}

/** Ends what a session leaves behind: an open transaction and its temporary tables. */
export async function endSession(session: EmbeddedSession): Promise<void> {
  const { connection } = session;
  const state = stateOf(session);
  const places = new Set(
    [...state.temporary.values()].map((each) => `${quoteName(each.database)}.${quoteName(each.schema)}`),
  );
  state.temporary.clear();
  const statements = [
    ...(state.inTransaction ? ['ROLLBACK'] : []),
    ...(places.size > 0 ? [`SET search_path = 'memory.main'`] : []),
    ...[...places].map((place) => `DROP SCHEMA IF EXISTS ${place} CASCADE`),
  ];
  for (const statement of statements) await connection.run(statement).catch(() => undefined);
}
