/** query_result: the rows of a submitted statement, page by page. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { STORED_ROWS_MAX } from '../../query/submitted.ts';
import { type HandleRecord, handleOwner } from '../handles.ts';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { errorSchema, failureOf, queryIdArgument, stateSchema, waitArgument, waitForEnd } from './query-handle.ts';
import { columnsAnswer, cutCellsField, cutCellsNote, formatArgument, rowsOutput } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const WAIT_SECONDS = 30;

const inputFor = (settings: ToolSettings) =>
  z.strictObject({
    query_id: queryIdArgument,
    cursor: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('next_cursor of the page before; without it the first rows.'),
    page_size: z
      .int()
      .min(1)
      .default(settings.defaultRows)
      .describe(`Most rows in this page; above ${settings.maxRows} it is cut to that.`),
    wait_seconds: waitArgument.default(WAIT_SECONDS),
    format: formatArgument,
  });

const { columns, rows, cut_cells } = rowsOutput.shape;

const output = z.object({
  query_id: z.string(),
  state: stateSchema,
  columns: columns.optional(),
  rows: rows.optional(),
  row_count: z.number().describe('Rows in this page.'),
  total_rows: z.number().optional().describe('Rows of the whole result.'),
  cut_cells,
  truncated: z.object({ limit: z.literal('rows'), max: z.number() }).optional(),
  next_cursor: z.string().optional().describe('Present when there are more: pass it as cursor.'),
  error: errorSchema,
});

/** The position of the next row; tied to the statement, so that a cursor of another one is told apart. */
function cursorFor(handle: HandleRecord, start: number): string {
  return Buffer.from(`${handle.queryId.slice(0, 8)}.${start}`, 'utf8').toString('base64url');
}

function startOf(handle: HandleRecord, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [id, start = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  if (id !== handle.queryId.slice(0, 8) || !/^\d{1,9}$/.test(start)) {
    throw new AppError('ARGUMENT_INVALID', { faults: ['cursor: is none of this query'] });
  }
  return Number(start);
}

export function queryResult(settings: ToolSettings): Tool {
  return defineTool({
    name: 'query_result',
    title: 'Rows of a submitted query',
    description:
      'Returns rows of a query started with query_submit, a page at a time, waiting for its end a while. While it still runs, state says so: call again.',
    input: inputFor(settings),
    output,
    annotations: READS,
    run: async (args, context) => {
      const handle = await context.handles.use(handleOwner(context.caller), args.query_id);
      const start = startOf(handle, args.cursor);
      const state = await waitForEnd(context, handle, args.wait_seconds * 1000);
      if (state !== 'succeeded') return pending(handle, state, await failureOf(context, handle, state));
      context.progress(() => `reading the result, from row ${start}`);
      const size = Math.min(args.page_size, settings.maxRows, context.caller.limits?.maxRows ?? settings.maxRows);
      const part = { start, maxRows: size };
      const page = await context.query.submitted.page(handle.queryId, part, context.caller, context.signal);
      const after = start + page.rows.length;
      const isCut = page.rowCount >= STORED_ROWS_MAX;
      const structured = {
        query_id: handle.queryId,
        state,
        columns: columnsAnswer(page.columns),
        rows: page.rows.map((row) => [...row]),
        row_count: page.rows.length,
        total_rows: page.rowCount,
        ...cutCellsField(page),
        ...(isCut ? { truncated: { limit: 'rows' as const, max: STORED_ROWS_MAX } } : {}),
        ...(after < page.rowCount ? { next_cursor: cursorFor(handle, after) } : {}),
      };
      const names = structured.columns.map((column) => column.name);
      const text = renderTable({ columns: names, rows: structured.rows }, args.format, structured);
      return {
        structured,
        text,
        note: [noteOf(structured, start), cutCellsNote(page)].filter(Boolean).join(' ') || undefined,
      };
    },
  });
}

function noteOf(
  page: { row_count: number; total_rows: number; next_cursor?: string; truncated?: object },
  start: number,
) {
  const cut = page.truncated === undefined ? '' : ` Only the first ${STORED_ROWS_MAX} rows of the result are kept.`;
  if (page.next_cursor === undefined) return cut === '' ? undefined : cut.trim();
  const shown = `Rows ${start + 1} to ${start + page.row_count} of ${page.total_rows}.`;
  return `${shown} For more call query_result with cursor "${page.next_cursor}".${cut}`;
}

function pending(
  handle: HandleRecord,
  state: z.output<typeof stateSchema>,
  error: { code: string; message: string } | undefined,
) {
  const structured = { query_id: handle.queryId, state, row_count: 0, ...(error === undefined ? {} : { error }) };
  if (error !== undefined) return { structured, text: `${state}: ${error.code}: ${error.message}` };
  const next = state === 'unknown' ? 'submit it again' : 'call query_result again';
  return { structured, text: `${state}: no rows yet; ${next}` };
}
