/**
 * Tables and views as resources: `snowflake://{database}/{schema}/{object}`, whatever protocol version carries them.
 *
 * A resource is JSON with the columns and, where the role may see it, the DDL. The list shows the configured database,
 * or all of them without one, a page at a time. Parts of an address are percent-encoded exact names.
 */
import { AppError } from '../../shared/errors.ts';
import { requireScope } from '../../shared/principal.ts';
import type { QueryResult } from '../query/service.ts';
import { quoteIdentifier } from '../snowflake/identifier.ts';
import { pageOf } from './paging.ts';
import type { Caller, ToolQueries } from './tool.ts';
import { columnsIn } from './tools/described.ts';
import { isHoldable, likeContains, textLiteral, withName } from './tools/names.ts';
import { cellReader } from './tools/table-result.ts';
import type { ToolSettings } from './tools/tool-settings.ts';

export interface ResourceContext {
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

interface ResourceEntry {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

interface ResourceList {
  readonly resources: readonly ResourceEntry[];
  readonly nextCursor?: string;
}

/** Values for one part of an address; at most `COMPLETIONS_MAX` of them. */
interface Completion {
  readonly values: readonly string[];
  readonly total: number;
  readonly hasMore: boolean;
}

export const RESOURCE_TEMPLATE = {
  uriTemplate: 'snowflake://{database}/{schema}/{object}',
  name: 'object',
  title: 'Table or view',
  description: 'Columns and DDL of a Snowflake table or view.',
  mimeType: 'application/json',
} as const;

const LIST_PAGE = 100;
const COMPLETIONS_MAX = 100;
const NO_VALUES: Completion = { values: [], total: 0, hasMore: false };

export interface Resources {
  /** @throws AppError ARGUMENT_INVALID for a cursor of something else */
  list(cursor: string | undefined, context: ResourceContext): Promise<ResourceList>;
  /** JSON text. @throws AppError ARGUMENT_INVALID for another address, OBJECT_NOT_FOUND */
  read(uri: string, context: ResourceContext): Promise<string>;
  /** Completes `database`, `schema` or `object`, each within the parts before it that `known` has. */
  complete(
    part: string,
    value: string,
    known: Readonly<Record<string, string>>,
    context: ResourceContext,
  ): Promise<Completion>;
}

export function createResources(query: Pick<ToolQueries, 'catalog'>, settings: ToolSettings): Resources {
  const ask = async (sql: string, { caller, signal }: ResourceContext): Promise<QueryResult> => {
    requireScope(caller, 'read');
    return query.catalog({ sql, maxRows: settings.maxRows, caller: { ...caller, tool: 'resources' } }, signal);
  };

  return {
    async list(cursor, context) {
      const { database } = settings;
      const result =
        database === undefined
          ? await ask('SHOW OBJECTS IN ACCOUNT', context)
          : await withName([database], (quoted) => ask(`SHOW OBJECTS IN DATABASE ${quoted}`, context));
      const page = pageOf(entriesOf(result), ({ uri }) => [uri], { list: 'resources', cursor, size: LIST_PAGE });
      if (page === undefined) throw new AppError('ARGUMENT_INVALID', { faults: ['cursor: is none of this list'] });
      const { items, nextCursor } = page;
      return { resources: items, ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
    async read(uri, context) {
      const names = partsOf(uri);
      if (names === undefined) {
        throw new AppError('ARGUMENT_INVALID', { faults: [`uri: is not like ${RESOURCE_TEMPLATE.uriTemplate}`] });
      }
      const { result, parts } = await described(names, (sql) => ask(sql, context));
      const [database = '', schema = '', object = ''] = parts;
      const ddl = await ddlOf(parts, (sql) => ask(sql, context));
      const columns = columnsIn(result).map(({ name, type, nullable, comment }) => ({ name, type, nullable, comment }));
      return JSON.stringify({ database, schema, object, columns, ddl }, null, 2);
    },
    async complete(part, value, known, context) {
      const { database, schema } = known;
      if (![value, database, schema].every((text) => isHoldable(text ?? ''))) return NO_VALUES;
      const like = value === '' ? '' : ` LIKE ${likeContains(value)}`;
      const found = async (): Promise<QueryResult | undefined> => {
        if (part === 'database') return ask(`SHOW DATABASES${like}`, context);
        if (part === 'schema' && database !== undefined) {
          return withName([database], (quoted) => ask(`SHOW SCHEMAS${like} IN DATABASE ${quoted}`, context));
        }
        if (part !== 'object' || database === undefined || schema === undefined) return undefined;
        return withName([database, schema], (quoted) => ask(`SHOW OBJECTS${like} IN SCHEMA ${quoted}`, context));
      };
      const result = await found();
      return result === undefined ? NO_VALUES : completionOf(result, value);
    },
  };
}

/** The address of a table or view with these exact names. */
export function uriOf(parts: readonly string[]): string {
  return `snowflake://${parts.map(encodeURIComponent).join('/')}`;
}

/** Plain names are not case-sensitive, and an address may have them as a person writes them. */
export function isSameResource(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

/** The exact names in an address; undefined when it is none of ours, or no name in Snowflake can be so. */
function partsOf(uri: string): string[] | undefined {
  const match = /^snowflake:\/\/([^/?#]{1,1000})\/([^/?#]{1,1000})\/([^/?#]{1,1000})$/.exec(uri);
  if (match === null) return undefined;
  try {
    const parts = match.slice(1).map(decodeURIComponent);
    return parts.every(isHoldable) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function entriesOf(result: QueryResult): ResourceEntry[] {
  const read = cellReader(result);
  return result.rows.flatMap((row) => {
    const parts = ['database_name', 'schema_name', 'name'].map((name) => read(row, name) ?? '');
    if (parts.includes('') || parts[1] === 'INFORMATION_SCHEMA') return [];
    const [kind, comment] = [read(row, 'kind') ?? 'TABLE', read(row, 'comment') ?? ''];
    const name = parts.join('.');
    const description = `${kind} of ${parts[0]}.${parts[1]}${comment === '' ? '' : `: ${comment}`}`;
    return [{ uri: uriOf(parts), name, title: parts[2] ?? '', description, mimeType: RESOURCE_TEMPLATE.mimeType }];
  });
}

/** Exact names first, since addresses of the list have them; else as a person writes names. */
async function described(names: readonly string[], ask: (sql: string) => Promise<QueryResult>) {
  const exact = names.map((name) => `"${name.replaceAll('"', '""')}"`);
  try {
    return await withName(exact, async (quoted, parts) => ({ result: await ask(`DESCRIBE TABLE ${quoted}`), parts }));
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== 'SQL_ERROR' && error.code !== 'OBJECT_NOT_FOUND')) throw error;
    return withName(names, async (quoted, parts) => ({ result: await ask(`DESCRIBE TABLE ${quoted}`), parts }));
  }
}

/** Null when it is neither a table nor a view, or the role may not see it. */
async function ddlOf(parts: readonly string[], ask: (sql: string) => Promise<QueryResult>): Promise<string | null> {
  const literal = textLiteral(parts.map(quoteIdentifier).join('.'));
  for (const kind of ['TABLE', 'VIEW']) {
    try {
      const cell = (await ask(`SELECT GET_DDL('${kind}', ${literal})`)).rows[0]?.[0] ?? null;
      if (cell !== null) return String(cell);
    } catch (error) {
      if (!(error instanceof AppError) || (error.code !== 'SQL_ERROR' && error.code !== 'OBJECT_NOT_FOUND'))
        throw error;
    }
  }
  return null;
}

function completionOf(result: QueryResult, value: string): Completion {
  const read = cellReader(result);
  const wanted = value.toUpperCase();
  const names = result.rows.map((row) => read(row, 'name') ?? '').filter((name) => name.toUpperCase().includes(wanted));
  // What begins with the text comes before what only contains it.
  const rank = (name: string) => (name.toUpperCase().startsWith(wanted) ? 0 : 1);
  const all = [...new Set(names)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return { values: all.slice(0, COMPLETIONS_MAX), total: all.length, hasMore: all.length > COMPLETIONS_MAX };
}
