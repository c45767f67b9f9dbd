/** What became of a submitted statement, from Snowflake's words for it. Pure. */

export type SubmittedState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'unknown';

const STATES: Readonly<Record<string, SubmittedState>> = {
  QUEUED: 'queued',
  QUEUED_REPARING_WAREHOUSE: 'queued',
  RESUMING_WAREHOUSE: 'queued',
  SUCCESS: 'succeeded',
  FAILED_WITH_ERROR: 'failed',
  FAILED_WITH_INCIDENT: 'failed',
  ABORTING: 'cancelled',
  ABORTED: 'cancelled',
  DISCONNECTED: 'cancelled',
};

/** A word this table does not know means that the statement has not ended. */
export function stateOf(word: string | undefined): SubmittedState {
  return word === undefined ? 'unknown' : (STATES[word] ?? 'running');
}

export const isOver = (state: SubmittedState): boolean => state !== 'queued' && state !== 'running';
