import { expect, test } from 'vitest';
import { decodePrincipal, encodePrincipal, type Principal } from '../../../src/shared/principal.ts';

test('principal: what the first hop found out arrives as it was', () => {
  const principal: Principal = {
    id: 'key:k_1234',
    scopes: ['read', 'admin'],
    expiresAtMs: 1_800_000_000_000,
    role: 'ANALYST "x"',
    identity: 'reporting',
    limits: { maxRows: 5 },
  };
  expect(decodePrincipal(encodePrincipal(principal))).toEqual(principal);
});

test('principal: anything else is none', () => {
  const wrong = ['', 'key:whoever', Buffer.from('{"id":"x"}').toString('base64url')];
  const odd = encodePrincipal({ id: 'a b', scopes: [] });
  const more = Buffer.from(JSON.stringify({ id: 'x', scopes: [], isAdmin: true })).toString('base64url');
  expect([...wrong, odd, more].map(decodePrincipal)).toEqual([...wrong, odd, more].map(() => undefined));
});
