import { expect, test } from 'vitest';
import { beginsWork } from '../../../../src/worker/mcp/new-work.ts';

const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });

test.each([
  ['a new session', { method: 'initialize' }, true],
  ['a call', call('execute_query'), true],
  ['a call of a name nobody knows', call('nope'), true],
  ['a resource', { method: 'resources/read' }, true],
  ['one of several', [{ method: 'ping' }, call('list_databases')], true],
  ['the rows of a statement that was submitted', call('query_result'), false],
  ['its end', call('query_cancel'), false],
  ['a list of tools', { method: 'tools/list' }, false],
  ['a cancellation', { method: 'notifications/cancelled' }, false],
  ['an answer', { id: 1, result: {} }, false],
  ['nothing', undefined, false],
  ['a text', 'x', false],
])('maintenance: %s', (_name, message, begins) => {
  expect(beginsWork(message)).toBe(begins);
});
