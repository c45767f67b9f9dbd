import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ANONYMOUS, createApiKeys } from '../../../../src/worker/http/api-keys.ts';

const request = (headers: Record<string, string>, url = '/mcp') => ({ headers, url }) as unknown as IncomingMessage;

test('keys: bearer or header, each its own principal that does not tell the key', () => {
  const keys = createApiKeys(['first-key-123', 'second-key-456'], 'X-API-Key');
  const first = keys.principalOf(request({ authorization: 'Bearer first-key-123' }));
  const second = keys.principalOf(request({ 'x-api-key': 'second-key-456' }));
  expect(first).toMatch(/^key:[0-9a-f]{12}$/);
  expect(first).not.toBe(second);
  expect(keys.principalOf(request({ 'x-api-key': 'first-key-12' }))).toBeUndefined();
  expect(keys.principalOf(request({ authorization: 'Basic first-key-123' }))).toBeUndefined();
  expect(keys.principalOf(request({}))).toBeUndefined();
});

test('keys: without any everybody is anonymous', () => {
  const keys = createApiKeys([], 'X-API-Key');
  expect(keys.isRequired).toBe(false);
  expect(keys.principalOf(request({}))).toBe(ANONYMOUS);
});

test('keys: one in the address is refused, even a right one', () => {
  const keys = createApiKeys(['first-key-123'], 'X-API-Key');
  expect(() => keys.principalOf(request({}, '/mcp?api_key=first-key-123'))).toThrow(
    expect.objectContaining({ code: 'BAD_REQUEST' }),
  );
});
