import { expect, test } from 'vitest';
import { PeriodReport } from '../../../src/cli/period-report.ts';
import { reportMarkdown } from '../../../src/cli/report-text.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const call = (minute: number, duration_ms: number, more = {}) =>
  JSON.stringify({ time: at(minute), event: 'tool_call', tool: 'list_views', session: 's1', duration_ms, ...more });

test('report: calls, errors, durations, sessions and restarts of the period alone', () => {
  const report = new PeriodReport(Date.parse(at(10)), Date.parse(at(20)));
  for (let n = 0; n < 95; n += 1) report.take(call(11, 10));
  for (let n = 0; n < 5; n += 1) report.take(call(12, 1000, { session: 's2', 'error.code': 'POOL_TIMEOUT' }));
  report.take(call(9, 1));
  report.take(call(21, 1));
  report.take(JSON.stringify({ time: at(13), event: 'worker.exited', class: 'hang' }));
  report.take(JSON.stringify({ time: at(13), event: 'worker.exited', class: 'reload' }));
  for (const line of ['', 'text', '{broken', '{"time":"never","event":"tool_call"}']) report.take(line);
  const figures = report.figures();
  expect(figures).toMatchObject({
    requests: 100,
    errors: 5,
    errorShare: 0.05,
    sessions: 2,
    restartsByReason: { hang: 1 },
    restarts: 1,
    errorsByCode: { POOL_TIMEOUT: 5 },
    firstLine: at(11),
    lastLine: at(13),
  });
  expect(figures.durationMs.p95).toBeGreaterThanOrEqual(10);
  expect(figures.durationMs.p95).toBeLessThan(12);
  expect(figures.durationMs.p99).toBeGreaterThanOrEqual(1000);
  expect(figures.durationMs.p99).toBeLessThan(1101);
  const text = reportMarkdown({ from: at(10), to: at(20), service: undefined, ...figures }, '10m');
  expect(text).toContain('| Errors | 5 (5.00 %) |');
  expect(text).toContain('The service is not running.');
});

test('report: a call counts once, though application.log has its line of the audit log too', () => {
  const report = new PeriodReport(Date.parse(at(10)), Date.parse(at(20)));
  const code = { 'error.code': 'POOL_TIMEOUT' };
  for (const msg of ['', 'POOL_TIMEOUT']) report.take(call(11, 10, { msg, ...code }));
  for (const msg of ['', 'ok']) report.take(call(12, 10, { msg }));
  expect(report.figures()).toMatchObject({ requests: 2, errors: 1, requestsByTool: { list_views: 2 } });
});

test('report: of a period without lines is zero everywhere', () => {
  expect(new PeriodReport(0, 1).figures()).toMatchObject({ requests: 0, errorShare: 0, durationMs: { p95: 0 } });
});
