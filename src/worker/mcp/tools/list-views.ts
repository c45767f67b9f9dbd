/** list_views: the views of a database or of one schema. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { nameArgument } from './names.ts';
import { showIn } from './show-in.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database to look in'),
  schema: nameArgument('Schema to look in; without it all schemas but INFORMATION_SCHEMA').optional(),
  ...pageArguments,
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
  ...pageFields,
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
    run: async (args, context) => {
      const { schema } = args;
      const { result, database } = await showIn('VIEWS', args, settings.maxRows, context);
      const read = cellReader(result);
      const items = result.rows
        .map((row) => ({
          schema: read(row, 'schema_name') ?? '',
          name: read(row, 'name') ?? '',
          owner: read(row, 'owner'),
          comment: read(row, 'comment'),
          created_on: read(row, 'created_on'),
        }))
        .filter((view) => schema !== undefined || view.schema !== 'INFORMATION_SCHEMA');
      const advice = 'Name a schema to see fewer.';
      const listing = { list: 'list_views', items, columns: COLUMNS, args, result, advice };
      return listAnswer({ ...listing, keyOf: (item) => [item.schema, item.name] }, (views) => ({
        database,
        views,
      }));
    },
  });
}
