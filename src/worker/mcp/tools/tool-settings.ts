/** What the tools take from the configuration. */
import { openReads, openWrites } from '../../../shared/config/policy-words.ts';
import type { Config } from '../../../shared/config/schema.ts';

export interface ToolSettings {
  /** Rows of execute_query when the caller names no limit. */
  readonly defaultRows: number;
  /** Larger limits are cut to this. */
  readonly maxRows: number;
  /** Database and schema of the configuration, used where a caller leaves the schema out. */
  readonly database: string | undefined;
  readonly schema: string | undefined;
  /** Kinds of statements that execute_query takes. */
  readonly readKinds: readonly string[];
  /** Kinds that execute_statement takes; without any it does not exist. */
  readonly writeKinds: readonly string[];
  /** A client that cannot ask its person may write all the same. */
  readonly writeWithoutConfirmation: boolean;
}

/** The schema of a name without one: the configured one in the configured database, else PUBLIC as in Snowflake. */
export function schemaOrDefault(settings: ToolSettings, database: string, schema: string | undefined): string {
  if (schema !== undefined) return schema;
  const isHome = settings.database?.toUpperCase() === database.toUpperCase();
  return isHome && settings.schema !== undefined ? settings.schema : 'PUBLIC';
}

export function toolSettings(config: Pick<Config, 'limits' | 'snowflake' | 'policy'>): ToolSettings {
  return {
    defaultRows: config.limits.default_rows,
    maxRows: config.limits.max_rows,
    database: config.snowflake.database,
    schema: config.snowflake.schema,
    readKinds: [...openReads(config.policy.allowed_sql_commands, config.policy.sql_statement_permissions)],
    writeKinds: [...openWrites(config.policy.write_sql_commands)],
    writeWithoutConfirmation: config.policy.write_without_confirmation,
  };
}
