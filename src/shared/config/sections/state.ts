/** The section `state`: sessions, how long they live and where they are kept. */
import { z } from 'zod';
import { duration, optionalPath, size, whole } from '../fields.ts';

export const state = z.strictObject({
  dir: optionalPath({ env: ['STATE_DIR'], applies: 'restart', says: 'Directory of the session store.' }),
  session_timeout: duration({
    min: '10s',
    max: '7d',
    standard: '60m',
    env: ['SESSION_TIMEOUT_MINUTES'],
    applies: 'rolling',
    says: 'A session without a request for this long ends.',
  }),
  max_sessions: whole({
    min: 1,
    max: 1_000_000,
    standard: 10_000,
    env: ['MAX_CONCURRENT_SESSIONS'],
    applies: 'rolling',
    says: 'Sessions that may exist; one more is answered 503 with Retry-After.',
  }),
  resume_after: duration({
    min: '10ms',
    max: '1m',
    standard: '250ms',
    applies: 'rolling',
    says: 'A call that runs longer than this can be resumed: its client gets an event id, and its answer is kept.',
  }),
  event_ttl: duration({
    min: '10s',
    max: '24h',
    standard: '5m',
    applies: 'rolling',
    says: 'How long the answer of a resumable call is kept for a client that comes back.',
  }),
  event_bytes: size({
    min: '1K',
    max: '64M',
    standard: '1M',
    applies: 'rolling',
    says: 'Most bytes of answers kept for one session; what does not fit can be resumed only while its call runs.',
  }),
  event_total_bytes: size({
    min: '64K',
    max: '4G',
    standard: '32M',
    applies: 'rolling',
    says: 'Most bytes of answers one worker keeps for all sessions; the oldest go first.',
  }),
  resume_grace: duration({
    min: '0s',
    max: '10m',
    standard: '30s',
    applies: 'rolling',
    says: 'How long the statements of a worker that died run on in Snowflake for clients that resume, before they are cancelled.',
  }),
});
