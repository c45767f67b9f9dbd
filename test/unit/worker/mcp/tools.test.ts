import { expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../../src/shared/errors.ts';
import { createToolTable } from '../../../../src/worker/mcp/tool-table.ts';
import { rowsOutput } from '../../../../src/worker/mcp/tools/table-result.ts';
import { type FakeQueryService, fakeQueryService, fakeResult } from '../../../support/fake-query-service.ts';

const settings = { defaultRows: 100, maxRows: 1000, database: 'HOME', schema: 'MAIN' };
const tools = createToolTable(settings);

async function run(name: string, args: unknown, query: FakeQueryService) {
  const caller = { requestId: 'r', principal: 'p', tool: name };
  const context = { signal: new AbortController().signal, caller, query, progress: () => {} };
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(name);
  return tool.run(args, context);
}

const sqlOf = (query: FakeQueryService) => query.asked.map(({ request }) => request.sql);

test('list_views: asks for the schema when one is named, and leaves INFORMATION_SCHEMA out otherwise', async () => {
  const query = fakeQueryService(() =>
    fakeResult(
      ['created_on', 'name', 'schema_name'],
      [
        [null, 'V', 'PUBLIC'],
        [null, 'TABLES', 'INFORMATION_SCHEMA'],
      ],
    ),
  );
  const all = await run('list_views', { database: 'demo_db' }, query);
  expect(all.structured).toMatchObject({ database: 'DEMO_DB', views: [{ schema: 'PUBLIC', name: 'V' }], row_count: 1 });
  await run('list_views', { database: '"Demo"', schema: 's' }, query);
  expect(sqlOf(query)).toEqual(['SHOW VIEWS IN DATABASE "DEMO_DB"', 'SHOW VIEWS IN SCHEMA "Demo"."S"']);
});

test('describe_view: columns and definition; a hidden definition is no failure', async () => {
  const query = fakeQueryService((request) => {
    if (request.sql.includes('GET_DDL')) throw new AppError('OBJECT_NOT_FOUND', { kind: 'View', name: 'V' });
    return fakeResult(
      ['name', 'type', 'kind', 'null?', 'default', 'comment'],
      [['ID', 'NUMBER', 'COLUMN', 'N', null, 'key']],
    );
  });
  const result = await run('describe_view', { database: 'home', view_name: 'v' }, query);
  expect(result.structured).toEqual({
    database: 'HOME',
    schema: 'MAIN',
    view: 'V',
    columns: [{ name: 'ID', type: 'NUMBER', nullable: false, default: null, comment: 'key' }],
    definition: null,
  });
  expect(sqlOf(query)).toEqual(['DESCRIBE VIEW "HOME"."MAIN"."V"', `SELECT GET_DDL('VIEW', '"HOME"."MAIN"."V"')`]);
  query.asked.length = 0;
  await run('describe_view', { database: 'home', view_name: "it's \\" }, query);
  expect(sqlOf(query)[1]).toBe(`SELECT GET_DDL('VIEW', '"HOME"."MAIN"."it''s \\\\"')`);
});

test('names: a name that does not exist in upper case is tried as it was written; the first error is told', async () => {
  const notFound = (name: string) => new AppError('OBJECT_NOT_FOUND', { kind: 'View', name });
  const query = fakeQueryService((request) => {
    if (!request.sql.includes('"MyView"')) throw notFound(request.sql);
    return fakeResult(['N'], [[1]]);
  });
  await run('query_view', { database: 'DB', view_name: 'MyView' }, query);
  expect(query.asked.at(-1)?.request.sql).toBe('SELECT * FROM "DB"."PUBLIC"."MyView" LIMIT 11');
  const failing = run('query_view', { database: 'DB', view_name: 'Other' }, query);
  await expect(failing).rejects.toThrow('"OTHER"');
});

test('execute_query: limits are cut to the configured most, and the answer fits its schema', async () => {
  const query = fakeQueryService(() => fakeResult(['N'], [['12345678901234567890']]));
  const args = { query: 'select 1', limit: 5000, database: 'a', schema: 'b', format: 'csv' };
  const result = await run('execute_query', args, query);
  expect(query.asked[0]?.request).toMatchObject({ sql: 'select 1', maxRows: 1000, database: 'a', schema: 'b' });
  expect(result.text).toBe('N\r\n12345678901234567890\r\n');
  expect(() => z.strictObject(rowsOutput.shape).parse(result.structured)).not.toThrow();
});

test('arguments: every fault is named, none is echoed', async () => {
  const call = run('query_view', { database: '', limit: 0, extra: 'hunter2' }, fakeQueryService());
  await expect(call).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  const error = (await call.catch((thrown: unknown) => thrown)) as AppError;
  for (const word of ['database', 'view_name', 'limit', 'extra']) expect(error.message).toContain(word);
  expect(error.message).not.toContain('hunter2');
});
