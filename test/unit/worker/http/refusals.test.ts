import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { AppError } from '../../../../src/shared/errors.ts';
import { createRefusals } from '../../../../src/worker/http/refusals.ts';

const from = (remoteAddress: string, url = '/mcp?x=1') => ({ url, socket: { remoteAddress } }) as IncomingMessage;
const unknown = () => new AppError('UNAUTHENTICATED', { reason: 'the key is not known' });

function noting() {
  let now = 0;
  const lines: Record<string, unknown>[] = [];
  const refusals = createRefusals({ audit: (line) => lines.push(line), now: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  return { refusals, lines, pass };
}

test('refusals: a refused caller leaves a line with where it came from and why', () => {
  const { refusals, lines } = noting();
  refusals.note(unknown(), from('10.0.0.9'));
  expect(lines).toEqual([
    {
      event: 'login.refused',
      'error.code': 'UNAUTHENTICATED',
      reason: 'The caller is not known here: the key is not known',
      address: '10.0.0.9',
      path: '/mcp',
    },
  ]);
});

test('refusals: a missing scope names the principal', () => {
  const { refusals, lines } = noting();
  refusals.note(new AppError('INSUFFICIENT_SCOPE', { scope: 'write' }), undefined, 'key:a.1');
  expect(lines).toEqual([expect.objectContaining({ 'error.code': 'INSUFFICIENT_SCOPE', principal: 'key:a.1' })]);
});

test('refusals: what is no refusal of a caller leaves none', () => {
  const { refusals, lines } = noting();
  refusals.note(new AppError('DRAINING', {}), from('10.0.0.9'));
  refusals.note(new Error('odd'), from('10.0.0.9'));
  expect(lines).toEqual([]);
});

test('refusals: the same again is one line a minute, which counts the others', () => {
  const { refusals, lines, pass } = noting();
  for (let nth = 0; nth < 50; nth++) refusals.note(unknown(), from('10.0.0.9'));
  expect(lines).toHaveLength(1);
  pass(60_000);
  refusals.note(unknown(), from('10.0.0.9'));
  expect(lines[1]).toMatchObject({ unsaid: 49 });
});

test('refusals: many addresses together leave no more lines a minute than the bound, and no memory', () => {
  const { refusals, lines, pass } = noting();
  for (let nth = 0; nth < 5000; nth++) refusals.note(unknown(), from(`10.0.${nth >> 8}.${nth & 255}`));
  expect(lines).toHaveLength(100);
  pass(60_000);
  refusals.note(unknown(), from('192.0.2.1'));
  expect(lines[100]).toMatchObject({ address: '192.0.2.1', unsaid: 4900 });
});
