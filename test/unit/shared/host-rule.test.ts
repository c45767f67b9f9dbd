import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { createHostRule, hostName, isLoopback } from '../../../src/shared/host-rule.ts';

test('loopback: only what no other machine reaches', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]', 'LOCALHOST']) {
    expect([host, isLoopback(host)]).toEqual([host, true]);
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.org',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '',
  ]) {
    expect([host, isLoopback(host)]).toEqual([host, false]);
  }
});

test('host: a name is read without port, brackets and final dot', () => {
  expect(['a:1', '[::1]', 'A.b.'].map(hostName)).toEqual(['a', '::1', 'a.b']);
  expect(hostName('a b')).toBeUndefined();
});

test('host: on a wildcard address the name of this machine and any address pass, a foreign name does not', () => {
  const rule = createHostRule({ host: '::', allowedHosts: [] });
  expect([hostname(), '10.1.2.3:80', '[fe80::1]', '127.3.3.3'].map(rule.allows)).toEqual([true, true, true, true]);
  expect(['evil.example', '', undefined].map(rule.allows)).toEqual([false, false, false]);
});

test('host: a star allows every Host, but does not make every name known', () => {
  const rule = createHostRule({ host: 'localhost', allowedHosts: ['*'] });
  expect(rule.allows('evil.example')).toBe(true);
  expect(rule.allows(undefined)).toBe(true);
  expect(rule.knows('evil.example')).toBe(false);
});
