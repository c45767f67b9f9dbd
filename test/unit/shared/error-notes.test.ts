import { expect, test } from 'vitest';
import { createErrorNotes } from '../../../src/shared/error-notes.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { logLines } from '../../support/log-lines.ts';

function notes() {
  const { log, lines } = logLines();
  const counted: unknown[] = [];
  let now = 0;
  const note = createErrorNotes('tools', {
    log,
    recorder: { count: (name, labels) => void counted.push([name, labels]) },
    clock: { now: () => now },
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { note, lines, counted, pass };
}

test('error notes: an error is counted and told by its code, as grave as it is', () => {
  const { note, lines, counted } = notes();
  note(new AppError('NOT_JSON', {}), { request_id: 'r1' });
  note(new AppError('MAINTENANCE', {}));
  note(new AppError('INTERNAL', { where: 'here' }));
  expect(lines).toMatchObject([
    { event: 'error', level: 'info', component: 'tools', 'error.code': 'NOT_JSON', status: 400, request_id: 'r1' },
    { event: 'error', level: 'warn', 'error.code': 'MAINTENANCE', status: 503 },
    { event: 'error', level: 'error', 'error.code': 'INTERNAL', status: 500 },
  ]);
  expect(counted[0]).toEqual(['mcp_errors_total', { error_type: 'NOT_JSON', component: 'tools' }]);
});

test('error notes: a loop of one error fills no disk, hides no other, and is told of in the next minute', () => {
  const { note, lines, counted, pass } = notes();
  for (let n = 0; n < 1000; n++) note(new AppError('NOT_JSON', {}));
  note(new AppError('MAINTENANCE', {}));
  expect([lines.length, counted.length]).toEqual([101, 1001]);
  pass(60_000);
  note(new AppError('NOT_JSON', {}));
  note(new AppError('NOT_JSON', {}));
  expect(lines.slice(101).map((line) => line.unsaid)).toEqual([900, undefined]);
});
