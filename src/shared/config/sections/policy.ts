/** The section `policy`: which statements and functions clients may run, and on which objects. */
import { z } from 'zod';
import { flag, list, permissions } from '../fields.ts';

export const policy = z.strictObject({
  allowed_sql_commands: list({
    standard: ['select', 'show', 'describe', 'explain'],
    maxItems: 50,
    env: ['ALLOWED_SQL_COMMANDS'],
    applies: 'rolling',
    says: 'Statement kinds execute_query may run: select, show, describe, explain, list, use. Everything else is refused before it reaches Snowflake.',
  }),
  sql_statement_permissions: permissions({
    maxItems: 100,
    applies: 'rolling',
    says: "The same in the form of Snowflake's open-source server, as `- Select: true`; when set it takes the place of allowed_sql_commands. What is false stays closed; it opens no writes.",
  }),
  write_sql_commands: list({
    standard: [],
    maxItems: 100,
    applies: 'rolling',
    says: 'Statement kinds the write tool may run, such as insert, update, merge or `create table`. Create, alter and drop alone mean tables, views, schemas and sequences. Empty: there is no write tool.',
  }),
  write_without_confirmation: flag({
    standard: false,
    applies: 'rolling',
    says: 'Lets the write tool run a statement although the client cannot ask a person to confirm it.',
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
    says: 'Allows the AI_ and SNOWFLAKE.CORTEX functions that only take values, which cost credits; name others in allowed_functions.',
  }),
  stage_reads: flag({
    standard: false,
    applies: 'rolling',
    says: 'Allows queries of staged files (FROM @stage); not together with allowed_objects or denied_objects.',
  }),
  allowed_objects: list({
    standard: [],
    maxItems: 1000,
    applies: 'rolling',
    says: 'Tables and views that may be read, as DATABASE.SCHEMA.NAME with *; a shorter pattern covers all below it. Empty: all that the role may read.',
  }),
  denied_objects: list({
    standard: [],
    maxItems: 1000,
    applies: 'rolling',
    says: 'Tables and views that may not be read, whatever allowed_objects says; upper and lower case count as the same.',
  }),
});
