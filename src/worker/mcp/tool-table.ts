/** The tools this server offers, in the order clients see them. A new tool is one more line here. */
import type { Tool } from './tool.ts';
import { describeView } from './tools/describe-view.ts';
import { executeQuery } from './tools/execute-query.ts';
import { listDatabases } from './tools/list-databases.ts';
import { listViews } from './tools/list-views.ts';
import { queryView } from './tools/query-view.ts';
import type { ToolSettings } from './tools/tool-settings.ts';

/** By name, in a stable order. Built once per process: schemas are costly to make. */
export type ToolTable = ReadonlyMap<string, Tool>;

export function createToolTable(settings: ToolSettings): ToolTable {
  const tools = [listDatabases, listViews, describeView, queryView, executeQuery].map((build) => build(settings));
  return new Map(tools.map((tool) => [tool.name, tool]));
}
