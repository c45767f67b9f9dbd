/** describe_view: the columns of a view and, where the role may see it, its definition. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool, type ToolContext } from '../tool.ts';
import { columnFields, describe } from './described.ts';
import { nameArgument, textLiteral } from './names.ts';
import { formatArgument } from './table-result.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database of the view'),
  view_name: nameArgument('Name of the view, without database and schema'),
  schema: nameArgument('Schema of the view; without it the configured one or PUBLIC').optional(),
  format: formatArgument,
});

const output = z.object({
  database: z.string(),
  schema: z.string(),
  view: z.string(),
  columns: z.array(z.object(columnFields)),
  definition: z.string().nullable().describe('The CREATE VIEW statement; null when the role may not see it.'),
});

const COLUMNS = ['name', 'type', 'nullable', 'default', 'comment'] as const;

/** Secure views hide their definition: that is no failure of the call. */
async function definitionOf(quoted: string, { query, signal, caller }: ToolContext): Promise<string | null> {
  try {
    // GET_DDL takes constants only, no binds.
    const request = { sql: `SELECT GET_DDL('VIEW', ${textLiteral(quoted)})`, maxRows: 1, caller };
    const cell = (await query.catalog(request, signal)).rows[0]?.[0] ?? null;
    return cell === null ? null : String(cell);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'SQL_ERROR' || error.code === 'OBJECT_NOT_FOUND')) return null;
    throw error;
  }
}

export function describeView(settings: ToolSettings): Tool {
  return defineTool({
    name: 'describe_view',
    title: 'Describe a view',
    description:
      'Tells the columns of a Snowflake view (name, type, nullable, comment) and its definition. Read it before writing SQL against the view.',
    input,
    output,
    annotations: READS,
    run: async ({ database, view_name, schema: place, format }, context) => {
      const names = [database, schemaOrDefault(settings, database, place), view_name];
      const found = await describe({ kind: 'VIEW', names, maxRows: settings.maxRows }, context);
      const columns = found.columns.map(({ primary_key: _none, ...column }) => column);
      const definition = await definitionOf(found.quoted, context);
      const structured = { database: found.database, schema: found.schema, view: found.object, columns, definition };
      const rows = columns.map((column) => COLUMNS.map((name) => column[name]));
      const table = renderTable({ columns: COLUMNS, rows }, format, structured);
      const text = format === 'markdown' && definition !== null ? `${table}\n\nDefinition:\n${definition}` : table;
      return { structured, text };
    },
  });
}
