/** execute_query: one read statement of the caller's own. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { renderTable } from '../render.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument } from './names.ts';
import { reportTo } from './statement-progress.ts';
import { formatArgument, rowsAnswer, rowsOutput } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const inputFor = (settings: ToolSettings) =>
  z.strictObject({
    query: z.string().min(1).describe('One SQL statement in the Snowflake dialect that only reads.'),
    database: nameArgument('Database for names without one').optional(),
    schema: nameArgument('Schema for names without one').optional(),
    limit: z
      .int()
      .min(1)
      .default(settings.defaultRows)
      .describe(`Most rows to return; above ${settings.maxRows} it is cut to that.`),
    timeout_seconds: z
      .int()
      .min(1)
      .optional()
      .describe(
        "Cancel the query in Snowflake after this time; at most the server's own limit, which holds without it.",
      ),
    use_transaction: z
      .boolean()
      .default(false)
      .describe('Kept for older clients. A read needs none; with auto_commit false it is refused.'),
    auto_commit: z.boolean().default(true).describe('Kept for older clients, see use_transaction.'),
    format: formatArgument,
  });

const ADVICE =
  'Narrow the query, aggregate, or raise limit; for all rows send it to query_submit and read pages with query_result.';

export function executeQuery(settings: ToolSettings): Tool {
  return defineTool({
    name: 'execute_query',
    title: 'Run a read-only SQL query',
    description: [
      'Runs one read-only SQL statement (SELECT, WITH, SHOW, DESCRIBE, EXPLAIN) on Snowflake and returns its rows.',
      'Anything that writes, several statements at once, and stages are refused.',
      'Select only what you need: aggregate and filter in SQL rather than fetching many rows.',
    ].join(' '),
    input: inputFor(settings),
    output: rowsOutput,
    annotations: { ...READS, openWorldHint: true },
    run: async (args, context) => {
      const { query: sql, database, schema, limit, timeout_seconds, use_transaction, auto_commit, format } = args;
      if (use_transaction && !auto_commit) throw new AppError('TRANSACTION_NEEDS_WRITE', {});
      const result = await context.query.run(
        {
          sql,
          ...(database === undefined ? {} : { database }),
          ...(schema === undefined ? {} : { schema }),
          maxRows: Math.min(limit, settings.maxRows),
          ...(timeout_seconds === undefined ? {} : { timeoutMs: timeout_seconds * 1000 }),
          caller: context.caller,
          report: reportTo(context),
        },
        context.signal,
      );
      const structured = rowsAnswer(result, ADVICE, 'query_submit');
      const columns = structured.columns.map((column) => column.name);
      const text = renderTable({ columns, rows: structured.rows }, format, structured);
      return { structured, text, note: structured.hint };
    },
  });
}
