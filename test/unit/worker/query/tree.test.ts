/** What the walk refuses by itself, with trees that the lexer's half would never let come this far. */
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../../src/worker/query/policy.ts';
import { checkTree } from '../../../../src/worker/query/tree.ts';

const name = (value: string, quoted = false) => [{ Identifier: { value, quote_style: quoted ? '"' : null } }];
const table = (more: object = {}) => ({ Table: { name: name('T'), ...more } });
const query = (relation: object, projection: readonly object[] = [{ Wildcard: {} }]) => ({
  Query: { body: { Select: { projection, from: [{ relation }] } } },
});
const call = (value: string, quoted = false) => ({ Function: { name: name(value, quoted), uses_odbc_syntax: false } });

const verdict = (...statements: object[]) => {
  const found = checkTree(statements, 1, DEFAULT_POLICY);
  return 'verdict' in found ? found.reason : [...found.keys()];
};

test('tree: one query is walked to its table and its calls', () => {
  expect(verdict(query(table()))).toEqual(['T']);
  expect(verdict(query(table(), [{ UnnamedExpr: call('UPPER') }]))).toEqual(['T']);
});

test('tree: more than one statement, and a root that is more or other than a query, are refused', () => {
  expect(verdict(query(table()), query(table()))).toBe('multiple-statements');
  expect(verdict({ ...query(table()), Drop: {} })).toBe('statement-kind');
  expect(verdict({ Explain: query(table()) })).toBe('statement-kind');
});

test('tree: an unknown construct is refused, a known write as one', () => {
  expect(verdict(query(table({ teleport: { on: true } })))).toBe('syntax');
  expect(verdict(query({ Insert: { table: name('T') } }))).toBe('write');
});

test('tree: a built-in function with a quoted name is an owner of that name', () => {
  expect(verdict(query(table(), [{ UnnamedExpr: call('UPPER', true) }]))).toBe('function');
  expect(verdict(query(table(), [{ UnnamedExpr: call('MY_UDF') }]))).toBe('function');
});

test('tree: a type among the columns of an alias, and a version that is no time travel, are refused', () => {
  const columns = [{ name: { value: 'a' }, data_type: { Int: null } }];
  expect(verdict(query(table({ alias: { name: { value: 'x' }, columns } })))).toBe('syntax');
  expect(verdict(query(table({ version: { Function: call('MY_UDF') } })))).toBe('syntax');
  expect(verdict(query(table({ version: { Function: call('AT') } })))).toEqual(['T']);
});

test('tree: a query that the lexer sees and the tree does not have is refused', () => {
  expect(checkTree([query(table())], 2, DEFAULT_POLICY)).toMatchObject({ reason: 'unparseable' });
});
