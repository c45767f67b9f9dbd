import { expect, test } from 'vitest';
import { eventJson, eventKind, resumableId } from '../../../../src/worker/mcp/era-2025/message.ts';

const written = (message: unknown) => Buffer.from(`event: message\ndata: ${JSON.stringify(message)}\n\n`);

test('stream: answers, questions and notices are told apart by their beginning, whatever they hold', () => {
  const method = '{"method":"x"}';
  expect(eventKind(written({ result: { text: method }, jsonrpc: '2.0', id: 1 }))).toBe('answer');
  expect(eventKind(written({ jsonrpc: '2.0', id: 1, error: { code: 1, message: method } }))).toBe('answer');
  expect(eventKind(written({ method: 'notifications/progress', params: {}, jsonrpc: '2.0' }))).toBe('notification');
  expect(eventKind(written({ jsonrpc: '2.0', method: 'notifications/cancelled', params: {} }))).toBe('notification');
  expect(eventKind(written({ method: 'elicitation/create', params: {}, jsonrpc: '2.0', id: 0 }))).toBe('request');
  expect(eventKind(Buffer.from(': keepalive\n\n'))).toBe('comment');
});

test('stream: the message comes out as it went in, in a view into a larger buffer too', () => {
  const bytes = Buffer.concat([Buffer.from('xx'), written({ result: 'äöü€', id: 1 })]).subarray(2);
  expect(JSON.parse(eventJson(bytes))).toEqual({ result: 'äöü€', id: 1 });
});

test('resumable: single requests of clients that know events without data', () => {
  const call = { jsonrpc: '2.0', id: 0, method: 'tools/call' };
  expect(resumableId(call, '2025-11-25')).toBe(0);
  expect(resumableId(call, '2025-06-18')).toBeUndefined();
  expect(resumableId([call], '2025-11-25')).toBeUndefined();
  expect(resumableId({ ...call, method: 'initialize' }, '2025-11-25')).toBeUndefined();
  expect(resumableId({ jsonrpc: '2.0', id: 1, result: {} }, '2025-11-25')).toBeUndefined();
  expect(resumableId({ jsonrpc: '2.0', method: 'notifications/initialized' }, '2025-11-25')).toBeUndefined();
});
