/** What the tools that return rows share: their output schema, the `format` argument, and how a cut result is told. */
import { z } from 'zod';
import type { QueryResult } from '../../query/service.ts';
import { FORMATS } from '../render.ts';

export const formatArgument = z
  .enum(FORMATS)
  .default('markdown')
  .describe('Form of the text answer: a markdown table, csv or json. The structured answer is always the same.');

export const nullableText = z.string().nullable();

const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const truncatedSchema = z
  .object({ limit: z.enum(['rows', 'bytes']), max: z.number() })
  .optional()
  .describe('Present when the result was cut: at which limit.');

export const hintSchema = z.string().optional().describe('How to see the rest of a cut result.');

const columnSchema = z.object({
  name: z.string(),
  type: z
    .string()
    .describe(
      'FIXED is NUMBER, REAL is FLOAT, TEXT is VARCHAR; the others are named as in Snowflake, see docs/results.md.',
    ),
  nullable: z.boolean(),
  precision: z.number().optional().describe('Digits of a NUMBER, or of the fraction of seconds.'),
  scale: z.number().optional().describe('Digits after the point of a NUMBER, or of the fraction of seconds.'),
});

export const cutCellsSchema = z
  .object({
    count: z.number(),
    max_bytes: z.number(),
    first: z.array(z.object({ row: z.number(), column: z.number(), bytes: z.number() })),
  })
  .optional()
  .describe(
    'Present when cells were longer than max_bytes and only their beginnings are given: how many, and the places (from 0) and full sizes of the first ones.',
  );

export const rowsOutput = z.object({
  columns: z.array(columnSchema),
  rows: z
    .array(z.array(cellSchema))
    .describe('Cells in column order. Numbers that a double cannot hold exactly, dates and times are texts.'),
  row_count: z.number(),
  truncated: truncatedSchema,
  cut_cells: cutCellsSchema,
  hint: hintSchema,
  next: z.string().optional().describe('Tool that gives the rest of a cut result.'),
  query_id: z.string(),
  duration_ms: z.number(),
});

/** The `truncated` and `hint` fields of a result; nothing when it is whole. */
export function cutFields(
  result: Pick<QueryResult, 'truncated' | 'rows'>,
  advice: string,
): { truncated?: { limit: 'rows' | 'bytes'; max: number }; hint?: string } {
  if (result.truncated === undefined) return {};
  const { limit, max } = result.truncated;
  const unit = limit === 'rows' ? 'rows' : 'bytes of cells';
  return {
    truncated: { limit, max },
    hint: `Only the first ${result.rows.length} rows are shown (limit: ${max} ${unit}). ${advice}`,
  };
}

/** The columns of a result as tools tell them. */
export function columnsAnswer(columns: QueryResult['columns']): z.input<typeof columnSchema>[] {
  return columns.map(({ name, type, nullable, precision, scale }) => ({
    name,
    type,
    nullable,
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  }));
}

/** The `cut_cells` field of a result; nothing when every cell is whole. */
export function cutCellsField({ cutCells }: Pick<QueryResult, 'cutCells'>): {
  cut_cells?: z.input<typeof cutCellsSchema>;
} {
  if (cutCells === undefined) return {};
  const { count, maxBytes, first } = cutCells;
  return { cut_cells: { count, max_bytes: maxBytes, first: first.map((cell) => ({ ...cell })) } };
}

/** What a person or an agent has to know of cells that were cut; '' when none was. */
export function cutCellsNote({ cutCells }: Pick<QueryResult, 'cutCells'>): string {
  if (cutCells === undefined) return '';
  const { count, maxBytes } = cutCells;
  const cells = count === 1 ? '1 cell is' : `${count} cells are`;
  return `${cells} longer than ${maxBytes} bytes and only begun here; select a part of it with SUBSTR or a path.`;
}

/** The structured answer of a statement; `next` is the tool that gives what was cut. */
export function rowsAnswer(result: QueryResult, advice: string, next?: string): z.input<typeof rowsOutput> {
  const cut = cutFields(result, advice);
  const hint = [cut.hint, cutCellsNote(result)].filter(Boolean).join(' ');
  return {
    columns: columnsAnswer(result.columns),
    rows: result.rows.map((row) => [...row]),
    row_count: result.rows.length,
    ...cut,
    ...cutCellsField(result),
    ...(hint === '' ? {} : { hint }),
    ...(result.truncated === undefined || next === undefined ? {} : { next }),
    query_id: result.queryId,
    duration_ms: Math.round(result.durationMs),
  };
}

/** Reads cells of a metadata statement by column name, whatever their order and case; null when a column is missing. */
export function cellReader(result: Pick<QueryResult, 'columns'>) {
  const places = new Map(result.columns.map((column, index) => [column.name.toLowerCase(), index]));
  return (row: QueryResult['rows'][number], name: string): string | null => {
    const cell = row[places.get(name) ?? -1] ?? null;
    return cell === null ? null : String(cell);
  };
}
