/** describe_table: the columns of a table. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { columnFields, describe } from './described.ts';
import { nameArgument } from './names.ts';
import { cutFields, formatArgument, hintSchema, truncatedSchema } from './table-result.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database of the table'),
  table: nameArgument('Name of the table or view, without database and schema'),
  schema: nameArgument('Schema of the table; without it the configured one or PUBLIC').optional(),
  format: formatArgument,
});

const COLUMNS = ['name', 'type', 'nullable', 'default', 'primary_key', 'comment'] as const;

const output = z.object({
  database: z.string(),
  schema: z.string(),
  table: z.string(),
  columns: z.array(z.object({ ...columnFields, primary_key: z.boolean() })),
  truncated: truncatedSchema,
  hint: hintSchema,
});

export function describeTable(settings: ToolSettings): Tool {
  return defineTool({
    name: 'describe_table',
    title: 'Describe a table',
    description:
      'Tells the columns of a Snowflake table or view: name, type, nullable, default, key, comment. Read it before writing SQL.',
    input,
    output,
    annotations: READS,
    run: async ({ database, table: written, schema: place, format }, context) => {
      const names = [database, schemaOrDefault(settings, database, place), written];
      const found = await describe({ kind: 'TABLE', names, maxRows: settings.maxRows }, context);
      const { result, columns, schema, object: table } = found;
      const cut = cutFields(result, 'limits.max_rows bounds it.');
      const structured = { database: found.database, schema, table, columns, ...cut };
      const rows = columns.map((column) => COLUMNS.map((name) => column[name]));
      return { structured, text: renderTable({ columns: COLUMNS, rows }, format, structured), note: cut.hint };
    },
  });
}
