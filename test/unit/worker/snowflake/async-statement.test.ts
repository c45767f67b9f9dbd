import type * as Sdk from 'snowflake-sdk';
import { expect, test } from 'vitest';
import { asyncStatements } from '../../../../src/worker/snowflake/async-statement.ts';
import { SAFE_STATEMENT_PARAMETERS } from '../../../../src/worker/snowflake/sdk-disarm.ts';

test('submit: one statement at a time whatever the caller asks for, which goes on without its client', async () => {
  const sent: unknown[] = [];
  const connection = {
    execute: (options: Sdk.StatementOption) => {
      sent.push(options.parameters);
      options.complete?.(undefined, { getQueryId: () => 'q-1' } as Sdk.RowStatement, undefined);
    },
  } as unknown as Sdk.Connection;
  const { submit } = asyncStatements(connection, {
    check: () => undefined,
    readReply: () => {
      throw new Error('not read here');
    },
    parameters: SAFE_STATEMENT_PARAMETERS,
  });
  expect(await submit({ sql: 'SELECT 1', parameters: { MULTI_STATEMENT_COUNT: 0, QUERY_TAG: 't' } })).toBe('q-1');
  expect(sent).toEqual([{ MULTI_STATEMENT_COUNT: 1, QUERY_TAG: 't', ABORT_DETACHED_QUERY: false }]);
});

test('attach: a result that the driver will not fetch is told, and there is nothing to cancel', async () => {
  const connection = {
    fetchResult: () => {
      throw new Error('no');
    },
  } as unknown as Sdk.Connection;
  const readReply = () => {
    throw new Error('not read here');
  };
  const { attach } = asyncStatements(connection, { check: () => undefined, readReply, parameters: {} });
  const execution = attach('01b00000-0000-0000-0000-000000000001');
  await expect(execution.reply).rejects.toMatchObject({ fault: { message: 'no' } });
  await expect(execution.cancel()).rejects.toMatchObject({ fault: { stage: 'statement' } });
});
