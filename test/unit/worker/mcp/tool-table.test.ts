/** The tools as clients see them: an unrecorded change of a name, a schema or a default fails here. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createToolTable } from '../../../../src/worker/mcp/tool-table.ts';
import { toolSettings } from '../../../../src/worker/mcp/tools/tool-settings.ts';

const SNAPS = fileURLToPath(new URL('./__toolsnaps__/', import.meta.url));
const tools = createToolTable(toolSettings(configSchema.parse({})));
const isUpdating = process.env.UPDATE_TOOLSNAPS === '1';

test('tools: the kept tools are there, in a stable order', () => {
  expect([...tools.keys()]).toEqual(['list_databases', 'list_views', 'describe_view', 'query_view', 'execute_query']);
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
  const names = (name: string) => Object.keys(of(name).properties).filter((argument) => argument !== 'format');
  expect(names('list_databases')).toEqual([]);
  expect(names('list_views')).toEqual(['database', 'schema']);
  expect(names('describe_view')).toEqual(['database', 'view_name', 'schema']);
  expect(names('query_view')).toEqual(['database', 'view_name', 'schema', 'limit']);
  expect(names('execute_query')).toEqual(['query', 'database', 'schema', 'limit', 'use_transaction', 'auto_commit']);
  expect(of('query_view').properties.limit?.default).toBe(10);
  expect(of('execute_query').properties.limit?.default).toBe(100);
});
