/** How a statement that is waited for is told to a client that asked for progress: state and rows. */
import type { QueryRequest } from '../../query/service.ts';
import type { ToolContext } from '../tool.ts';

const WORDS = {
  waiting: 'waiting for a Snowflake connection',
  running: 'running in Snowflake',
  reading: 'reading the result',
} as const;

/** The `report` of a query whose caller hears each new state at once, and the rows from time to time. */
export function reportTo(context: Pick<ToolContext, 'progress'>): NonNullable<QueryRequest['report']> {
  let state: keyof typeof WORDS | undefined;
  let rows = 0;
  return (next, count) => {
    rows = count;
    if (next === state) return;
    state = next;
    context.progress(() => `${WORDS[next]}, ${rows} row${rows === 1 ? '' : 's'}`);
  };
}
