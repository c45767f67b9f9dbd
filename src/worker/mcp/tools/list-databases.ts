/** list_databases: which databases the role may see. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({ ...pageArguments, format: formatArgument });

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
  ...pageFields,
});

const COLUMNS = ['name', 'kind', 'owner', 'comment', 'created_on'] as const;

export function listDatabases(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_databases',
    title: 'List databases',
    description:
      'Lists the Snowflake databases that can be queried here. Start here, then list_schemas, list_tables or list_views.',
    input,
    output,
    annotations: READS,
    run: async (args, { query, signal, caller }) => {
      const result = await query.catalog({ sql: 'SHOW DATABASES', maxRows: settings.maxRows, caller }, signal);
      const read = cellReader(result);
      const items = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        kind: read(row, 'kind'),
        owner: read(row, 'owner'),
        comment: read(row, 'comment'),
        created_on: read(row, 'created_on'),
      }));
      const listing = { list: 'list_databases', items, columns: COLUMNS, args, result, advice: '' };
      return listAnswer({ ...listing, keyOf: ({ name }) => [name] }, (databases) => ({ databases }));
    },
  });
}
