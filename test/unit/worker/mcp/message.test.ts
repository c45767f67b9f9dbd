import { expect, test } from 'vitest';
import { isKnownVersion, resumableId } from '../../../../src/worker/mcp/era-2025/message.ts';

test('resumable: single requests of clients that know events without data', () => {
  const call = { jsonrpc: '2.0', id: 0, method: 'tools/call' };
  expect(resumableId(call, '2025-11-25')).toBe(0);
  expect(resumableId(call, '2025-06-18')).toBeUndefined();
  expect(resumableId([call], '2025-11-25')).toBeUndefined();
  expect(resumableId({ ...call, method: 'initialize' }, '2025-11-25')).toBeUndefined();
  expect(resumableId({ jsonrpc: '2.0', id: 1, result: {} }, '2025-11-25')).toBeUndefined();
  expect(resumableId({ jsonrpc: '2.0', method: 'notifications/initialized' }, '2025-11-25')).toBeUndefined();
});

test('version: none, or one of the SDK, is known', () => {
  expect([undefined, '2025-06-18', '2024-11-05'].map(isKnownVersion)).toEqual([true, true, true]);
  expect(['', '1999-01-01', ['2025-06-18']].map(isKnownVersion)).toEqual([false, false, false]);
});
