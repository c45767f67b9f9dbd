/** The tools as clients see them: an unrecorded change of a name, a schema or a default fails here. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createToolTable } from '../../../../src/worker/mcp/tool-table.ts';
import { toolSettings } from '../../../../src/worker/mcp/tools/tool-settings.ts';

const SNAPS = fileURLToPath(new URL('./__toolsnaps__/', import.meta.url));
const readOnly = createToolTable(toolSettings(configSchema.parse({})));
const tools = createToolTable(toolSettings(configSchema.parse({ policy: { write_sql_commands: ['insert'] } })));
/** Optional arguments that the kept tools did not have. */
const ADDED = ['format', 'cursor', 'page_size', 'timeout_seconds'];
const isUpdating = process.env.UPDATE_TOOLSNAPS === '1';

const NAMES =
  'list_databases list_schemas list_tables list_views describe_table describe_view search_columns sample_table query_view get_ddl execute_query explain_query query_submit query_status query_result query_cancel list_warehouses whoami'.split(
    ' ',
  );

test('tools: all are there, in a stable order; the write tool only where the policy opens a write', () => {
  expect([...readOnly.keys()]).toEqual(NAMES);
  expect([...tools.keys()]).toEqual([...NAMES, 'execute_statement']);
});

test('tools: only the ones that change something say so, and the write tool that it may destroy', () => {
  const changing = [...tools.values()].filter((tool) => !tool.annotations.readOnlyHint).map((tool) => tool.name);
  expect(changing).toEqual(['query_cancel', 'execute_statement']);
  expect(tools.get('execute_statement')?.annotations).toMatchObject({ destructiveHint: true, idempotentHint: false });
});

test('tools: what a client keeps in its context stays small', () => {
  const size = (tool: object) => JSON.stringify(tool).length;
  const list = [...readOnly.values()].map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  expect(list.filter((tool) => tool.description.length > 300)).toEqual([]);
  // About four characters make a token.
  expect(size(list) / 4).toBeLessThan(4500);
});

test.each([...tools.values()])('tools: $name is as recorded (UPDATE_TOOLSNAPS=1 records)', (tool) => {
  const { run: _run, ...definition } = tool;
  const file = `${SNAPS}${tool.name}.json`;
  if (isUpdating || !existsSync(file)) {
    expect(isUpdating, `${file} is missing`).toBe(true);
    mkdirSync(SNAPS, { recursive: true });
    writeFileSync(file, `${JSON.stringify(definition, null, 2)}\n`);
  }
  expect(JSON.parse(JSON.stringify(definition))).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

test('tools: kept names of arguments and their defaults', () => {
  const of = (name: string) =>
    tools.get(name)?.inputSchema as unknown as { properties: Record<string, { default?: unknown }> };
  const names = (name: string) => Object.keys(of(name).properties).filter((argument) => !ADDED.includes(argument));
  expect(names('list_databases')).toEqual([]);
  expect(names('list_views')).toEqual(['database', 'schema']);
  expect(names('describe_view')).toEqual(['database', 'view_name', 'schema']);
  expect(names('query_view')).toEqual(['database', 'view_name', 'schema', 'limit']);
  expect(names('execute_query')).toEqual(['query', 'database', 'schema', 'limit', 'use_transaction', 'auto_commit']);
  expect(of('query_view').properties.limit?.default).toBe(10);
  expect(of('execute_query').properties.limit?.default).toBe(100);
});
