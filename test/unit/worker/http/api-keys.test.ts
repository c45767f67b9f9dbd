import { expect, test } from 'vitest';
import { createApiKeys } from '../../../../src/worker/http/api-keys.ts';

test('keys: each is its own principal that does not tell the key', () => {
  const keys = createApiKeys(['first-key-123', 'second-key-456']);
  const first = keys.find('first-key-123');
  expect(first?.id).toMatch(/^key:[0-9a-f]{12}$/);
  expect(first?.id).not.toBe(keys.find('second-key-456')?.id);
  expect(keys.find('first-key-12')).toBeUndefined();
  expect(keys.find('')).toBeUndefined();
});

test('keys: one of the configuration reads, writes and sees metrics, but is no administrator', () => {
  expect(createApiKeys(['first-key-123']).find('first-key-123')?.scopes).toEqual(['read', 'write', 'metrics']);
});
