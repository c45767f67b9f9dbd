/** sample_table: random rows of a table. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument, withName } from './names.ts';
import { formatArgument, rowsAnswer, rowsOutput } from './table-result.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const ROWS = 10;

const input = z.strictObject({
  database: nameArgument('Database of the table'),
  table: nameArgument('Name of the table or view, without database and schema'),
  schema: nameArgument('Schema of the table; without it the configured one or PUBLIC').optional(),
  rows: z.int().min(1).default(ROWS).describe('Rows to draw.'),
  format: formatArgument,
});

export function sampleTable(settings: ToolSettings): Tool {
  return defineTool({
    name: 'sample_table',
    title: 'Sample a table',
    description:
      'Returns random rows of a Snowflake table: what its values look like. Each call draws others. For the first rows of a view use query_view.',
    input,
    output: rowsOutput,
    annotations: { ...READS, idempotentHint: false },
    run: async ({ database, table, schema, rows: wanted, format }, { query, signal, caller }) => {
      const maxRows = Math.min(wanted, settings.maxRows);
      const names = [database, schemaOrDefault(settings, database, schema), table];
      const result = await withName(names, (quoted) =>
        query.run({ sql: `SELECT * FROM ${quoted} SAMPLE (${maxRows} ROWS)`, maxRows, caller }, signal),
      );
      const structured = rowsAnswer(
        result,
        'Ask for fewer rows, or select the columns you need with execute_query.',
        'execute_query',
      );
      const columns = structured.columns.map((column) => column.name);
      const text = renderTable({ columns, rows: structured.rows }, format, structured);
      return { structured, text, note: structured.hint };
    },
  });
}
