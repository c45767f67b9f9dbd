/** describe_view: the columns of a view and, where the role may see it, its definition. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool, type ToolContext } from '../tool.ts';
import { nameArgument, textLiteral, withName } from './names.ts';
import { cellReader, formatArgument } from './table-result.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const nullableText = z.string().nullable();

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
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      default: nullableText,
      comment: nullableText,
    }),
  ),
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
    run: async ({ database, view_name, schema, format }, context) => {
      const { query, signal, caller } = context;
      const names = [database, schemaOrDefault(settings, database, schema), view_name];
      const { result, quoted, parts } = await withName(names, async (name, found) => ({
        result: await query.catalog({ sql: `DESCRIBE VIEW ${name}`, maxRows: settings.maxRows, caller }, signal),
        quoted: name,
        parts: found,
      }));
      const read = cellReader(result);
      const columns = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        type: read(row, 'type') ?? '',
        nullable: read(row, 'null?') !== 'N',
        default: read(row, 'default'),
        comment: read(row, 'comment'),
      }));
      const definition = await definitionOf(quoted, context);
      const [databaseName = '', schemaName = '', view = ''] = parts;
      const structured = { database: databaseName, schema: schemaName, view, columns, definition };
      const rows = columns.map((column) => COLUMNS.map((name) => column[name]));
      const table = renderTable({ columns: COLUMNS, rows }, format, structured);
      const text = format === 'markdown' && definition !== null ? `${table}\n\nDefinition:\n${definition}` : table;
      return { structured, text };
    },
  });
}
