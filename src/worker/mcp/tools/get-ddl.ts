/** get_ddl: the statement that would create an object again. */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { defineTool, READS, type Tool } from '../tool.ts';
import { nameArgument, textLiteral, withName } from './names.ts';
import { schemaOrDefault, type ToolSettings } from './tool-settings.ts';

const TYPES = ['table', 'view', 'schema', 'database'] as const;

const input = z.strictObject({
  object_type: z.enum(TYPES).describe('A schema or database gives the DDL of everything in it.'),
  database: nameArgument('Database of the object, or the database itself'),
  schema: nameArgument('Schema of the object, or the schema itself').optional(),
  name: nameArgument('Name of the table or view').optional(),
});

const output = z.object({ object_type: z.enum(TYPES), object: z.string(), ddl: z.string() });

function namesOf(settings: ToolSettings, args: z.output<typeof input>): string[] {
  const { object_type: type, database, schema, name } = args;
  const fault = (text: string) => new AppError('ARGUMENT_INVALID', { faults: [text] });
  if (type === 'database') return [database];
  if (type === 'schema') {
    if (schema === undefined) throw fault('schema: is needed for object_type schema');
    return [database, schema];
  }
  if (name === undefined) throw fault(`name: is needed for object_type ${type}`);
  return [database, schemaOrDefault(settings, database, schema), name];
}

export function getDdl(settings: ToolSettings): Tool {
  return defineTool({
    name: 'get_ddl',
    title: 'Get the DDL of an object',
    description: 'Returns the CREATE statement of a Snowflake table, view, schema or database.',
    input,
    output,
    annotations: READS,
    run: async (args, { query, signal, caller }) => {
      const { object_type: type } = args;
      const { ddl, object } = await withName(namesOf(settings, args), async (quoted) => {
        // GET_DDL takes constants only, no binds.
        const sql = `SELECT GET_DDL('${type.toUpperCase()}', ${textLiteral(quoted)})`;
        const result = await query.catalog({ sql, maxRows: 1, caller }, signal);
        return { ddl: String(result.rows[0]?.[0] ?? ''), object: quoted };
      });
      return { structured: { object_type: type, object, ddl }, text: ddl };
    },
  });
}
