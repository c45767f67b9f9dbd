/** The section `pool`: the Snowflake connections of one worker. */
import { z } from 'zod';
import { duration, whole } from '../fields.ts';

export const pool = z.strictObject({
  min_size: whole({
    min: 0,
    max: 200,
    standard: 1,
    env: ['SNOWFLAKE_POOL_MIN_SIZE', 'CONNECTION_POOL_MIN_SIZE'],
    applies: 'rolling',
    says: 'Connections a worker keeps open once it has used them.',
  }),
  max_size: whole({
    min: 1,
    max: 200,
    standard: 8,
    env: ['SNOWFLAKE_POOL_MAX_SIZE', 'CONNECTION_POOL_MAX_SIZE'],
    applies: 'rolling',
    says: 'Most connections one worker opens for one role; the account sees at most this x roles in use x workers, and as many again for submitted statements that run.',
  }),
  max_identities: whole({
    min: 1,
    max: 1000,
    standard: 8,
    applies: 'rolling',
    says: 'Snowflake roles for which a worker keeps connections; the longest unused gives way, and POOL_FULL is told when all are busy.',
  }),
  acquire_timeout: duration({
    min: '100ms',
    max: '10m',
    standard: '30s',
    env: ['SNOWFLAKE_POOL_CONNECTION_TIMEOUT', 'CONNECTION_POOL_CONNECTION_TIMEOUT_SECONDS'],
    applies: 'rolling',
    says: 'A call that gets no connection by then fails with POOL_TIMEOUT.',
  }),
  max_waiting: whole({
    min: 0,
    max: 10_000,
    standard: 200,
    applies: 'rolling',
    says: 'Calls that may wait for a connection; one more fails with POOL_FULL.',
  }),
  max_inactive: duration({
    min: '1s',
    max: '1d',
    standard: '30m',
    env: ['SNOWFLAKE_POOL_MAX_INACTIVE_MINUTES', 'CONNECTION_POOL_MAX_INACTIVE_TIME_MINUTES'],
    applies: 'rolling',
    says: 'An idle connection above min_size is closed after this time.',
  }),
  health_check: duration({
    min: '1s',
    max: '1d',
    standard: '5m',
    env: ['SNOWFLAKE_POOL_HEALTH_CHECK_MINUTES', 'CONNECTION_POOL_HEALTH_CHECK_INTERVAL_MINUTES'],
    applies: 'rolling',
    says: 'An idle connection is checked this often by a heartbeat that wakes no warehouse.',
  }),
  max_age: duration({
    min: '1m',
    max: '7d',
    standard: '8h',
    env: ['SNOWFLAKE_CONN_REFRESH_HOURS'],
    applies: 'rolling',
    says: 'A connection is replaced after this time, plus or minus a tenth.',
  }),
});
