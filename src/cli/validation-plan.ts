/**
 * Which read tools `validate` calls, in which order, and with what: each step uses what those before it have found. Pure.
 *
 * Every tool that says it only reads has a step here, so that none is left out unseen.
 */

/** What the steps so far have found. */
export interface Known {
  readonly database?: string;
  readonly table?: { readonly schema: string; readonly name: string };
  readonly view?: { readonly schema: string; readonly name: string };
  readonly column?: string;
  readonly queryId?: string;
}

export interface Step {
  readonly tool: string;
  /** The arguments, or in words why there is nothing to call it with. */
  args(known: Known): Record<string, unknown> | string;
  learn?(known: Known, result: Record<string, unknown>): Known;
}

type Rows = readonly Readonly<Record<string, unknown>>[];
const rowsOf = (result: Record<string, unknown>, list: string): Rows => (result[list] ?? []) as Rows;

const inDatabase =
  (more: Record<string, unknown> = {}) =>
  ({ database }: Known) =>
    database === undefined ? 'no database is visible to the role' : { database, ...more };

const onTable =
  (key: string, more: Record<string, unknown> = {}) =>
  ({ database, table }: Known) =>
    database === undefined || table === undefined
      ? 'no table is visible to the role'
      : { database, schema: table.schema, [key]: table.name, ...more };

const onView =
  (more: Record<string, unknown> = {}) =>
  ({ database, view }: Known) =>
    database === undefined || view === undefined
      ? 'no view is visible to the role'
      : { database, schema: view.schema, view_name: view.name, ...more };

const onQuery =
  (more: Record<string, unknown> = {}) =>
  ({ queryId }: Known) =>
    queryId === undefined ? 'query_submit gave no query id' : { query_id: queryId, ...more };

/** The first of a list that is no system schema. */
function objectIn(result: Record<string, unknown>, list: string): { schema: string; name: string } | undefined {
  const row = rowsOf(result, list).find(({ schema }) => schema !== 'INFORMATION_SCHEMA');
  return row === undefined ? undefined : { schema: String(row.schema), name: String(row.name) };
}

const SYSTEM_DATABASES: readonly unknown[] = ['SNOWFLAKE', 'SNOWFLAKE_SAMPLE_DATA'];
const READY_SQL = 'SELECT 1 AS READY';

export const VALIDATION_STEPS: readonly Step[] = [
  {
    tool: 'whoami',
    args: () => ({}),
    learn: (known, { database }) => (typeof database === 'string' ? { ...known, database } : known),
  },
  {
    tool: 'list_databases',
    args: () => ({}),
    learn: (known, result) => {
      const names = rowsOf(result, 'databases').map(({ name }) => name);
      const name = known.database ?? names.find((it) => !SYSTEM_DATABASES.includes(it)) ?? names[0];
      return name === undefined ? known : { ...known, database: String(name) };
    },
  },
  { tool: 'list_schemas', args: inDatabase() },
  {
    tool: 'list_tables',
    args: inDatabase(),
    learn: (known, result) => {
      const table = objectIn(result, 'tables');
      return table === undefined ? known : { ...known, table };
    },
  },
  {
    tool: 'list_views',
    args: inDatabase(),
    learn: (known, result) => {
      const view = objectIn(result, 'views');
      return view === undefined ? known : { ...known, view };
    },
  },
  {
    tool: 'describe_table',
    args: onTable('table'),
    learn: (known, result) => {
      const [column] = rowsOf(result, 'columns');
      return column === undefined ? known : { ...known, column: String(column.name) };
    },
  },
  { tool: 'describe_view', args: onView() },
  { tool: 'search_columns', args: (known) => inDatabase({ name_contains: known.column ?? 'ID' })(known) },
  { tool: 'sample_table', args: onTable('table', { rows: 1 }) },
  { tool: 'query_view', args: onView({ limit: 1 }) },
  { tool: 'get_ddl', args: onTable('name', { object_type: 'table' }) },
  { tool: 'execute_query', args: () => ({ query: READY_SQL }) },
  { tool: 'explain_query', args: () => ({ query: READY_SQL }) },
  {
    tool: 'query_submit',
    args: () => ({ query: READY_SQL }),
    learn: (known, { query_id: id }) => (typeof id === 'string' ? { ...known, queryId: id } : known),
  },
  { tool: 'query_status', args: onQuery({ wait_seconds: 10 }) },
  { tool: 'query_result', args: onQuery({ wait_seconds: 10 }) },
  { tool: 'list_warehouses', args: () => ({}) },
];
