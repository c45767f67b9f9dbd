/** What the tools take from the configuration. */
import type { Config } from '../../../shared/config/schema.ts';

export interface ToolSettings {
  /** Rows of execute_query when the caller names no limit. */
  readonly defaultRows: number;
  /** Larger limits are cut to this. */
  readonly maxRows: number;
  /** Database and schema of the configuration, used where a caller leaves the schema out. */
  readonly database: string | undefined;
  readonly schema: string | undefined;
}

/** The schema of a name without one: the configured one in the configured database, else PUBLIC as in Snowflake. */
export function schemaOrDefault(settings: ToolSettings, database: string, schema: string | undefined): string {
  if (schema !== undefined) return schema;
  const isHome = settings.database?.toUpperCase() === database.toUpperCase();
  return isHome && settings.schema !== undefined ? settings.schema : 'PUBLIC';
}

export function toolSettings(config: Pick<Config, 'limits' | 'snowflake'>): ToolSettings {
  return {
    defaultRows: config.limits.default_rows,
    maxRows: config.limits.max_rows,
    database: config.snowflake.database,
    schema: config.snowflake.schema,
  };
}
