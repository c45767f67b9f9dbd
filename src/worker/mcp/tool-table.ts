/** The tools this server offers, in the order clients see them. A new tool is one more line here. */
import type { Tool } from './tool.ts';
import { describeTable } from './tools/describe-table.ts';
import { describeView } from './tools/describe-view.ts';
import { executeQuery } from './tools/execute-query.ts';
import { executeStatement } from './tools/execute-statement.ts';
import { explainQuery } from './tools/explain-query.ts';
import { getDdl } from './tools/get-ddl.ts';
import { listDatabases } from './tools/list-databases.ts';
import { listSchemas } from './tools/list-schemas.ts';
import { listTables } from './tools/list-tables.ts';
import { listViews } from './tools/list-views.ts';
import { listWarehouses } from './tools/list-warehouses.ts';
import { queryCancel } from './tools/query-cancel.ts';
import { queryResult } from './tools/query-result.ts';
import { queryStatus } from './tools/query-status.ts';
import { querySubmit } from './tools/query-submit.ts';
import { queryView } from './tools/query-view.ts';
import { sampleTable } from './tools/sample-table.ts';
import { searchColumns } from './tools/search-columns.ts';
import type { ToolSettings } from './tools/tool-settings.ts';
import { whoami } from './tools/whoami.ts';

/** By name, in a stable order. Built once per process: schemas are costly to make. */
export type ToolTable = ReadonlyMap<string, Tool>;

const READ_TOOLS: readonly ((settings: ToolSettings) => Tool)[] = [
  listDatabases,
  listSchemas,
  listTables,
  listViews,
  describeTable,
  describeView,
  searchColumns,
  sampleTable,
  queryView,
  getDdl,
  executeQuery,
  explainQuery,
  querySubmit,
  queryStatus,
  queryResult,
  queryCancel,
  listWarehouses,
  whoami,
];

export function createToolTable(settings: ToolSettings): ToolTable {
  const builders = settings.writeKinds.length === 0 ? READ_TOOLS : [...READ_TOOLS, executeStatement];
  const tools = builders.map((build) => build(settings));
  return new Map(tools.map((tool) => [tool.name, tool]));
}
