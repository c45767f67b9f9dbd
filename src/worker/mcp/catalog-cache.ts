/**
 * Remembers what Snowflake said about its catalogue, for a time, per identity: agents ask for the same lists again and
 * again. Errors and cut results are not kept; the number of answers and the cells in them are bounded.
 */
import type { Clock } from '../../shared/clock.ts';
import { tokenize } from '../../shared/sql/lexer.ts';
import type { QueryRequest } from '../query/request.ts';
import type { QueryResult, QueryService } from '../query/service.ts';
import type { Changes } from './changes.ts';
import { definedResource, type NameDefaults } from './defined-resource.ts';
import type { ToolQueries } from './tool.ts';

export interface CatalogCacheOptions {
  readonly ttlMs: number;
  readonly maxEntries: number;
  /** What decides which objects Snowflake shows: account, user and role; a caller's own role is added. */
  readonly identity: string;
  readonly clock: Clock;
}

export interface CatalogCache {
  readonly catalog: ToolQueries['catalog'];
  /** After a statement that may have changed the catalogue. */
  clear(): void;
}

/** Cells of all answers together; about 50 MB of short texts. */
const MAX_CELLS = 500_000;

interface Entry {
  readonly result: QueryResult;
  readonly cells: number;
  readonly until: number;
}

export function createCatalogCache(ask: QueryService['catalog'], options: CatalogCacheOptions): CatalogCache {
  const { ttlMs, maxEntries, identity, clock } = options;
  const entries = new Map<string, Entry>();
  let cells = 0;
  let epoch = 0;

  const drop = (key: string): void => {
    cells -= entries.get(key)?.cells ?? 0;
    entries.delete(key);
  };

  const keep = (key: string, result: QueryResult): void => {
    const size = result.rows.length * result.columns.length;
    if (ttlMs === 0 || size > MAX_CELLS || result.truncated?.limit === 'bytes') return;
    drop(key);
    entries.set(key, { result, cells: size, until: clock.now() + ttlMs });
    cells += size;
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries && cells <= MAX_CELLS) break;
      drop(oldest);
    }
  };

  return {
    catalog: async (request, signal) => {
      const { sql, binds, database, schema, maxRows, caller } = request;
      const key = JSON.stringify([
        identity,
        sql,
        binds ?? [],
        database ?? null,
        schema ?? null,
        maxRows,
        caller.role,
        caller.identity,
      ]);
      const known = request.isFresh === true ? undefined : entries.get(key);
      if (known !== undefined && clock.now() < known.until) {
        entries.delete(key);
        entries.set(key, known);
        return known.result;
      }
      const before = epoch;
      const result = await ask(request, signal);
      if (before === epoch) keep(key, result);
      return result;
    },
    clear: () => {
      epoch++;
      cells = 0;
      entries.clear();
    },
  };
}

/** Verbs of writes after which lists of objects may be others. */
const DEFINES = new Set(['CREATE', 'ALTER', 'DROP', 'UNDROP', 'COMMENT', 'GRANT', 'REVOKE']);

/**
 * What tools ask, with answers about the catalogue from memory. Any write of this worker makes it forget them, one that
 * defines objects all workers.
 */
export function withCatalogCache(
  query: ToolQueries,
  options: CatalogCacheOptions & NameDefaults,
  changes: Changes,
): ToolQueries {
  const { catalog, clear } = createCatalogCache((request, signal) => query.catalog(request, signal), options);
  changes.subscribe(({ kind }) => {
    if (kind === 'resources') clear();
  });
  const written = ({ sql, database = options.database, schema = options.schema }: QueryRequest) => {
    clear();
    const tokens = tokenize(sql);
    if (!DEFINES.has(tokens[0]?.value ?? '')) return;
    changes.publish({ kind: 'resources' });
    const uri = definedResource(tokens, { database, schema });
    if (uri !== undefined) changes.publish({ kind: 'resource', uri });
  };
  return {
    catalog,
    run: (request, signal) => query.run(request, signal),
    submit: (request, signal) => query.submit(request, signal),
    submitted: query.submitted,
    checkWrite: (request) => query.checkWrite(request),
    write: (request, signal) => query.write(request, signal).finally(() => written(request)),
  };
}
