/** list_tables: the tables of a database or of one schema. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { likeContains, nameArgument, partArgument } from './names.ts';
import { showIn } from './show-in.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database to look in'),
  schema: nameArgument('Schema to look in; without it all schemas').optional(),
  name_contains: partArgument('Only tables with this text in their name, any case.').optional(),
  ...pageArguments,
  format: formatArgument,
});

const COLUMNS = ['schema', 'name', 'kind', 'rows', 'bytes', 'comment', 'created_on'] as const;

const output = z.object({
  database: z.string(),
  tables: z.array(
    z.object({
      schema: z.string(),
      name: z.string(),
      kind: nullableText,
      rows: z.number().nullable(),
      bytes: z.number().nullable(),
      comment: nullableText,
      created_on: nullableText,
    }),
  ),
  ...pageFields,
});

function count(text: string | null): number | null {
  const value = Number(text ?? '');
  return text === null || !Number.isFinite(value) ? null : value;
}

export function listTables(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_tables',
    title: 'List tables',
    description:
      'Lists the tables of a Snowflake database, or of one schema in it, with their size. Views are in list_views. Next: describe_table or sample_table.',
    input,
    output,
    annotations: READS,
    run: async (args, context) => {
      const { name_contains: wanted } = args;
      const like = wanted === undefined ? '' : ` LIKE ${likeContains(wanted)}`;
      const { result, database } = await showIn(`TABLES${like}`, args, settings.maxRows, context);
      const read = cellReader(result);
      const items = result.rows
        .map((row) => ({
          schema: read(row, 'schema_name') ?? '',
          name: read(row, 'name') ?? '',
          kind: read(row, 'kind'),
          rows: count(read(row, 'rows')),
          bytes: count(read(row, 'bytes')),
          comment: read(row, 'comment'),
          created_on: read(row, 'created_on'),
        }))
        .filter(({ name }) => wanted === undefined || name.toUpperCase().includes(wanted.toUpperCase()));
      const advice = 'Name a schema, or part of the names with name_contains.';
      const listing = { list: 'list_tables', items, columns: COLUMNS, args, result, advice };
      return listAnswer({ ...listing, keyOf: (item) => [item.schema, item.name] }, (tables) => ({ database, tables }));
    },
  });
}
