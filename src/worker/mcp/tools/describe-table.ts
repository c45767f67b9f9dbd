/** describe_table: the columns of a table. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nullableText } from './listing.ts';
import { nameArgument, withName } from './names.ts';
import { cellReader, cutFields, formatArgument, hintSchema, truncatedSchema } from './table-result.ts';
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
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      default: nullableText,
      primary_key: z.boolean(),
      comment: nullableText,
    }),
  ),
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
    run: async ({ database, table, schema, format }, { query, signal, caller }) => {
      const names = [database, schemaOrDefault(settings, database, schema), table];
      const { result, parts } = await withName(names, async (quoted, found) => ({
        result: await query.catalog({ sql: `DESCRIBE TABLE ${quoted}`, maxRows: settings.maxRows, caller }, signal),
        parts: found,
      }));
      const read = cellReader(result);
      const columns = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        type: read(row, 'type') ?? '',
        nullable: read(row, 'null?') !== 'N',
        default: read(row, 'default'),
        primary_key: read(row, 'primary key') === 'Y',
        comment: read(row, 'comment'),
      }));
      const [databaseName = '', schemaName = '', tableName = ''] = parts;
      const cut = cutFields(result, 'limits.max_rows bounds it.');
      const structured = { database: databaseName, schema: schemaName, table: tableName, columns, ...cut };
      const rows = columns.map((column) => COLUMNS.map((name) => column[name]));
      return { structured, text: renderTable({ columns: COLUMNS, rows }, format, structured), note: cut.hint };
    },
  });
}
