/** DuckDB's messages in Snowflake's words: codes, names, and places in the client's own text. */
import { expect, test } from 'vitest';
import { fromDuckDb, SnowflakeError } from '../../../src/embedded/errors.ts';

const CASES: readonly (readonly [duckDb: string, code: string, sqlState: string, message: string])[] = [
  [
    'Catalog Error: Table with name ABSENT does not exist!\nDid you mean "pg_enum"?\n\nLINE 1: select * from ABSENT\n                      ^',
    '002003',
    '42S02',
    "SQL compilation error:\nObject 'ABSENT' does not exist or not authorized.",
  ],
  [
    'Catalog Error: Table with name "S.T" does not exist because schema "S" does not exist.',
    '002003',
    '02000',
    "SQL compilation error:\nSchema 'S' does not exist or not authorized.",
  ],
  [
    'Binder Error: Catalog "NODB" does not exist!',
    '002003',
    '02000',
    "SQL compilation error:\nDatabase 'NODB' does not exist or not authorized.",
  ],
  [
    'Parser Error: syntax error at or near "FROM"\n\nLINE 2: FROM FROM T\n             ^',
    '001003',
    '42000',
    "SQL compilation error:\nsyntax error line 2 at position 5 unexpected 'FROM'.",
  ],
  [
    'Binder Error: Referenced column "NOPE" not found in FROM clause!\nCandidate bindings: "A"\n\nLINE 1: select NOPE from T\n               ^',
    '000904',
    '42000',
    "SQL compilation error: error line 1 at position 7\ninvalid identifier 'NOPE'",
  ],
  [
    'Catalog Error: Scalar Function with name nofn does not exist!',
    '002140',
    '42601',
    'SQL compilation error:\nUnknown function NOFN.',
  ],
  ['INTERRUPT Error: Interrupted!', '000604', '57014', 'SQL execution canceled'],
  ['Constraint Error: NOT NULL constraint failed: T.A', '100072', '22000', 'NULL result in a non-nullable column'],
  [
    "Conversion Error: Could not convert string 'abc' to INT32",
    '100038',
    '22018',
    "Numeric value 'abc' is not recognized",
  ],
  ['Invalid Input Error: [100051/22012] Division by zero', '100051', '22012', 'Division by zero'],
];

test.each(CASES)('errors: %j', (duckDb, code, sqlState, message) => {
  const { code: gotCode, sqlState: gotState, message: gotMessage } = fromDuckDb(new Error(duckDb));
  expect([gotCode, gotState, gotMessage]).toEqual([code, sqlState, message]);
});

test('errors: a place is told in the text of the client, not in the translated one', () => {
  const duckDb =
    'Binder Error: Referenced column "NOPE" not found in FROM clause!\n\nLINE 1: SELECT A, NOPE FROM T\n                  ^';
  expect(fromDuckDb(new Error(duckDb), 'select a,\n  nope\nfrom t').message).toContain('error line 2 at position 2');
});

test('errors: a word that only the translation has is told as the end of the text', () => {
  const duckDb =
    'Failed to extract statements: Parser Error: syntax error at or near "AS"\n\nLINE 1: SELECT 1 + AS "1 +"\n                   ^';
  expect(fromDuckDb(new Error(duckDb), 'select 1 +').message).toContain("line 1 at position 10 unexpected '<EOF>'");
});

test('errors: a failure that nobody foresaw is internal and tells nothing of the engine', () => {
  const { code, message } = fromDuckDb(new Error('IO Error: /secret/path'));
  expect(code).toBe('000603');
  expect(message).not.toContain('secret');
});

test('errors: a Snowflake error passes through as it is', () => {
  const error = new SnowflakeError('002003', '42S02', 'text');
  expect(fromDuckDb(error, 'select 1')).toBe(error);
});
