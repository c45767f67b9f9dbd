/** list_databases: which databases the role may see. */
import { z } from 'zod';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { cellReader, cutFields, formatArgument, hintSchema, truncatedSchema } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const nullableText = z.string().nullable();

const input = z.strictObject({ format: formatArgument });

const output = z.object({
  databases: z.array(
    z.object({
      name: z.string(),
      kind: nullableText,
      owner: nullableText,
      comment: nullableText,
      created_on: nullableText,
    }),
  ),
  row_count: z.number(),
  truncated: truncatedSchema,
  hint: hintSchema,
});

const COLUMNS = ['name', 'kind', 'owner', 'comment', 'created_on'] as const;

export function listDatabases(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_databases',
    title: 'List databases',
    description:
      'Lists the Snowflake databases that can be queried here. Start with this, then list_views to see what a database offers.',
    input,
    output,
    annotations: READS,
    run: async ({ format }, { query, signal, caller }) => {
      const result = await query.catalog({ sql: 'SHOW DATABASES', maxRows: settings.maxRows, caller }, signal);
      const read = cellReader(result);
      const databases = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        kind: read(row, 'kind'),
        owner: read(row, 'owner'),
        comment: read(row, 'comment'),
        created_on: read(row, 'created_on'),
      }));
      const cut = cutFields(result, 'limits.max_rows bounds it.');
      const structured = { databases, row_count: databases.length, ...cut };
      const rows = databases.map((database) => COLUMNS.map((column) => database[column]));
      return { structured, text: renderTable({ columns: COLUMNS, rows }, format, structured), note: cut.hint };
    },
  });
}
