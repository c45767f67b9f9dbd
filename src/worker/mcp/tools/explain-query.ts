/** explain_query: how Snowflake would run a statement, without running it. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument } from './names.ts';
import { formatArgument, rowsAnswer, rowsOutput } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  query: z.string().min(1).describe('The SELECT to explain, without EXPLAIN.'),
  database: nameArgument('Database for names without one').optional(),
  schema: nameArgument('Schema for names without one').optional(),
  format: formatArgument,
});

export function explainQuery(settings: ToolSettings): Tool {
  return defineTool({
    name: 'explain_query',
    title: 'Explain a query',
    description:
      'Shows the plan of a SQL query (steps, objects, partitions and bytes to scan) without running it: check cost before a large query. Costs no compute.',
    input,
    output: rowsOutput,
    annotations: READS,
    run: async ({ query: sql, database, schema, format }, { query, signal, caller }) => {
      const result = await query.run(
        {
          // The whole text is gated, so nothing behind EXPLAIN can be more than one query.
          sql: `EXPLAIN USING TABULAR ${sql}`,
          ...(database === undefined ? {} : { database }),
          ...(schema === undefined ? {} : { schema }),
          maxRows: settings.maxRows,
          caller,
        },
        signal,
      );
      const structured = rowsAnswer(result, 'The plan is longer.');
      const columns = structured.columns.map((column) => column.name);
      const text = renderTable({ columns, rows: structured.rows }, format, structured);
      return { structured, text, note: structured.hint };
    },
  });
}
