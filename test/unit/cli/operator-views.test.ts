import { expect, test } from 'vitest';
import { heaviest } from '../../../src/cli/client-weight.ts';
import { leastOf, samplesOf, sumOf } from '../../../src/cli/metric-samples.ts';
import { slowestStatements } from '../../../src/cli/slow-statements.ts';

const session = (session_id: string, client: string, requests: number) => ({
  session_id,
  client,
  principal: 'p',
  transport: 'http',
  last_activity: '',
  requests,
  worker: 0,
});

test('heaviest: sessions of one client are put together, the one with most requests first', () => {
  const sessions = [session('1', 'a', 2), session('2', 'b', 9), session('3', 'a', 5)];
  const memory = [
    { session_id: '1', bytes_buffered: 10, queries: 1 },
    { session_id: '3', bytes_buffered: 5, queries: 0 },
  ];
  expect(heaviest(sessions, memory)).toEqual([
    { client: 'b', principal: 'p', sessions: 1, requests: 9, queries: 0, bytes_buffered: 0 },
    { client: 'a', principal: 'p', sessions: 2, requests: 7, queries: 1, bytes_buffered: 15 },
  ]);
});

const line = (time: string, ms: number, more = {}) =>
  JSON.stringify({ time, event: 'statement.ended', tool: 't', principal: 'p', query_duration_ms: ms, ...more });

test('slow statements: the slowest first, none that is quick or old, whatever else the log holds', () => {
  const lines = [
    line('2026-01-01T10:00:00Z', 100),
    'no JSON with "query_duration_ms"',
    '{"event":"tool_call","duration_ms":99999}',
    line('2026-01-01T10:00:01Z', 7000, { query_id: 'q', rows: 3 }),
    line('2026-01-01T10:00:02Z', 9000, { error: { code: 'QUERY_TIMEOUT' } }),
    line('2025-01-01T10:00:00Z', 8000),
  ];
  const limits = { overMs: 5000, sinceMs: Date.parse('2026-01-01T00:00:00Z'), limit: 5 };
  expect(slowestStatements(lines, limits).map(({ ms, query_id, rows, error }) => [ms, query_id, rows, error])).toEqual([
    [9000, null, null, 'QUERY_TIMEOUT'],
    [7000, 'q', 3, null],
  ]);
  expect(slowestStatements(lines, { ...limits, limit: 1 })).toHaveLength(1);
});

test('samples: labels, values and nothing of other metrics', () => {
  const text = '# HELP a b\na 1\na_more 5\nb{x="1",y="a\\"} b"} 2.5 123\nb{x="2"} 7\n';
  expect(samplesOf(text, ['b'])[0]).toEqual({ name: 'b', labels: { x: '1', y: 'a\\"} b' }, value: 2.5 });
  expect(sumOf(samplesOf(text, ['a', 'b']), 'a')).toBe(1);
  expect([leastOf(samplesOf(text, ['b']), 'b'), leastOf([], 'b')]).toEqual([2.5, undefined]);
});
