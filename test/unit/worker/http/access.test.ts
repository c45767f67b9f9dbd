import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { OPERATOR } from '../../../../src/shared/principal.ts';
import { createAccess, isPlainLoopback } from '../../../../src/worker/http/access.ts';
import { createApiKeys } from '../../../../src/worker/http/api-keys.ts';
import { createAuthenticator } from '../../../../src/worker/http/authenticator.ts';
import { createChallenges } from '../../../../src/worker/http/resource-metadata.ts';

function request(headers: Record<string, string> = {}, remoteAddress: string | undefined = '127.0.0.1') {
  return { headers: { host: 'localhost:8000', ...headers }, socket: { remoteAddress } } as unknown as IncomingMessage;
}

const access = (trustLoopback: boolean | 'auto', keys: readonly string[] = [], host = 'localhost') =>
  createAccess({
    authenticator: createAuthenticator({
      keys: createApiKeys(keys),
      keyHeader: 'x-api-key',
      ring: undefined,
      tokens: undefined,
      challenges: CHALLENGES,
    }),
    challenges: CHALLENGES,
    host,
    trustLoopback,
    metricsToken: 'scrape-me',
    refusals: { note: () => {} },
  });
const CHALLENGES = createChallenges('http://localhost/mcp', undefined);
const KEYS = ['a-key-of-somebody'];
const unknown = expect.objectContaining({ code: 'UNAUTHENTICATED' });

test('loopback: only a caller on this machine that speaks for itself is plain', () => {
  expect(isPlainLoopback(request())).toBe(true);
  expect(isPlainLoopback(request({ host: '[::1]:8000' }, '::1'))).toBe(true);
  const others = [
    request({ 'x-forwarded-for': '10.0.0.1' }),
    request({ 'x-forwarded-host': 'a' }),
    request({ forwarded: 'for=1' }),
    request({ via: '1.1 proxy' }),
    request({ 'x-real-ip': '10.0.0.1' }),
    request({ 'cf-connecting-ip': '10.0.0.1' }),
    request({ origin: 'http://localhost' }),
    request({ host: 'mcp.example.com' }),
    request({ host: '' }),
    request({}, '10.0.0.1'),
  ];
  expect(others.map(isPlainLoopback)).toEqual(others.map(() => false));
});

test('loopback: a socket that is gone has no address and is not trusted', () => {
  const gone = { headers: { host: 'localhost' }, socket: {} } as unknown as IncomingMessage;
  expect(isPlainLoopback(gone)).toBe(false);
});

test('trust: by default only while bound to loopback and without client authentication', async () => {
  expect(await access('auto').require(request(), 'admin')).toBe(OPERATOR);
  await expect(access('auto', KEYS).require(request(), 'admin')).rejects.toEqual(unknown);
  await expect(access('auto', [], '0.0.0.0').require(request(), 'admin')).rejects.toEqual(unknown);
});

test('trust: the configuration may switch it on beside keys, and off without them', async () => {
  expect(await access(true, KEYS).require(request(), 'admin')).toBe(OPERATOR);
  await expect(access(true, KEYS).require(request({ via: '1.1 p' }), 'admin')).rejects.toEqual(unknown);
  await expect(access(false).require(request(), 'admin')).rejects.toEqual(unknown);
});

test('trust: a key without the scope is told which one is missing', async () => {
  const withKey = request({ 'x-api-key': KEYS[0] ?? '' });
  await expect(access('auto', KEYS).require(withKey, 'admin')).rejects.toEqual(
    expect.objectContaining({ code: 'INSUFFICIENT_SCOPE' }),
  );
  expect((await access('auto', KEYS).require(withKey, 'metrics')).id).toMatch(/^key:/);
});

test('metrics: the token opens them and nothing else', async () => {
  const scraper = request({ authorization: 'Bearer scrape-me', via: '1.1 proxy' });
  expect((await access('auto', KEYS).require(scraper, 'metrics')).id).toBe('metrics-token');
  expect((await access('auto').require(scraper, 'metrics')).id).toBe('metrics-token');
  await expect(access('auto', KEYS).require(scraper, 'admin')).rejects.toEqual(unknown);
  await expect(access('auto', KEYS).clientOf(scraper)).rejects.toEqual(unknown);
});

test('vouching: a request over the own socket is its sender, whatever else it carries', async () => {
  const doors = access('auto', KEYS);
  const handedOn = request({ 'x-api-key': 'wrong' });
  const bob = { id: 'key:bob', scopes: ['read'] as const };
  doors.vouch(handedOn, bob);
  expect(await doors.clientOf(handedOn)).toBe(bob);
  await expect(doors.require(handedOn, 'admin')).rejects.toEqual(
    expect.objectContaining({ code: 'INSUFFICIENT_SCOPE' }),
  );
});
