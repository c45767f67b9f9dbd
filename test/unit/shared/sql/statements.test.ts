import { expect, test } from 'vitest';
import { tokenize } from '../../../../src/shared/sql/lexer.ts';
import { firstVerb, splitStatements, splitTokens } from '../../../../src/shared/sql/statements.ts';

const verbOf = (sql: string): string => firstVerb(tokenize(sql));

test('statements: a semicolon inside strings, names, comments and dollar strings does not split', () => {
  const sql = `SELECT 'a;b', "c;d", $$e;f$$ /* g;h */ -- i;j\n; SELECT 2;`;
  expect(splitStatements(sql).map((statement) => statement.tokens.at(-1)?.text)).toEqual(['$$e;f$$', '2']);
});

test('statements: empty ones are dropped, and offsets point into the whole text', () => {
  const sql = ';; /* x */ select 1 ; ; select 2 -- end';
  const statements = splitStatements(sql);
  expect(statements.map((statement) => statement.text)).toEqual(['select 1', 'select 2']);
  expect(statements.map((statement) => sql.slice(statement.start, statement.end))).toEqual(['select 1', 'select 2']);
});

test('statements: the token limit is passed on', () => {
  expect(() => splitStatements('a b c', 2)).toThrow('too-many-tokens');
});

test('statements: another mark splits the same way', () => {
  const sql = "SHOW TABLES ->> SELECT '->>' FROM $1";
  expect(splitTokens(sql, tokenize(sql), '->>').map((part) => part.text)).toEqual([
    'SHOW TABLES',
    "SELECT '->>' FROM $1",
  ]);
});

test('statements: the first verb is found behind parentheses and common table expressions', () => {
  expect(verbOf('select 1')).toBe('SELECT');
  expect(verbOf('((values (1)))')).toBe('VALUES');
  expect(verbOf('WITH a AS (SELECT 1) DELETE FROM t')).toBe('DELETE');
  expect(verbOf('WITH RECURSIVE a(x, y) AS (SELECT 1, (2)), "b" AS (SELECT 3) (SELECT 4)')).toBe('SELECT');
  expect(verbOf('WITH recursive AS (SELECT 1) SELECT 2')).toBe('SELECT');
  expect(verbOf('WITH a AS (SELECT 1) (WITH b AS (SELECT 2) INSERT INTO t')).toBe('INSERT');
  expect(verbOf('-- c\n/* d */ drop table t')).toBe('DROP');
});

test('statements: a list after WITH that is not plain leaves the verb WITH', () => {
  expect(verbOf('WITH p AS PROCEDURE () RETURNS INT AS $$x$$ CALL p()')).toBe('WITH');
  expect(verbOf('WITH a AS (SELECT 1')).toBe('');
  expect(verbOf("'text'")).toBe('');
});
