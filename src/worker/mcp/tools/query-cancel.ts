/** query_cancel: stops a submitted statement in Snowflake and forgets it. */
import { z } from 'zod';
import { handleOwner } from '../handles.ts';
import { defineTool, type Tool } from '../tool.ts';
import { queryIdArgument, stateSchema } from './query-handle.ts';

const input = z.strictObject({ query_id: queryIdArgument });

const output = z.object({
  query_id: z.string(),
  state: stateSchema.describe('succeeded or failed: it had ended before.'),
});

export function queryCancel(): Tool {
  return defineTool({
    name: 'query_cancel',
    title: 'Cancel a submitted query',
    description: 'Cancels a query of query_submit in Snowflake and gives up its result. Its query_id ends.',
    input,
    output,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    run: async ({ query_id: queryId }, { query, handles, caller, signal }) => {
      const handle = await handles.use(handleOwner(caller), queryId);
      await query.submitted.cancel(handle.queryId, 'client', handle.identity);
      const state = await query.submitted.state(handle.queryId, signal, handle.identity);
      await handles.forget(handleOwner(caller), handle.queryId);
      return { structured: { query_id: handle.queryId, state }, text: state };
    },
  });
}
