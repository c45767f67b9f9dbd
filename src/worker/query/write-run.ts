/**
 * A statement that changes something: sent once, and honest about an end that nobody has seen.
 *
 * When the connection or the wait ends after the statement was sent, it may have been done or not. The error says so and
 * names the query tag under which Snowflake's history tells.
 */
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { Job } from './run.ts';

/** Ends that say nothing about what Snowflake did, once the statement was sent. */
const UNSEEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CONNECTION_LOST',
  'SNOWFLAKE_UNREACHABLE',
  'QUERY_TIMEOUT',
  'QUERY_CANCELLED',
  'QUERY_KILLED',
  'POOL_CLOSED',
  'RESULT_UNREADABLE',
  'INTERNAL',
]);

/** Writes that begin a transaction where AUTOCOMMIT is off; definitions commit by themselves. */
const CHANGES_ROWS = new Set(['insert', 'update', 'delete', 'merge', 'truncate']);

/** Writes that leave their session as it is; the others may move it to another database or schema. */
const KEEPS_SESSION = new Set(['insert', 'update', 'delete', 'merge', 'truncate', 'comment', 'grant', 'revoke']);

/**
 * @param send sends the statement with these fields of its job
 * @throws AppError WRITE_OUTCOME_UNKNOWN, and whatever Snowflake said
 */
export async function runWrite<T>(
  request: { readonly caller: { readonly requestId: string }; readonly report?: Job['report'] },
  kind: string,
  send: (job: Pick<Job, 'isWrite' | 'isOneStep' | 'changesSession' | 'commits' | 'report'>) => Promise<T>,
): Promise<T> {
  let isSent = false;
  try {
    return await send({
      isWrite: true,
      // A limit on rows would be one more setting of the session that the statement runs under.
      isOneStep: false,
      changesSession: !KEEPS_SESSION.has(kind),
      commits: CHANGES_ROWS.has(kind),
      report: (state, rows) => {
        isSent ||= state === 'running';
        request.report?.(state, rows);
      },
    });
  } catch (error) {
    if (!isSent || !(error instanceof AppError) || !UNSEEN.has(error.code)) throw error;
    const tag = request.caller.requestId;
    throw new AppError('WRITE_OUTCOME_UNKNOWN', { reason: error.code, tag }, { cause: error });
  }
}
