/** whoami: as whom this server asks Snowflake, as whom the client is known here, and what it may do. */
import { z } from 'zod';
import { hasScope } from '../../../shared/principal.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nullableText } from './table-result.ts';
import type { ToolSettings } from './tool-settings.ts';

const ASKED = {
  account: 'CURRENT_ACCOUNT()',
  user: 'CURRENT_USER()',
  role: 'CURRENT_ROLE()',
  warehouse: 'CURRENT_WAREHOUSE()',
  database: 'CURRENT_DATABASE()',
  schema: 'CURRENT_SCHEMA()',
  snowflake_version: 'CURRENT_VERSION()',
} as const;

type Asked = keyof typeof ASKED;
const NAMES = Object.keys(ASKED) as Asked[];

const output = z.object({
  account: nullableText,
  user: nullableText,
  role: nullableText.describe('Its grants decide what is visible.'),
  warehouse: nullableText,
  database: nullableText.describe('Where names without a database are looked for.'),
  schema: nullableText,
  snowflake_version: nullableText,
  principal: z.string().describe('The caller, as this server knows it.'),
  statement_kinds: z.array(z.string()).describe('Statements execute_query accepts.'),
  write_kinds: z.array(z.string()).describe('Statements execute_statement accepts.'),
  scopes: z.array(z.string()).describe('What the key or token of the caller opens here.'),
  identity: nullableText.describe('Named Snowflake login of the caller; null for the configured one.'),
  max_rows: z.number(),
});

export function whoami(settings: ToolSettings): Tool {
  return defineTool({
    name: 'whoami',
    title: 'Who am I',
    description:
      'Tells the Snowflake account, user, role, warehouse and default database in use, and which statements are allowed here.',
    input: z.strictObject({}),
    output,
    annotations: READS,
    run: async (_args, { query, signal, caller }) => {
      const sql = `SELECT ${Object.values(ASKED).join(', ')}`;
      const { rows } = await query.catalog({ sql, maxRows: 1, caller }, signal);
      const cell = (name: Asked) => {
        const value = rows[0]?.[NAMES.indexOf(name)] ?? null;
        return value === null ? null : String(value);
      };
      const structured = {
        account: cell('account'),
        user: cell('user'),
        role: cell('role'),
        warehouse: cell('warehouse'),
        database: cell('database'),
        schema: cell('schema'),
        snowflake_version: cell('snowflake_version'),
        principal: caller.principal,
        statement_kinds: [...settings.readKinds],
        write_kinds: hasScope(caller, 'write') ? [...settings.writeKinds] : [],
        scopes: [...caller.scopes],
        identity: caller.identity ?? null,
        max_rows: Math.min(settings.maxRows, caller.limits?.maxRows ?? settings.maxRows),
      };
      const text = Object.entries(structured).map(([name, value]) => {
        const shown = Array.isArray(value) ? value.join(', ') || 'none' : (value ?? 'not set');
        return `${name}: ${shown}`;
      });
      return { structured, text: text.join('\n') };
    },
  });
}
