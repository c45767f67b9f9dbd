/**
 * execute_statement: one statement that changes something, of the kinds that policy.write_sql_commands opens.
 *
 * Exists only where that list opens one. A person confirms each statement where the client can ask; the text shown is the
 * text that runs, with nothing in it hidden. It runs once: an end that nobody has seen is told as such, not tried again.
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

/** Of longer statements the person sees a part, and is told so first. */
const SHOWN_MAX = 20_000;

/** Marks without a shape of their own, such as those that turn the direction of text, line ends and tabs aside. */
const UNSEEN = /(?!\r\n|[\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Blanks that would push what follows out of sight. */
const BLANKS = /\s{100,}|(?:[ \t]*\r?\n){6,}/g;

function question(sql: string): string {
  const visible = sql
    .replace(UNSEEN, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(BLANKS, (blanks) => ` [${blanks.length} blanks] `);
  const asked = 'Run this statement in Snowflake? It changes data or objects.';
  if (visible.length <= SHOWN_MAX) return `${asked}\n\n${visible}`;
  const part = `Only the first ${SHOWN_MAX} of its ${visible.length} characters are shown here: say no unless you know the rest.`;
  return `${asked} ${part}\n\n${visible.slice(0, SHOWN_MAX)}`;
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
