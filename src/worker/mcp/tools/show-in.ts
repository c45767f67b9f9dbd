/** SHOW in a database, or in one schema of it: the step that the list tools share. */
import type { QueryResult } from '../../query/service.ts';
import type { ToolContext } from '../tool.ts';
import { withName } from './names.ts';

/**
 * @param show such as `TABLES LIKE '%X%'`
 * @returns the rows and the exact name of the database
 * @throws AppError as `withName`
 */
export function showIn(
  show: string,
  place: { readonly database: string; readonly schema?: string | undefined },
  maxRows: number,
  { query, signal, caller }: ToolContext,
): Promise<{ readonly result: QueryResult; readonly database: string }> {
  const { database, schema } = place;
  const kind = schema === undefined ? 'DATABASE' : 'SCHEMA';
  return withName(schema === undefined ? [database] : [database, schema], async (quoted, [exact = database]) => ({
    result: await query.catalog({ sql: `SHOW ${show} IN ${kind} ${quoted}`, maxRows, caller }, signal),
    database: exact,
  }));
}
