/** query_status: what has become of a submitted statement. */
import { z } from 'zod';
import { handleOwner } from '../handles.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { errorSchema, failureOf, queryIdArgument, stateSchema, waitArgument, waitForEnd } from './query-handle.ts';

const input = z.strictObject({ query_id: queryIdArgument, wait_seconds: waitArgument.default(0) });

const output = z.object({
  query_id: z.string(),
  state: stateSchema,
  submitted_at: z.string(),
  elapsed_seconds: z.number().describe('Since it was submitted.'),
  error: errorSchema,
});

export function queryStatus(): Tool {
  return defineTool({
    name: 'query_status',
    title: 'State of a submitted query',
    description: 'Tells whether a query of query_submit is queued, running, succeeded, failed or cancelled.',
    input,
    output,
    annotations: READS,
    run: async ({ query_id: queryId, wait_seconds: seconds }, context) => {
      const handle = await context.handles.use(handleOwner(context.caller), queryId);
      const state = await waitForEnd(context, handle, seconds * 1000);
      const error = await failureOf(context, handle, state);
      const elapsed = Math.max(0, Math.round((Date.now() - handle.createdAtMs) / 1000));
      const structured = {
        query_id: handle.queryId,
        state,
        submitted_at: new Date(handle.createdAtMs).toISOString(),
        elapsed_seconds: elapsed,
        ...(error === undefined ? {} : { error }),
      };
      const why = error === undefined ? '' : `: ${error.code}: ${error.message}`;
      return { structured, text: `${state}${why} (submitted ${elapsed} s ago)` };
    },
  });
}
