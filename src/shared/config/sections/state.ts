/** The section `state`: sessions, how many there may be, how long they live and where they are kept. */
import { z } from 'zod';
import { duration, optionalPath, optionalText, size, text, whole } from '../fields.ts';

export const state = z.strictObject({
  dir: optionalPath({
    env: ['STATE_DIR'],
    applies: 'restart',
    says: 'Directory of the session store; one daemon may use it at a time, and it must not be on a network file system.',
  }),
  max_size: size({
    min: '1M',
    max: '16G',
    standard: '256M',
    applies: 'rolling',
    says: 'Data one store in state.dir may hold; beyond it new sessions live in the worker that made them and end with it.',
  }),
  url: optionalText({
    env: ['STATE_URL'],
    pattern: /^rediss?:\/\/(?:[^\s:@/]+@)?(?:[^\s:@/[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:\/\d{1,3})?$/,
    hint: 'redis://[user@]host[:port][/database] or rediss:// for TLS (the password has its own key)',
    applies: 'restart',
    says: 'Redis or Valkey that several daemons share in place of state.dir; needs server.internal_url and server.internal_secret.',
  }),
  password: optionalText({
    env: ['STATE_PASSWORD'],
    secret: true,
    applies: 'restart',
    says: 'Password of the server at state.url; a file (state.password_file) keeps it out of the configuration.',
  }),
  password_file: optionalPath({
    env: ['STATE_PASSWORD_FILE'],
    applies: 'restart',
    says: 'File with the password of the server at state.url, read when a worker starts.',
  }),
  key_prefix: text({
    standard: 'snowflake-mcp',
    env: ['STATE_KEY_PREFIX'],
    pattern: /^[\w.:-]{1,64}$/,
    hint: '1 to 64 letters, digits and . : _ -',
    applies: 'restart',
    says: 'Begin of all keys at state.url; daemons with another one share nothing.',
  }),
  lease: duration({
    min: '2s',
    max: '5m',
    standard: '15s',
    applies: 'restart',
    says: 'With state.url, sessions of a daemon that is not heard of for this long are taken over by others, and a daemon that does not reach the store for this long ends its calls.',
  }),
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
  max_sessions_per_principal: whole({
    min: 1,
    max: 1_000_000,
    standard: 1000,
    applies: 'rolling',
    says: 'Sessions one client identity may have; one more is answered 503 with Retry-After, whatever else is free.',
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
