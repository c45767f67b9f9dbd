/** list_schemas: the schemas of a database. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { nameArgument, withName } from './names.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  database: nameArgument('Database to look in'),
  ...pageArguments,
  format: formatArgument,
});

const COLUMNS = ['name', 'owner', 'comment', 'created_on'] as const;

const output = z.object({
  database: z.string(),
  schemas: z.array(
    z.object({ name: z.string(), owner: nullableText, comment: nullableText, created_on: nullableText }),
  ),
  ...pageFields,
});

export function listSchemas(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_schemas',
    title: 'List schemas',
    description: 'Lists the schemas of a Snowflake database. Next: list_tables or list_views of one schema.',
    input,
    output,
    annotations: READS,
    run: async (args, { query, signal, caller }) => {
      const { result, database } = await withName([args.database], async (quoted, [name]) => ({
        result: await query.catalog(
          { sql: `SHOW SCHEMAS IN DATABASE ${quoted}`, maxRows: settings.maxRows, caller },
          signal,
        ),
        database: name ?? args.database,
      }));
      const read = cellReader(result);
      const items = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        owner: read(row, 'owner'),
        comment: read(row, 'comment'),
        created_on: read(row, 'created_on'),
      }));
      const listing = { list: 'list_schemas', items, columns: COLUMNS, args, result, advice: '' };
      return listAnswer({ ...listing, keyOf: ({ name }) => [name] }, (schemas) => ({ database, schemas }));
    },
  });
}
