/** list_views: the views of a database or of one schema. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument, withName } from './names.ts';
import { cellReader, cutFields, formatArgument, hintSchema, truncatedSchema } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const nullableText = z.string().nullable();

const input = z.strictObject({
  database: nameArgument('Database to look in'),
  schema: nameArgument('Schema to look in; without it all schemas but INFORMATION_SCHEMA').optional(),
  format: formatArgument,
});

const output = z.object({
  database: z.string(),
  views: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      owner: nullableText,
      comment: nullableText,
      created_on: nullableText,
    }),
  ),
  row_count: z.number(),
  truncated: truncatedSchema,
  hint: hintSchema,
});

const COLUMNS = ['schema', 'name', 'owner', 'comment', 'created_on'] as const;

export function listViews(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_views',
    title: 'List views',
    description:
      'Lists the views of a Snowflake database, or of one schema in it. Use describe_view for the columns of one and query_view for its rows.',
    input,
    output,
    annotations: READS,
    run: async ({ database, schema, format }, { query, signal, caller }) => {
      const place = schema === undefined ? 'DATABASE' : 'SCHEMA';
      const { result, found } = await withName(
        schema === undefined ? [database] : [database, schema],
        async (quoted, parts) => ({
          result: await query.catalog(
            { sql: `SHOW VIEWS IN ${place} ${quoted}`, maxRows: settings.maxRows, caller },
            signal,
          ),
          found: parts,
        }),
      );
      const read = cellReader(result);
      const views = result.rows
        .map((row) => ({
          schema: read(row, 'schema_name') ?? '',
          name: read(row, 'name') ?? '',
          owner: read(row, 'owner'),
          comment: read(row, 'comment'),
          created_on: read(row, 'created_on'),
        }))
        .filter((view) => schema !== undefined || view.schema !== 'INFORMATION_SCHEMA');
      const cut = cutFields(result, 'Name a schema to see fewer.');
      const structured = { database: found[0] ?? database, views, row_count: views.length, ...cut };
      const rows = views.map((view) => COLUMNS.map((column) => view[column]));
      return { structured, text: renderTable({ columns: COLUMNS, rows }, format, structured), note: cut.hint };
    },
  });
}
