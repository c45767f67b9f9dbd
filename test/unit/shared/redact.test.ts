import { expect, test } from 'vitest';
import { redact, redactSql, redactText } from '../../../src/shared/redact.ts';

test.each([
  ['a bearer token', 'Authorization: Bearer abcdef123456', 'abcdef123456'],
  ['a short bearer token alone', 'bearer abcdef', 'abcdef'],
  ['a session token of the driver', 'Snowflake Token="v1-secret-token"', 'v1-secret-token'],
  ['the secret part of a key of ours', `a client with smcp_abcdefghi0_${'k'.repeat(24)} came`, 'k'.repeat(24)],
  ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln', 'eyJhbGciOiJSUzI1NiJ9'],
  ['a password pair', 'login failed: password=hunter2; user=x', 'hunter2'],
  ['a quoted password', 'pwd: "two words"', 'two words'],
  ['a password in a URL', 'http://user:hunter2@proxy:3128', 'hunter2'],
  ['a PEM block', '-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----', 'MIIEv'],
  ['a PEM block cut short', 'x -----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIEv', 'MIIEv'],
])('redactText: %s is taken out', (_name, text, secret) => {
  expect(redactText(text)).not.toContain(secret);
});

test('redactText: ordinary facts stay as they are', () => {
  for (const text of [
    'execute_query',
    '4a65f037-fc4a-4b3c-b884-693f8fddf90e',
    'Object X does not exist',
    'worker 1 is ready',
    '',
  ]) {
    expect(redactText(text)).toBe(text);
  }
});

test('redact: values under secret keys go at every depth, the rest stays', () => {
  const value = {
    user: 'A',
    password: 'p1',
    nested: [{ private_key: 'p2', apiKey: 'p3', token: 'p4', n: 1 }],
    at: new Date(0),
  };
  const text = JSON.stringify(redact(value));
  for (const secret of ['p1', 'p2', 'p3', 'p4']) expect(text).not.toContain(secret);
  expect(text).toContain('"user":"A"');
  expect(text).toContain('1970-01-01');
});

test('redact: a deep, wide or circular object costs little and does not throw', () => {
  const circular: Record<string, unknown> = {
    wide: Array.from({ length: 10_000 }, (_, i) => i),
    long: 'x'.repeat(100_000),
  };
  circular.self = circular;
  expect(JSON.stringify(redact(circular)).length).toBeLessThan(100_000);
});

test.each([
  ["SELECT * FROM T WHERE SSN = '123-45-6789'", 'SELECT * FROM T WHERE SSN = ?'],
  ["SELECT 'it''s', 'a\\'b' FROM T", 'SELECT ?, ? FROM T'],
  ['SELECT $$secret$$, 42.5 -- note\nFROM T', 'SELECT ?, ? FROM T'],
  ["SELECT 'unfinished", 'SELECT ?'],
  ['SELECT 1e308, 5e-324, .5, T1.C2, $1 FROM T1', 'SELECT ?, ?, ?, T1.C2, $1 FROM T1'],
])('redactSql: the literals of %s become marks', (sql, shape) => {
  expect(redactSql(sql)).toBe(shape);
});

test('redactSql: marks inside quoted names open no string, so that no literal comes out', () => {
  expect(redactSql(`SELECT "it's", 'hidden', "o''k" FROM t`)).toBe(`SELECT "it's", ?, "o''k" FROM t`);
  expect(redactSql(`SELECT "a--b", "a$$b", "a/*b", 'hidden' FROM t`)).toBe(`SELECT "a--b", "a$$b", "a/*b", ? FROM t`);
  expect(redactSql(`SELECT 'say "x', 'hidden' FROM t`)).toBe('SELECT ?, ? FROM t');
  expect(redactSql(`SELECT "open, 'hidden'`)).toBe('SELECT ?');
});

test('redact: a secret named by an environment variable loses its value too', () => {
  expect(redactText('env SNOWFLAKE_PASSWORD=hunter2 SNOWFLAKE_PRIVATE_KEY_PASSPHRASE="a b" API_KEY: k1')).toBe(
    'env SNOWFLAKE_PASSWORD=*** SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=*** API_KEY: ***',
  );
});

test('redact: a hostile object costs a hundred fields, and its prototype stays its own', () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at]));
  expect(Object.keys(redact(wide) as object)).toHaveLength(100);
  const copy = redact(JSON.parse('{"__proto__": {"polluted": true}}')) as { polluted?: boolean };
  expect(copy.polluted).toBeUndefined();
  expect(Object.keys(copy)).toEqual(['__proto__']);
});
