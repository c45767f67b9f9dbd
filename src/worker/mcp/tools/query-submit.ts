/** query_submit: starts a read statement that nobody waits for. */
import { z } from 'zod';
import { handleOwner } from '../handles.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument } from './names.ts';

const input = z.strictObject({
  query: z.string().min(1).describe('One SQL statement that only reads.'),
  database: nameArgument('Database for names without one').optional(),
  schema: nameArgument('Schema for names without one').optional(),
});

const output = z.object({
  query_id: z.string(),
  state: z.literal('running'),
  kind: z.string(),
  submitted_at: z.string(),
});

export function querySubmit(): Tool {
  return defineTool({
    name: 'query_submit',
    title: 'Start a long query',
    description:
      'Starts a read-only SQL query in Snowflake and returns its query_id at once: for queries of minutes or large results. Same rules as execute_query. Then query_result.',
    input,
    output,
    annotations: { ...READS, idempotentHint: false, openWorldHint: true },
    run: async ({ query: sql, database, schema }, { query, handles, signal, caller }) => {
      const request = {
        sql,
        ...(database === undefined ? {} : { database }),
        ...(schema === undefined ? {} : { schema }),
        maxRows: 1,
        caller,
      };
      const owner = {
        principal: handleOwner(caller),
        tool: caller.tool,
        ...(caller.identity === undefined ? {} : { identity: caller.identity }),
      };
      const handle = await handles.open(owner, () => query.submit(request, signal));
      const structured = {
        query_id: handle.queryId,
        state: 'running' as const,
        kind: handle.kind,
        submitted_at: new Date(handle.createdAtMs).toISOString(),
      };
      return { structured, text: `Submitted. query_id: ${handle.queryId}` };
    },
  });
}
