import { expect, test } from 'vitest';
import { HOME, needsNewSession, placeOf, wayTo } from '../../../../src/worker/query/place.ts';

const state = (database?: string, schema?: string) => ({ database, schema, warehouse: undefined, role: undefined });

test.each([
  [{}, undefined, HOME],
  [{ database: 'demo_db' }, undefined, 'USE DATABASE "DEMO_DB"'],
  [{ database: '"demo_db"' }, undefined, 'USE DATABASE "demo_db"'],
  [{ database: 'My Db' }, undefined, 'USE DATABASE "My Db"'],
  [{ database: 'd', schema: 's' }, undefined, 'USE SCHEMA "D"."S"'],
  [{ schema: 's' }, 'conf', 'USE SCHEMA "CONF"."S"'],
  [{ database: 'x" y' }, undefined, 'USE DATABASE "x"" y"'],
])('place: %j with the database %s is %j', (call, database, expected) => {
  expect(placeOf(call, database)).toBe(expected);
});

test('place: a schema without any database is refused', () => {
  expect(() => placeOf({ schema: 'S' }, undefined)).toThrow(/schema/);
});

test('place: a session that is there needs no statement', () => {
  expect(wayTo(HOME, HOME, undefined)).toBeUndefined();
  expect(wayTo('USE DATABASE "D"', 'USE DATABASE "D"', undefined)).toBeUndefined();
});

test('place: the way home leads to what the login set', () => {
  const away = 'USE DATABASE "D"';
  expect(wayTo(HOME, away, state('H', 'S'))).toBe('USE SCHEMA "H"."S"');
  expect(wayTo(HOME, away, state('H'))).toBe('USE DATABASE "H"');
});

test('place: only a login leads home when home has no database, or nobody knows', () => {
  expect(needsNewSession(HOME, undefined)).toBe(true);
  expect(needsNewSession(HOME, state())).toBe(true);
  expect(needsNewSession(HOME, state('H'))).toBe(false);
  expect(needsNewSession('USE DATABASE "D"', undefined)).toBe(false);
});
