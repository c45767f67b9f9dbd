/** list_warehouses: the warehouses the role may see, and what they are doing. */
import { z } from 'zod';
import { defineTool, READS, type Tool } from '../tool.ts';
import { listAnswer, pageArguments, pageFields } from './listing.ts';
import { cellReader, formatArgument, nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({ ...pageArguments, format: formatArgument });

const COLUMNS = [
  'name',
  'state',
  'size',
  'type',
  'running',
  'queued',
  'auto_suspend',
  'is_current',
  'comment',
] as const;

const output = z.object({
  warehouses: z.array(
    z.object({
      name: z.string(),
      state: nullableText,
      size: nullableText,
      type: nullableText,
      running: z.number().nullable().describe('Statements that run on it.'),
      queued: z.number().nullable().describe('Statements that wait for it.'),
      auto_suspend: z.number().nullable().describe('Idle seconds after which it stops.'),
      is_current: z.boolean(),
      comment: nullableText,
    }),
  ),
  ...pageFields,
});

const number = (text: string | null) =>
  text === null || text === '' || Number.isNaN(Number(text)) ? null : Number(text);

export function listWarehouses(settings: ToolSettings): Tool {
  return defineTool({
    name: 'list_warehouses',
    title: 'List warehouses',
    description: 'Lists the Snowflake warehouses (compute) with state, size and queue: why a query waits or is slow.',
    input,
    output,
    annotations: READS,
    run: async (args, { query, signal, caller }) => {
      // State and queue change by the second: the statement says so, and so is never answered from memory.
      const request = { sql: 'SHOW WAREHOUSES', maxRows: settings.maxRows, caller, isFresh: true };
      const result = await query.catalog(request, signal);
      const read = cellReader(result);
      const items = result.rows.map((row) => ({
        name: read(row, 'name') ?? '',
        state: read(row, 'state'),
        size: read(row, 'size'),
        type: read(row, 'type'),
        running: number(read(row, 'running')),
        queued: number(read(row, 'queued')),
        auto_suspend: number(read(row, 'auto_suspend')),
        is_current: read(row, 'is_current') === 'Y',
        comment: read(row, 'comment'),
      }));
      const listing = { list: 'list_warehouses', items, columns: COLUMNS, args, result, advice: '' };
      return listAnswer({ ...listing, keyOf: ({ name }) => [name] }, (warehouses) => ({ warehouses }));
    },
  });
}
