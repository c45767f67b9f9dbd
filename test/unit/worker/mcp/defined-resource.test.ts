/** Which resource a statement defines anew. */
import { expect, test } from 'vitest';
import { tokenize } from '../../../../src/shared/sql/lexer.ts';
import { definedResource } from '../../../../src/worker/mcp/defined-resource.ts';

const AT_HOME = { database: 'DB', schema: 'S' };

test.each<[string, string | undefined]>([
  ['CREATE TABLE t (a NUMBER)', 'snowflake://DB/S/T'],
  ['create or replace transient table if not exists other.t (a NUMBER)', 'snowflake://DB/OTHER/T'],
  ['ALTER TABLE d2.s2."Mixed name" ADD COLUMN b TEXT', 'snowflake://D2/S2/Mixed%20name'],
  ['CREATE SECURE VIEW v AS SELECT 1', 'snowflake://DB/S/V'],
  ['DROP VIEW IF EXISTS s2.v', 'snowflake://DB/S2/V'],
  ["COMMENT ON TABLE t IS 'x'", 'snowflake://DB/S/T'],
  ['GRANT SELECT ON TABLE t TO ROLE r', 'snowflake://DB/S/T'],
  ['CREATE SCHEMA s2', undefined],
  ['CREATE FUNCTION f() RETURNS TABLE (a NUMBER) AS $$ select 1 $$', undefined],
  ['DROP TABLE', undefined],
])('defined resource: %s is %s', (sql, uri) => {
  expect(definedResource(tokenize(sql), AT_HOME)).toBe(uri);
});

test('defined resource: undefined where neither the name nor the configuration has a database', () => {
  expect(definedResource(tokenize('CREATE TABLE t (a NUMBER)'), {})).toBeUndefined();
  expect(definedResource(tokenize('CREATE TABLE d.s.t (a NUMBER)'), {})).toBe('snowflake://D/S/T');
});
