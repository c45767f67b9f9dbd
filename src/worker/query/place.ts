/**
 * In which database and schema a statement runs, and what it takes to bring a session there. Pure.
 *
 * A place is a text: '' is where the login put the session (home), else the USE statement that leads there. Sessions are
 * not led back after a call; the next call leads its session where it needs it, or takes one that is there.
 */
import { AppError } from '../../shared/errors.ts';
import type { SessionState } from '../snowflake/driver.ts';
import { quoteIdentifier, resolveIdentifier } from '../snowflake/identifier.ts';

export const HOME = '';

/** What is known of home: undefined until a statement has run there. */
export type HomeState = SessionState | undefined;

/**
 * The place for a call's `database` and `schema`, which are read as in identifier.ts.
 * @param database the configured one, where a schema alone belongs to
 * @throws AppError ARGUMENT_INVALID for a schema without any database
 */
export function placeOf(
  call: { readonly database?: string; readonly schema?: string },
  database: string | undefined,
): string {
  if (call.schema !== undefined) {
    const written = call.database ?? database;
    if (written === undefined) {
      throw new AppError('ARGUMENT_INVALID', { faults: ['schema: name its database too; none is configured'] });
    }
    return `USE SCHEMA ${quoted(written)}.${quoted(call.schema)}`;
  }
  return call.database === undefined ? HOME : `USE DATABASE ${quoted(call.database)}`;
}

/** Where the names of a call's statement belong to, as exact names; the configured places stand in for what it leaves out. */
export function nameHome(
  call: { readonly database?: string; readonly schema?: string },
  configured: { readonly database?: string | undefined; readonly schema?: string | undefined },
): { database: string | undefined; schema: string | undefined } {
  const [database, schema] = [call.database ?? configured.database, call.schema ?? schemaAt(call.database, configured)];
  return {
    database: database === undefined ? undefined : resolveIdentifier(database),
    schema: schema === undefined ? undefined : resolveIdentifier(schema),
  };
}

/** USE DATABASE leads to its schema PUBLIC. */
function schemaAt(database: string | undefined, configured: { readonly schema?: string | undefined }) {
  return database === undefined ? configured.schema : 'PUBLIC';
}

function quoted(written: string): string {
  return quoteIdentifier(resolveIdentifier(written));
}

/** True when a session that was led away cannot be brought home, since Snowflake cannot unset a database. */
export function needsNewSession(place: string, home: HomeState): boolean {
  return place === HOME && home?.database === undefined;
}

/** The statement that leads from `current` to `wanted`; undefined when the session is there. */
export function wayTo(wanted: string, current: string, home: HomeState): string | undefined {
  if (wanted === current) return undefined;
  if (wanted !== HOME) return wanted;
  if (home?.database === undefined) return undefined;
  if (home.schema === undefined) return `USE DATABASE ${quoteIdentifier(home.database)}`;
  return `USE SCHEMA ${quoteIdentifier(home.database)}.${quoteIdentifier(home.schema)}`;
}
