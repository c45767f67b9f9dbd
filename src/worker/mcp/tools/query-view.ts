/** query_view: the first rows of a view. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument, withName } from './names.ts';
import { formatArgument, rowsAnswer, rowsOutput } from './table-result.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database of the view'),
  view_name: nameArgument('Name of the view, without database and schema'),
  schema: nameArgument('Schema of the view; without it the configured one or PUBLIC').optional(),
  limit: z.int().min(1).default(10).describe('Most rows to return.'),
  format: formatArgument,
});

export function queryView(settings: ToolSettings): Tool {
  return defineTool({
    name: 'query_view',
    title: 'Read rows of a view',
    description:
      'Returns the first rows of a Snowflake view or table, in no particular order. For filters, joins or totals write SQL with execute_query.',
    input,
    output: rowsOutput,
    annotations: READS,
    run: async ({ database, view_name, schema, limit, format }, { query, signal, caller }) => {
      const maxRows = Math.min(limit, settings.maxRows);
      const names = [database, schemaOrDefault(settings, database, schema), view_name];
      // One row more than asked for tells whether there are more.
      const result = await withName(names, (quoted) =>
        query.run({ sql: `SELECT * FROM ${quoted} LIMIT ${maxRows + 1}`, maxRows, caller }, signal),
      );
      const structured = rowsAnswer(result, 'Raise limit, or filter with execute_query.', 'execute_query');
      const columns = structured.columns.map((column) => column.name);
      const text = renderTable({ columns, rows: structured.rows }, format, structured);
      return { structured, text, note: structured.hint };
    },
  });
}
