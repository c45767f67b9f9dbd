/** What the tools that return rows share: their output schema, the `format` argument, and how a cut result is told. */
import { z } from 'zod';
import type { QueryResult } from '../../query/service.ts';
import { FORMATS } from '../render.ts';

export const formatArgument = z
  .enum(FORMATS)
  .default('markdown')
  .describe('Form of the text answer: a markdown table, csv or json. The structured answer is always the same.');

const cellSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const truncatedSchema = z
  .object({ limit: z.enum(['rows', 'bytes']), max: z.number() })
  .optional()
  .describe('Present when the result was cut: at which limit.');

export const hintSchema = z.string().optional().describe('How to see the rest of a cut result.');

export const rowsOutput = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  rows: z
    .array(z.array(cellSchema))
    .describe('Cells in column order. Numbers that a double cannot hold exactly, dates and times are texts.'),
  row_count: z.number(),
  truncated: truncatedSchema,
  hint: hintSchema,
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

/** The structured answer of a statement. */
export function rowsAnswer(result: QueryResult, advice: string): z.input<typeof rowsOutput> {
  return {
    columns: result.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    rows: result.rows.map((row) => [...row]),
    row_count: result.rows.length,
    ...cutFields(result, advice),
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
