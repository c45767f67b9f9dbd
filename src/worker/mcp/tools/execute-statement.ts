/**
 * execute_statement: one statement that changes something, of the kinds that policy.write_sql_commands opens.
 *
 * Exists only where that list opens one. A person confirms each statement where the client can ask; the text shown is the
 * text that runs. It runs once: an end that nobody has seen is told as such, not tried again.
 */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { renderTable } from '../render.ts';
import { defineTool, type Tool } from '../tool.ts';
import { nameArgument } from './names.ts';
import { reportTo } from './statement-progress.ts';
import { formatArgument, rowsAnswer, rowsOutput } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const input = z.strictObject({
  statement: z.string().min(1).describe('One SQL statement.'),
  database: nameArgument('Database for names without one').optional(),
  schema: nameArgument('Schema for names without one').optional(),
  format: formatArgument,
});

/** Longer statements are shown to the person in part, with their length. */
const SHOWN_MAX = 4000;

function question(sql: string): string {
  const shown = sql.length > SHOWN_MAX ? `${sql.slice(0, SHOWN_MAX)}\n... (${sql.length} characters)` : sql;
  return `Run this statement in Snowflake? It changes data or objects.\n\n${shown}`;
}

export function executeStatement(settings: ToolSettings): Tool {
  return defineTool({
    name: 'execute_statement',
    title: 'Run a SQL statement that writes',
    description: `Runs one SQL statement that changes something in Snowflake (allowed: ${settings.writeKinds.join(', ')}). A person may be asked first. Never run it again after WRITE_OUTCOME_UNKNOWN without checking.`,
    input,
    output: rowsOutput,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    run: async ({ statement: sql, database, schema, format }, context) => {
      const { query, caller, signal } = context;
      const request = {
        sql,
        ...(database === undefined ? {} : { database }),
        ...(schema === undefined ? {} : { schema }),
        maxRows: settings.maxRows,
        caller,
        report: reportTo(context),
      };
      // What the policy refuses is refused before a person is bothered with it.
      await query.checkWrite(request);
      const answer = await context.confirm(question(sql));
      if (answer === 'declined') throw new AppError('WRITE_DECLINED', {});
      if (answer === 'impossible' && !settings.writeWithoutConfirmation) throw new AppError('WRITE_UNCONFIRMED', {});
      const result = await query.write(request, signal);
      const structured = rowsAnswer(result, 'The statement was run as a whole.');
      const columns = structured.columns.map((column) => column.name);
      const text = renderTable({ columns, rows: structured.rows }, format, structured);
      return { structured, text, note: structured.hint };
    },
  });
}
