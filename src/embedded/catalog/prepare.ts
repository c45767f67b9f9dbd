/**
 * What a fresh engine needs before its first session: the macros and the list of databases and schemas.
 *
 * Must run before DuckDB's configuration is locked.
 */
import type { EngineConnection } from '../engine.ts';
import { MACRO_DEFINITIONS } from '../sql/macros.ts';
import { ENTRIES_TABLE } from './read.ts';

export async function prepareEngine(connection: EngineConnection): Promise<void> {
  await connection.runAll([
    'BEGIN',
    'CREATE SCHEMA memory."SF$NONE"',
    'CREATE SCHEMA memory."SF$CATALOG"',
    `CREATE TABLE ${ENTRIES_TABLE} ("database" VARCHAR, "schema" VARCHAR, created_ms BIGINT, "comment" VARCHAR)`,
    ...MACRO_DEFINITIONS.map((definition) => `CREATE MACRO memory.main.${definition}`),
    'COMMIT',
  ]);
}
