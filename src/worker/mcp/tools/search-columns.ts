/** search_columns: which tables and views of a database have a column of some name. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { likeContains, nameArgument, partArgument } from './names.ts';
import { showIn } from './show-in.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database to look in'),
  name_contains: partArgument('Part of the column name, any case.'),
  schema: nameArgument('Schema to look in; without it all schemas').optional(),
  ...pageArguments,
  format: formatArgument,
});

const COLUMNS = ['schema', 'table', 'column', 'type', 'comment'] as const;

const output = z.object({
  database: z.string(),
  columns: z.array(
    z.object({ schema: z.string(), table: z.string(), column: z.string(), type: z.string(), comment: nullableText }),
  ),
  ...pageFields,
});

interface TypeFacts {
  readonly type?: unknown;
  readonly precision?: unknown;
  readonly scale?: unknown;
  readonly length?: unknown;
}

/** SHOW COLUMNS tells types as JSON: `{"type":"FIXED","precision":38,"scale":0,...}` is NUMBER(38,0). */
function typeText(json: string): string {
  try {
    const { type, precision, scale, length } = JSON.parse(json) as TypeFacts;
    if (type === 'FIXED') return `NUMBER(${String(precision)},${String(scale)})`;
    if (type === 'TEXT') return typeof length === 'number' ? `VARCHAR(${length})` : 'VARCHAR';
    if (type === 'REAL') return 'FLOAT';
    return typeof type === 'string' ? type : json;
  } catch {
    return json;
  }
}

export function searchColumns(settings: ToolSettings): Tool {
  return defineTool({
    name: 'search_columns',
    title: 'Find columns by name',
    description:
      'Finds the columns of a Snowflake database whose name contains a text, with table and type: where some fact is stored, or what can be joined.',
    input,
    output,
    annotations: READS,
    run: async (args, context) => {
      const { schema, name_contains: wanted } = args;
      const show = `COLUMNS LIKE ${likeContains(wanted)}`;
      const { result, database } = await showIn(show, args, settings.maxRows, context);
      const read = cellReader(result);
      const items = result.rows
        .map((row) => ({
          schema: read(row, 'schema_name') ?? '',
          table: read(row, 'table_name') ?? '',
          column: read(row, 'column_name') ?? '',
          type: typeText(read(row, 'data_type') ?? ''),
          comment: read(row, 'comment'),
        }))
        .filter(({ column }) => column.toUpperCase().includes(wanted.toUpperCase()))
        .filter((item) => schema !== undefined || item.schema !== 'INFORMATION_SCHEMA');
      const advice = 'Name a schema, or more of the column name.';
      const listing = { list: 'search_columns', items, columns: COLUMNS, args, result, advice };
      return listAnswer({ ...listing, keyOf: (item) => [item.schema, item.table, item.column] }, (columns) => ({
        database,
        columns,
      }));
    },
  });
}
