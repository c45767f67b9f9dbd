/**
 * The rewriter: what becomes of a query's text before DuckDB sees it.
 */
import { expect, test } from 'vitest';
import { foldTokens } from '../../../src/embedded/sql/nodes.ts';
import { rewrite } from '../../../src/embedded/sql/rewrite.ts';
import { selectHints } from '../../../src/embedded/sql/select-names.ts';
import type { Bind, EmbeddedSession } from '../../../src/embedded/statement.ts';
import { tokenize } from '../../../src/shared/sql/lexer.ts';

const session: EmbeddedSession = {
  id: '1',
  user: 'U',
  connection: {
    run: () => Promise.reject(new Error('the rewriter runs nothing')),
    runAll: () => Promise.reject(new Error('the rewriter runs nothing')),
    interrupt: () => {},
    release: () => {},
    close: () => {},
    shared: { hasOffsets: false },
    temporaryPrefix: 'SF$TEMP1$',
  },
  database: 'DB',
  schema: 'S',
  warehouse: undefined,
  role: 'R',
  parameters: new Map(),
  variables: new Map([
    ['N', '5'],
    ['NAME', `o'x`],
  ]),
  queryIds: [],
};

const rewritten = (source: string, binds: readonly Bind[] = []) =>
  rewrite(foldTokens(tokenize(source)), { session, binds, source });

test('rewrite: an item without an alias is named by its own text', () => {
  expect(rewritten('select a, count(*), b + 1 c from t')).toBe('SELECT A , COUNT(*) AS "COUNT(*)" , B + 1 C FROM "T"');
});

test('rewrite: the name of an item comes from the text as written, not from what it becomes', () => {
  expect(rewritten('select nvl(a,  0)')).toBe('SELECT COALESCE(A, 0) AS "NVL(A, 0)"');
});

test('rewrite: text of the client is quoted afresh and never pasted', () => {
  expect(rewritten(`select 'it''s \\'x\\'' as v`)).toBe(`SELECT 'it''s ''x''' AS V`);
  expect(rewritten('select ? as v', [{ type: 'TEXT', value: `a'b` }])).toBe(`SELECT 'a''b' AS V`);
  expect(rewritten('select $n + 1 as v, $name as w')).toBe(`SELECT 5 + 1 AS V , 'o''x' AS W`);
});

test('rewrite: a number in a bind that is no number stays text', () => {
  expect(rewritten('select ? as v', [{ type: 'FIXED', value: '1); drop table x' }])).toBe(
    `SELECT CAST('1); drop table x' AS DOUBLE) AS V`,
  );
});

test('rewrite: paths keep the case of keys, names are folded', () => {
  expect(rewritten('select v:Name.b[0] as x from t')).toBe(`SELECT json_extract(V, '$."Name"."b"[0]') AS X FROM "T"`);
});

test('rewrite: a table name is quoted, and a common table expression keeps its columns', () => {
  expect(rewritten('with c (a) as (select 1) select a from c')).toBe(
    'WITH C (A) AS (SELECT 1 AS "1") SELECT A FROM "C"',
  );
});

test('rewrite: words that only DuckDB reserves are names', () => {
  expect(rewritten('select analyze as v from t')).toBe('SELECT "ANALYZE" AS V FROM "T"');
});

test('rewrite: a statement in brackets that do not pair is a syntax error', () => {
  expect(() => rewritten('select (1')).toThrow(/syntax error/);
  expect(() => rewritten('select 1)')).toThrow(/syntax error/);
});

test('rewrite: nothing that is not listed as a function passes, however it is written', () => {
  for (const call of ['read_csv', '"read_csv"', 'a.read_csv', '"A"."read_csv"', 'pragma_version', 'columns']) {
    expect(() => rewritten(`select ${call}('x')`)).toThrow(/Unknown/);
    expect(() => rewritten(`select * from ${call}('x') as (a)`)).toThrow(/Unknown|does not exist/);
    expect(() => rewritten(`select * from t, ${call}('x') as (a)`)).toThrow(/Unknown|does not exist/);
  }
});

test('hints: tell arrays, objects and zoned timestamps by the text of the select list', () => {
  const hints = (sql: string) => selectHints(foldTokens(tokenize(sql))).map(({ hint }) => hint);
  expect(
    hints(`select array_agg(x) l, object_construct('a', 1), a::array, ts::timestamp_tz, x:a, array_size(a) from t`),
  ).toEqual(['ARRAY', 'OBJECT', 'ARRAY', 'TIMESTAMP_TZ', undefined, undefined]);
  expect(hints('select a, *, split(b, 1) from t')).toEqual([undefined]);
});
