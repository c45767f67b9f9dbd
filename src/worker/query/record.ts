/**
 * What a statement leaves behind: metrics, one `query` log line, and its lines in the audit log.
 */
import type { AppError, ErrorCode } from '../../shared/errors.ts';
import type { Facts, Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import { type CallerFacts, callerFacts, decisionLine, type EndFacts, endFacts, endLine } from './audit.ts';
import type { CutCells, Truncation } from './collect.ts';
import type { Decision, WriteDecision } from './policy.ts';
import type { StopCause } from './stop.ts';

export interface RecordParts {
  readonly recorder: Recorder;
  readonly log: Log;
  readonly audit: (line: Facts) => void;
}

export function recordDecision(
  parts: RecordParts,
  caller: CallerFacts,
  sql: string,
  decision: Decision | WriteDecision,
): void {
  parts.audit(decisionLine(caller, sql, decision));
  if (decision.verdict === 'refuse') parts.recorder.count('mcp_queries_refused_total', { reason: decision.reason });
}

/** A statement that Snowflake has taken and nobody waits for. */
export function recordSubmitted(parts: RecordParts, caller: CallerFacts, queryId: string, kind: string): void {
  const facts = { ...callerFacts(caller), query_id: queryId, kind };
  parts.recorder.count('mcp_queries_total', { query_type: kind, status: 'submitted' });
  parts.audit({ event: 'statement.submitted', ...facts });
  parts.log.info('query.submitted', kind, facts);
}

/** A page of a submitted statement's result that a client got. */
export function recordRead(
  parts: RecordParts,
  caller: CallerFacts,
  { queryId, rows, bytes }: { readonly queryId: string; readonly rows: number; readonly bytes: number },
): void {
  parts.recorder.observe('mcp_query_rows_returned', rows);
  parts.recorder.observe('mcp_query_bytes_returned', bytes);
  parts.audit({ event: 'statement.read', ...callerFacts(caller), query_id: queryId, rows, bytes });
}

export interface Ended extends Omit<EndFacts, 'errorCode'> {
  readonly kind: string;
  readonly truncated: Truncation | undefined;
  readonly cutCells: CutCells | undefined;
  readonly stopCause: StopCause | undefined;
  readonly error: AppError | undefined;
}

export function recordEnd(parts: RecordParts, caller: CallerFacts, ended: Ended): void {
  const { recorder, log, audit } = parts;
  const { kind, error, truncated, cutCells, stopCause, rows, bytes, durationMs } = ended;
  recorder.count('mcp_queries_total', { query_type: kind, status: statusOf(error?.code) });
  recorder.observe('query_duration_seconds', durationMs / 1000, { query_type: kind });
  if (stopCause !== undefined) recorder.count('mcp_queries_cancelled_total', { reason: stopCause });
  if (truncated !== undefined) recorder.count('mcp_results_truncated_total', { limit: truncated.limit });
  if (cutCells !== undefined) recorder.count('mcp_results_truncated_total', { limit: 'cell_bytes' });
  if (error === undefined) {
    recorder.observe('mcp_query_rows_returned', rows);
    recorder.observe('mcp_query_bytes_returned', bytes);
  }
  const end = { ...ended, errorCode: error?.code };
  audit(endLine(caller, end));
  log.info('query', error === undefined ? kind : error.code, { ...callerFacts(caller), ...endFacts(end) });
}

function statusOf(code: ErrorCode | undefined): string {
  switch (code) {
    case undefined:
      return 'ok';
    case 'QUERY_CANCELLED':
    case 'QUERY_KILLED':
      return 'cancelled';
    case 'QUERY_TIMEOUT':
      return 'timeout';
    case 'SQL_ERROR':
    case 'OBJECT_NOT_FOUND':
      return 'error';
    default:
      return 'unavailable';
  }
}
