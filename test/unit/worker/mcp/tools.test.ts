import { expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../../src/shared/clock.ts';
import { AppError } from '../../../../src/shared/errors.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { Handles } from '../../../../src/worker/mcp/handles.ts';
import type { ToolContext } from '../../../../src/worker/mcp/tool.ts';
import { createToolTable } from '../../../../src/worker/mcp/tool-table.ts';
import { rowsOutput } from '../../../../src/worker/mcp/tools/table-result.ts';
import { type FakeQueryService, fakeQueryService, fakeResult } from '../../../support/fake-query-service.ts';

const settings = {
  defaultRows: 100,
  maxRows: 1000,
  database: 'HOME',
  schema: 'MAIN',
  readKinds: ['select'],
  writeKinds: ['insert'],
  writeWithoutConfirmation: false,
};
const tools = createToolTable(settings);

async function run(
  name: string,
  args: unknown,
  query: FakeQueryService,
  handles = handlesFor(query),
  confirm: ToolContext['confirm'] = async () => 'impossible',
) {
  const caller = { requestId: 'r', principal: 'p', scopes: [], tool: name };
  const context = {
    signal: new AbortController().signal,
    caller,
    query,
    handles,
    confirm,
    progress: () => {},
  };
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(name);
  return tool.run(args, context);
}

function handlesFor(query: FakeQueryService): Handles {
  const log = createLog({ level: 'error', format: 'json', stream: process.stderr });
  return new Handles({ shared: undefined, query, clock: systemClock, log, ttlMs: 1000, sweepMs: 1000, max: 2 });
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

test.each([
  ['list_schemas', { database: '"my ""db"' }, 'SHOW SCHEMAS IN DATABASE "my ""db"'],
  ['list_tables', { database: 'd', name_contains: "o'x" }, `SHOW TABLES LIKE '%o''x%' IN DATABASE "D"`],
  [
    'search_columns',
    { database: 'd', schema: 's', name_contains: 'a%b\\' },
    `SHOW COLUMNS LIKE '%a_b_%' IN SCHEMA "D"."S"`,
  ],
  ['describe_table', { database: 'd', table: 'a.b' }, 'DESCRIBE TABLE "D"."PUBLIC"."a.b"'],
  [
    'sample_table',
    { database: 'd', table: 'x"; DROP', rows: 5 },
    'SELECT * FROM "D"."PUBLIC"."x""; DROP" SAMPLE (5 ROWS)',
  ],
  ['get_ddl', { object_type: 'schema', database: 'd', schema: "it's" }, `SELECT GET_DDL('SCHEMA', '"D"."it''s"')`],
  ['explain_query', { query: 'SELECT 1' }, 'EXPLAIN USING TABULAR SELECT 1'],
])('%s: names reach Snowflake quoted, texts as constants', async (name, args, sql) => {
  const query = fakeQueryService(() => fakeResult([], []));
  await run(name, args, query);
  expect(sqlOf(query)).toEqual([sql]);
});

test('get_ddl: what is missing for the type is named', async () => {
  await expect(run('get_ddl', { object_type: 'schema', database: 'd' }, fakeQueryService())).rejects.toThrow('schema');
  await expect(run('get_ddl', { object_type: 'view', database: 'd' }, fakeQueryService())).rejects.toThrow('name');
});

test('query_result: the wait ends with the statement; its pages follow each other', async () => {
  const query = fakeQueryService();
  const handles = handlesFor(query);
  const submitted = await run('query_submit', { query: 'SELECT 1' }, query, handles);
  const id = String(submitted.structured.query_id);
  const found = query.statements.get(id);
  if (found === undefined) throw new Error('nothing was submitted');
  const none = await run('query_result', { query_id: id, wait_seconds: 0 }, query, handles);
  expect(none.structured).toEqual({ query_id: id, state: 'running', row_count: 0 });
  found.rows = [[1], [2], [3]];
  found.state = 'succeeded';
  const first = await run('query_result', { query_id: id, page_size: 2 }, query, handles);
  expect(first.structured).toMatchObject({ rows: [[1], [2]], total_rows: 3 });
  expect(first.note).toContain('Rows 1 to 2 of 3.');
  const rest = await run('query_result', { query_id: id, cursor: first.structured.next_cursor }, query, handles);
  expect(rest.structured).toMatchObject({ rows: [[3]], row_count: 1 });
  expect(rest.structured.next_cursor).toBeUndefined();
  const wrong = run('query_result', { query_id: id, cursor: 'eHguMQ' }, query, handles);
  await expect(wrong).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});

test('execute_statement: nothing is sent without a yes', async () => {
  const query = fakeQueryService();
  await expect(run('execute_statement', { statement: 'INSERT' }, query)).rejects.toMatchObject({
    code: 'WRITE_UNCONFIRMED',
  });
  expect(query.asked).toEqual([]);
});

test('execute_statement: nothing in the text that a person is asked about is hidden', async () => {
  const asked: string[] = [];
  const ask = (statement: string) =>
    run('execute_statement', { statement }, fakeQueryService(), undefined, async (question) => {
      asked.push(question);
      return 'declined';
    }).catch(() => undefined);
  await ask("DELETE FROM t -- \u202e'x' =\u200b a\u00ad\r\n WHERE a\t= 1");
  await ask(`DELETE FROM t WHERE a = 1${' '.repeat(3000)}OR TRUE`);
  await ask(`DELETE FROM t WHERE a = 1${'\n'.repeat(60)}OR TRUE`);
  await ask(`DELETE FROM t WHERE a IN (${'1, '.repeat(9000)}1) OR TRUE`);
  const [marks, blanks, lines, long] = asked.map((question) => question.split('\n\n'));
  expect(marks?.[1]).toBe("DELETE FROM t -- \\u{202e}'x' =\\u{200b} a\\u{ad}\r\n WHERE a\t= 1");
  expect(blanks?.[1]).toBe('DELETE FROM t WHERE a = 1 [3000 blanks] OR TRUE');
  expect(lines?.[1]).toBe('DELETE FROM t WHERE a = 1 [60 blanks] OR TRUE');
  expect(long?.[0]).toContain('Only the first 20000 of its 27036 characters are shown here');
  expect(long?.[1]).toHaveLength(20_000);
});

test.each([
  ['list_tables', { database: 'a\0b' }, /database: has a control character/],
  ['list_tables', { database: 'd', name_contains: 'x\u0007' }, /name_contains: has a control character/],
  ['search_columns', { database: 'd', name_contains: '\ud800' }, /name_contains/],
  ['describe_table', { database: 'd', table: 't\u001b' }, /table: has a control character/],
  ['execute_query', { query: 'SELECT 1', schema: 's\0' }, /schema: has a control character/],
  ['get_ddl', { object_type: 'table', database: 'd', name: 'n\u007f' }, /name: has a control character/],
])('%s: a name that Snowflake cannot hold is told before anything is asked', async (name, args, message) => {
  const query = fakeQueryService(() => fakeResult([], []));
  const failed = run(name, args, query);
  await expect(failed).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(failed).rejects.toThrow(message);
  expect(query.asked).toEqual([]);
});

test('names: other scripts, spaces, tabs and whole pairs of a character are names like others', async () => {
  const query = fakeQueryService(() => fakeResult(['name'], []));
  await run('list_tables', { database: '"Über \t \u{1f600}"' }, query);
  expect(sqlOf(query)).toEqual(['SHOW TABLES IN DATABASE "Über \t \u{1f600}"']);
});
