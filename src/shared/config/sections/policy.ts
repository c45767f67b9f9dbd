/** The section `policy`: which statements and functions clients may run. */
import { z } from 'zod';
import { flag, list } from '../fields.ts';

export const policy = z.strictObject({
  allowed_sql_commands: list({
    standard: ['select', 'show', 'describe', 'explain'],
    maxItems: 50,
    env: ['ALLOWED_SQL_COMMANDS'],
    applies: 'rolling',
    says: 'Statement kinds execute_query may run. Everything else is refused before it reaches Snowflake.',
  }),
  allowed_functions: list({
    standard: [],
    maxItems: 1000,
    applies: 'rolling',
    says: "Functions of your own (or DATABASE.SCHEMA.NAME) that statements may call beside Snowflake's pure built-in ones.",
  }),
  ai_functions: flag({
    standard: false,
    applies: 'rolling',
    says: 'Allows AI_* and SNOWFLAKE.CORTEX functions, which cost credits.',
  }),
});
