import { expect, test } from 'vitest';
import {
  addKey,
  type ClientKey,
  findKey,
  keyIdOf,
  keysSchema,
  looksLikeKey,
  pickKey,
  principalOf,
  revokeKey,
  rotateKey,
  stateOf,
} from '../../../src/shared/client-keys.ts';
import { redactText } from '../../../src/shared/redact.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);
const DAY = 86_400_000;
const wishes = { name: 'ci', scopes: ['read' as const] };
const mapOf = (keys: readonly ClientKey[]) => new Map(keys.map((key) => [key.id, key]));

test('keys: the secret is found again, nothing of it is kept, and no other text is taken for it', () => {
  const { keys, key, secret } = addKey([], wishes, NOW);
  expect(looksLikeKey(secret)).toBe(true);
  expect(findKey(mapOf(keys), secret, NOW)).toEqual(key);
  expect(JSON.stringify(keys)).not.toContain(secret.slice(-43));
  expect(keysSchema.safeParse({ version: 1, keys }).success).toBe(true);
  const other = addKey([], wishes, NOW).secret;
  for (const text of [other, `${secret}x`, secret.slice(0, -1), secret.toUpperCase(), '', 'smcp_']) {
    expect(findKey(mapOf(keys), text, NOW)).toBeUndefined();
  }
});

test('keys: logs keep the id of a key that slips into a text, not its secret', () => {
  const { key, secret } = addKey([], wishes, NOW);
  expect(redactText(`got ${secret} from a client`)).toBe(`got smcp_${key.id}_*** from a client`);
});

test('keys: a name belongs to one key until that is revoked', () => {
  const first = addKey([], wishes, NOW);
  const refused = expect.objectContaining({ code: 'KEY_REFUSED' });
  expect(() => addKey(first.keys, wishes, NOW)).toThrow(refused);
  const { keys } = revokeKey(first.keys, 'ci', NOW);
  const second = addKey(keys, wishes, NOW);
  expect(pickKey(second.keys, 'ci').id).toBe(second.key.id);
  expect(principalOf(second.key).id).not.toBe(principalOf(first.key).id);
});

test('keys: an expired and a revoked key are known as such', () => {
  const { keys, key } = addKey([], { ...wishes, expires: after(DAY).toISOString() }, NOW);
  expect([stateOf(key, NOW), stateOf(key, after(DAY))]).toEqual(['active', 'expired']);
  expect(stateOf(revokeKey(keys, key.id, NOW).key, NOW)).toBe('revoked');
  expect(() => revokeKey(keys, 'nobody', NOW)).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }));
});

test('rotate: old and new secret are the same principal until the overlap ends', () => {
  const first = addKey([], wishes, NOW);
  const next = rotateKey(first.keys, 'ci', { overlapMs: DAY }, NOW);
  const map = mapOf(next.keys);
  expect(findKey(map, next.secret, NOW)?.id).toBe(first.key.id);
  expect(findKey(map, first.secret, after(DAY - 1))?.id).toBe(first.key.id);
  expect(findKey(map, first.secret, after(DAY))).toBeUndefined();
  expect(principalOf(next.key)).toEqual(principalOf(first.key));
  const now = rotateKey(first.keys, 'ci', { overlapMs: 0 }, NOW);
  expect(findKey(mapOf(now.keys), first.secret, NOW)).toBeUndefined();
});

test('rotate: a key that ends gets the time to live it had, a revoked one none', () => {
  const { keys } = addKey([], { ...wishes, expires: after(10 * DAY).toISOString() }, NOW);
  const { key } = rotateKey(keys, 'ci', { overlapMs: 0 }, after(9 * DAY));
  expect(key.expires).toBe(after(19 * DAY).toISOString());
  const revoked = revokeKey(keys, 'ci', NOW).keys;
  expect(() => rotateKey(revoked, 'ci', { overlapMs: 0 }, NOW)).toThrow(
    expect.objectContaining({ code: 'KEY_REFUSED' }),
  );
});

test('principal: carries scopes, role, identity, limits and expiry, and tells its key', () => {
  const more = { role: 'ANALYST', identity: 'reporting', limits: { maxRows: 5 }, expires: after(DAY).toISOString() };
  const { key } = addKey([], { ...wishes, ...more }, NOW);
  expect(principalOf(key)).toEqual({
    id: `key:ci.${key.id}`,
    scopes: ['read'],
    role: 'ANALYST',
    identity: 'reporting',
    limits: { maxRows: 5 },
    expiresAtMs: NOW.getTime() + DAY,
  });
  expect([keyIdOf(principalOf(key).id), keyIdOf('key:0123456789ab'), keyIdOf('oauth:a.b0123456789')]).toEqual([
    key.id,
    undefined,
    undefined,
  ]);
});
