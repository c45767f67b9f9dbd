/** What a statement leaves behind: every query metric moves, and the audit lines are whole and hold no literal. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { createLog, type Facts } from '../../../../src/shared/log.ts';
import { createWorkerMetrics } from '../../../../src/worker/metrics.ts';
import { type Ended, recordDecision, recordEnd } from '../../../../src/worker/query/record.ts';
import { refuse } from '../../../../src/worker/query/refusal.ts';

const CALLER = { tool: 'execute_query', requestId: 'r-1', session: 'session-0123456789', principal: 'ann' };
const DONE: Ended = {
  kind: 'select',
  queryId: 'q-1',
  rows: 3,
  bytes: 120,
  durationMs: 40,
  truncated: undefined,
  cutCells: undefined,
  stopCause: undefined,
  error: undefined,
};

async function open() {
  const audit: Facts[] = [];
  const lines: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const recorder = createWorkerMetrics();
  await recorder.changes();
  const log = createLog({ level: 'debug', format: 'json', stream });
  return { audit, lines, recorder, parts: { recorder, log, audit: (line: Facts) => void audit.push(line) } };
}

/** The series of a metric that have moved, with their labels. */
function moved(changes: Awaited<ReturnType<ReturnType<typeof createWorkerMetrics>['changes']>>, name: string) {
  return changes.filter((series) => series.name === name).map(({ labels }) => labels);
}

test('record: a statement moves its counter, its time, its rows and its bytes', async () => {
  const { recorder, parts } = await open();
  recordEnd(parts, CALLER, DONE);
  const changes = await recorder.changes();
  expect(moved(changes, 'mcp_queries_total')).toEqual([['select', 'ok']]);
  for (const name of ['query_duration_seconds', 'mcp_query_rows_returned', 'mcp_query_bytes_returned']) {
    expect([name, moved(changes, name).length > 0]).toEqual([name, true]);
  }
});

test.each([
  [undefined, 'ok'],
  [new AppError('QUERY_CANCELLED', {}), 'cancelled'],
  [new AppError('QUERY_TIMEOUT', { limitMs: 1 }), 'timeout'],
  [new AppError('OBJECT_NOT_FOUND', { kind: 'Schema', name: 'S' }), 'error'],
  [new AppError('POOL_CLOSED', {}), 'unavailable'],
])('record: the end %s counts as %s', async (error, status) => {
  const { recorder, parts } = await open();
  recordEnd(parts, CALLER, { ...DONE, error });
  expect(moved(await recorder.changes(), 'mcp_queries_total')).toEqual([['select', status]]);
});

test('record: refusals, cancels and cuts are counted by their reason', async () => {
  const { recorder, parts } = await open();
  recordDecision(parts, CALLER, 'DELETE FROM t', refuse('statement-kind', 'DELETE'));
  recordEnd(parts, CALLER, { ...DONE, stopCause: 'client', error: new AppError('QUERY_CANCELLED', {}) });
  recordEnd(parts, CALLER, { ...DONE, truncated: { limit: 'rows', max: 3 } });
  recordEnd(parts, CALLER, { ...DONE, truncated: { limit: 'bytes', max: 3 } });
  recordEnd(parts, CALLER, { ...DONE, cutCells: { count: 1, maxBytes: 2, first: [] } });
  const changes = await recorder.changes();
  expect(moved(changes, 'mcp_queries_refused_total')).toEqual([['statement-kind']]);
  expect(moved(changes, 'mcp_queries_cancelled_total')).toEqual([['client']]);
  expect(moved(changes, 'mcp_results_truncated_total')).toEqual([['rows'], ['bytes'], ['cell_bytes']]);
});

test('record: the audit lines say who, what, the decision, rows, bytes and query id, and no literal', async () => {
  const { audit, lines, parts } = await open();
  recordDecision(parts, CALLER, "SELECT 'S3CRET', 4711 FROM t -- S3CRET", {
    verdict: 'allow',
    kind: 'select',
    segments: ['select'],
    objects: ['T'],
    references: [{ of: 'object', parts: ['T'] }],
  });
  recordEnd(parts, CALLER, DONE);
  const who = { request_id: 'r-1', session: 'session-', principal: 'ann', tool: 'execute_query' };
  expect(audit[0]).toMatchObject({ event: 'statement', ...who, decision: 'allow', kind: 'select', objects: ['T'] });
  expect(audit[1]).toEqual({
    event: 'statement.ended',
    ...who,
    query_id: 'q-1',
    query_duration_ms: 40,
    rows: 3,
    bytes: 120,
  });
  expect(JSON.stringify(audit) + lines.join('')).not.toMatch(/S3CRET|4711/);
});
