/** The section `state`: sessions, how long they live and where they are kept. */
import { z } from 'zod';
import { duration, optionalPath, whole } from '../fields.ts';

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
});
