/**
 * What the protocol side and the SQL side of the embedded engine agree on: one statement in, one result out.
 *
 * The SQL side (`sql/`, `catalog/`) turns Snowflake SQL into a result of columns and engine values; the
 * protocol side (`protocol/`) turns that into the driver's wire form. Neither knows the other.
 */
import type { EngineConnection } from './engine.ts';

/** A logged-in session: its own DuckDB connection and what USE, SET and ALTER SESSION changed. */
export interface EmbeddedSession {
  readonly id: string;
  readonly user: string;
  readonly connection: EngineConnection;
  database: string | undefined;
  schema: string | undefined;
  warehouse: string | undefined;
  role: string;
  /** Session parameters by upper-case name, as ALTER SESSION SET and the login left them. */
  readonly parameters: Map<string, string>;
  /** SQL variables of SET, by upper-case name. */
  readonly variables: Map<string, string>;
  /** Query ids of this session, newest last, for LAST_QUERY_ID(); at most 100 are kept. */
  readonly queryIds: string[];
}

export type SnowflakeType =
  | 'FIXED'
  | 'REAL'
  | 'TEXT'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP_NTZ'
  | 'TIMESTAMP_LTZ'
  | 'TIMESTAMP_TZ'
  | 'BINARY'
  | 'VARIANT'
  | 'OBJECT'
  | 'ARRAY';

/** A column as Snowflake's `rowtype` names it. Precision and scale for FIXED, scale for times, length for TEXT and BINARY. */
export interface ResultColumn {
  readonly name: string;
  readonly type: SnowflakeType;
  readonly nullable: boolean;
  readonly precision?: number;
  readonly scale?: number;
  readonly length?: number;
}

/** Wire family of a statement; protocol/results.ts maps it to Snowflake's numeric statementTypeId. */
export type StatementKind =
  | 'SELECT'
  | 'INSERT'
  | 'UPDATE'
  | 'DELETE'
  | 'MERGE'
  | 'USE'
  | 'SHOW'
  | 'DESCRIBE'
  | 'TRANSACTION'
  | 'SET'
  | 'ALTER_SESSION'
  | 'DDL'
  | 'EXPLAIN';

/**
 * One statement's outcome. Cells are already in Snowflake's wire text (facts: FIXED decimal text, DATE days
 * since epoch, TIMESTAMP "epoch.nnnnnnnnn", BINARY hex, VARIANT JSON text); null is SQL NULL.
 */
export interface StatementResult {
  readonly kind: StatementKind;
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A bind as the driver sends it, by position from 1. */
export interface Bind {
  readonly type: string;
  readonly value: string | null;
  /** One value per row, for an array bind; `value` then means nothing. */
  readonly values?: readonly (string | null)[];
}
