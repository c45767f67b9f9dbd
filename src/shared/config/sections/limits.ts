/** The section `limits`: how much one call may ask for, in rows, bytes, time and number. */
import { z } from 'zod';
import { duration, size, whole } from '../fields.ts';

export const limits = z.strictObject({
  default_rows: whole({
    min: 1,
    max: 1_000_000,
    standard: 100,
    env: ['DEFAULT_QUERY_LIMIT'],
    applies: 'rolling',
    says: 'Rows of execute_query when the caller names no limit.',
  }),
  max_rows: whole({
    min: 1,
    max: 1_000_000,
    standard: 10_000,
    env: ['MAX_QUERY_RESULT_ROWS', 'MAX_QUERY_LIMIT'],
    applies: 'rolling',
    says: 'Most rows one call may ask for; larger limits are cut to it.',
  }),
  max_result_bytes: size({
    min: '1K',
    max: '256M',
    standard: '8M',
    applies: 'rolling',
    says: 'A result is cut, and says so, when its cells reach this size.',
  }),
  query_timeout: duration({
    min: '1s',
    max: '1d',
    standard: '300s',
    env: ['QUERY_TIMEOUT_SECONDS'],
    applies: 'rolling',
    says: 'A statement is cancelled in Snowflake after this time.',
  }),
  max_sql_length: size({
    min: '1K',
    max: '1M',
    standard: '64K',
    applies: 'rolling',
    says: 'Longer statements are refused before they are parsed.',
  }),
  max_concurrent_requests: whole({
    min: 1,
    max: 100_000,
    standard: 200,
    env: ['MAX_CONCURRENT_REQUESTS'],
    applies: 'rolling',
    says: 'MCP requests one worker runs at once; more are answered 429.',
  }),
});
