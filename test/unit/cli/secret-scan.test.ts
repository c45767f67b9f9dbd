import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMask, createScan, entropyBits } from '../../../src/cli/secret-scan.ts';

const known = [{ name: 'snowflake.password', value: 'pa"ss wörd-1' }];
const scan = createScan(known);
const mask = createMask(known);

test.each([
  ['a configured value', 'x pa"ss wörd-1 y', 'the value of snowflake.password'],
  ['the same in JSON', JSON.stringify({ a: 'pa"ss wörd-1' }), 'the value of snowflake.password'],
  ['the same in a URL', `?p=${encodeURIComponent('pa"ss wörd-1')}`, 'the value of snowflake.password'],
  ['the same in base64', Buffer.from('pa"ss wörd-1').toString('base64'), 'the value of snowflake.password'],
  ['a private key', '-----BEGIN ENCRYPTED PRIVATE KEY-----', 'a private key'],
  ['a client key', `smcp_abcdefghij_${'x1'.repeat(15)}`, 'a client key'],
  ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij', 'a JSON web token'],
  ['a bearer token', 'Authorization: Bearer abcdef123456', 'a bearer token'],
  ['an old variable', 'SNOWFLAKE_PASSWORD=hunter22', 'a value named as a secret'],
  ['YAML', 'password: "hunter22"', 'a value named as a secret'],
  ['JSON in a log', '{"msg":"{\\"token\\":\\"abcdef99\\"}"}', 'a value named as a secret'],
  ['a URL', 'redis://user:hunter22@host/0', 'a password in a URL'],
])('scan: finds %s, and the mask takes it out', (_what, line, finding) => {
  expect(scan(line)).toContain(finding);
  expect(scan(mask(line))).toEqual([]);
});

test('scan: a random word is found, however it came there', () => {
  let found = 0;
  for (let at = 0; at < 200; at += 1)
    if (scan(`id ${randomBytes(30).toString('base64url')} end`).length > 0) found += 1;
  expect(found).toBeGreaterThan(150);
});

test.each([
  '{"time":"2026-11-21T13:47:33.313Z","level":"info","event":"worker.ready","msg":"worker 1 is ready","pid":16721}',
  '"query_id":"01b2c3d4-0001-2345-0000-00012345abcd","session":"a1b2c3d4"',
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'PASSWORD=***',
  'PASSWORD=$FROM_VAULT_12',
  'the token is missing: send it',
  '/var/lib/snowflake-mcp/backups/snowflake-mcp-backup-20261121T135610752Z.tar.gz',
  'mcp_request_duration_seconds_bucket{method="tools/call",tool="execute_query",le="0.005"} 0',
])('scan: says nothing of %s', (line) => {
  expect(scan(line)).toEqual([]);
});

test('entropy: is that of its letters', () => {
  expect([entropyBits('aaaa'), entropyBits('abab'), entropyBits('abcd')]).toEqual([0, 1, 2]);
});
