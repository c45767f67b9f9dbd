/**
 * What is kept of a call whose client may come back for its answer, and what is right when it does.
 *
 * The record is written when the client gets its first event id, so that any worker can carry the call on, and once more
 * with the answer. Event ids are `STREAM.NUMBER`; each worker that takes a call over numbers on from a higher thousand
 * thousands, so that numbers of one stream never repeat. Progress is not kept: what a client missed of it is of no use.
 */
import { randomBytes } from 'node:crypto';

export interface StreamRecord {
  readonly session: string;
  /** Who answers: `DAEMON.INCARNATION`. Its writes hold only as long as nobody else has taken the call over. */
  readonly owner: string;
  /** The client's message; null when it was too large to keep. */
  readonly message: unknown;
  /** Its JSON-RPC id. */
  readonly rpcId: string | number;
  readonly requestId: string;
  /** Doing it twice does no harm. */
  readonly isRepeatable: boolean;
  /** Once Snowflake has named the statement of the call. */
  readonly queryId?: string;
  /** Its client is being asked whether it may run: nothing of it has run yet. */
  readonly isAsking?: boolean;
  /** Workers that have begun it. */
  readonly tries: number;
  readonly end?: StreamEnd;
  readonly writtenAtMs: number;
}

export interface StreamEnd {
  /** Number of the answer's event. */
  readonly no: number;
  /** The answer as JSON text; null when there is none (cancelled), or it was too large to keep. */
  readonly answer: string | null;
  readonly isCancelled: boolean;
}

const EVENT_ID = /^([0-9a-f]{32})\.(\d{1,9})$/;
const NUMBERS_PER_TRY = 1_000_000;

/** Longest request that is kept to be run again. */
export const REQUEST_MAX_BYTES = 256 * 1024;

export const newStreamId = (): string => randomBytes(16).toString('hex');

/** Of one session in one run. */
export const streamKey = (session: string, stream: string): string => `${session}.${stream}`;

export const eventId = (stream: string, no: number): string => `${stream}.${no}`;

export const firstNumber = (tries: number): number => (tries - 1) * NUMBERS_PER_TRY;

/** Undefined for what is no event id of ours. */
export function parseEventId(text: string): { readonly stream: string; readonly no: number } | undefined {
  const match = EVENT_ID.exec(text);
  return match?.[1] === undefined ? undefined : { stream: match[1], no: Number(match[2]) };
}

export type Resumption =
  /** The client has everything. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'replay'; readonly no: number; readonly answer: string }
  /** It has ended and its answer is not there. */
  | { readonly kind: 'gone' }
  /** Its worker is gone: its statement is waited for, it is run once more, or its client is asked again. */
  | { readonly kind: 'carry-on'; readonly queryId: string | undefined }
  /** Its worker is gone and it must not run again. */
  | { readonly kind: 'interrupted'; readonly queryId: string | undefined };

/** Workers that may begin a call, and that may wait for a statement that runs on. */
const TRIES_MAX = 2;
const WAITS_MAX = 100;

/** What a client gets that has seen the event `no`; for a call that runs, its worker is known to be gone. */
export function decideResumption(record: StreamRecord, no: number): Resumption {
  const { end, queryId } = record;
  if (end !== undefined) {
    if (no >= end.no || end.isCancelled) return { kind: 'complete' };
    return end.answer === null ? { kind: 'gone' } : { kind: 'replay', no: end.no, answer: end.answer };
  }
  const isAsking = record.isAsking === true;
  const max = queryId === undefined && !isAsking ? TRIES_MAX : WAITS_MAX;
  const mayRun = (record.isRepeatable || isAsking) && record.message !== null && record.tries < max;
  return { kind: mayRun ? 'carry-on' : 'interrupted', queryId };
}
