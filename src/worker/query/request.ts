/** What a caller asks of the query service, and what it gets. */
import type { Bind, Column } from '../snowflake/driver.ts';
import type { CallerFacts } from './audit.ts';
import type { Cell } from './cells.ts';
import type { CutCells, Truncation } from './collect.ts';
import type { Job } from './run.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly binds?: readonly Bind[];
  /** As a caller writes it: see snowflake/identifier.ts. Without it the configured one. */
  readonly database?: string;
  readonly schema?: string;
  /** Cut to limits.max_rows. */
  readonly maxRows: number;
  /** Cut to limits.query_timeout, which also holds when it is left out. */
  readonly timeoutMs?: number;
  readonly caller: CallerFacts;
  /** Told what is known while the caller waits; called for every row. */
  readonly report?: Job['report'];
  readonly attachTo?: Job['attachTo'];
  readonly onStatement?: Job['onStatement'];
}

/** The request cut to what its caller may ask for. */
export function withinCallerLimits(request: QueryRequest): QueryRequest {
  const { maxRows, queryTimeoutMs } = request.caller.limits ?? {};
  const timeoutMs = Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, queryTimeoutMs ?? Number.POSITIVE_INFINITY);
  return {
    ...request,
    maxRows: Math.min(request.maxRows, maxRows ?? request.maxRows),
    ...(Number.isFinite(timeoutMs) ? { timeoutMs } : {}),
  };
}

export interface QueryResult {
  readonly queryId: string;
  readonly columns: readonly Column[];
  /** One JSON form per type: cells.ts. */
  readonly rows: readonly (readonly Cell[])[];
  /** Present when rows were left out. */
  readonly truncated?: Truncation;
  /** Present when cells were too long (limits.max_cell_bytes) and only their beginnings are here. */
  readonly cutCells?: CutCells;
  readonly durationMs: number;
  /** Where the statement ran. */
  readonly database?: string;
  readonly schema?: string;
  /** select, show, describe, explain, list, use or catalog. */
  readonly kind: string;
}
