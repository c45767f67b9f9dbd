import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ANONYMOUS, requireScope } from '../../../../src/shared/principal.ts';
import { createApiKeys } from '../../../../src/worker/http/api-keys.ts';
import { createAuthenticator, refuseCredentialsInAddress } from '../../../../src/worker/http/authenticator.ts';
import { createChallenges } from '../../../../src/worker/http/resource-metadata.ts';

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage;
const of = (keys: readonly string[]) =>
  createAuthenticator({
    keys: createApiKeys(keys),
    keyHeader: 'X-API-Key',
    ring: undefined,
    tokens: undefined,
    challenges: createChallenges('http://localhost/mcp', undefined),
  });
const unknown = expect.objectContaining({ code: 'UNAUTHENTICATED' });

test('authenticator: a key is taken from the bearer token or from the configured header', async () => {
  const { authenticate } = of(['first-key-123']);
  const bearer = await authenticate(request({ authorization: 'bearer first-key-123' }));
  const header = await authenticate(request({ 'x-api-key': 'first-key-123' }));
  expect(bearer.id).toMatch(/^key:/);
  expect(header).toEqual(bearer);
});

test('authenticator: no key, a wrong one and another scheme are all unknown callers', async () => {
  const { authenticate, isRequired } = of(['first-key-123']);
  expect(isRequired).toBe(true);
  for (const headers of [{}, { 'x-api-key': 'first-key-12' }, { authorization: 'Basic first-key-123' }]) {
    await expect(authenticate(request(headers as Record<string, string>))).rejects.toEqual(unknown);
  }
});

test('authenticator: a wrong Authorization is not made good by a right key beside it', async () => {
  const both = request({ authorization: 'Bearer nope', 'x-api-key': 'first-key-123' });
  await expect(of(['first-key-123']).authenticate(both)).rejects.toEqual(unknown);
});

test('authenticator: without any key everybody is anonymous', async () => {
  const none = of([]);
  expect(none.isRequired).toBe(false);
  expect(await none.authenticate(request({ authorization: 'Bearer whatever' }))).toBe(ANONYMOUS);
});

test('authenticator: a key in the address is refused, even a right one', () => {
  for (const url of ['/mcp?api_key=k', '/mcp?x=1&access_token=k', '/status?TOKEN=k', '/mcp?api-key=k']) {
    expect(() => refuseCredentialsInAddress(url)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  }
  expect(() => refuseCredentialsInAddress('/mcp?monkey=1')).not.toThrow();
});

test('scopes: what is missing is named, and admin opens metrics but not tools', () => {
  const admin = { id: 'a', scopes: ['admin'] as const };
  expect(() => requireScope(admin, 'metrics')).not.toThrow();
  expect(() => requireScope(admin, 'read')).toThrow(
    expect.objectContaining({ code: 'INSUFFICIENT_SCOPE', details: { scope: 'read' } }),
  );
});
