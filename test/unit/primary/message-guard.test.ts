import { expect, test } from 'vitest';
import { createMessageGuard, MESSAGES_PER_SECOND } from '../../../src/primary/message-guard.ts';

const drained = { type: 'drained' };

test('message guard: known shapes pass, others are dropped, too many of them make a worker unfit', () => {
  const guard = createMessageGuard();
  expect(guard.admit(drained, 0)).toEqual({ kind: 'message', message: drained });
  const garbage = [null, 7, 'x', [], { type: '__proto__' }, { ...drained, more: 1 }, { type: 'ready', port: -1 }];
  for (const raw of garbage) expect(guard.admit(raw, 0)).toMatchObject({ kind: 'dropped', reason: 'invalid' });
  const rest = Array.from({ length: 20 }, () => guard.admit(null, 0).kind);
  expect(rest).toContain('unfit');
});

test('message guard: the first message of no known shape tells where it is wrong, never what it holds', () => {
  const guard = createMessageGuard();
  const good = { name: 'mcp_active_sessions', labels: [], value: 1 };
  const wrong = { type: 'metrics', series: [good, { ...good, value: null, secret: 'x' }] };
  expect(guard.admit(wrong, 0)).toEqual({ kind: 'dropped', reason: 'invalid', place: 'series.1' });
  expect(guard.admit(wrong, 0)).toEqual({ kind: 'dropped', reason: 'invalid' });
  expect(createMessageGuard().admit(7, 0)).toMatchObject({ place: expect.not.stringContaining('7') });
});

test('message guard: messages over the budget of a second are dropped, the next second starts anew', () => {
  const guard = createMessageGuard();
  const kinds = Array.from({ length: MESSAGES_PER_SECOND + 5 }, () => guard.admit(drained, 500).kind);
  expect(kinds.filter((kind) => kind === 'dropped')).toHaveLength(5);
  expect(guard.admit(drained, 1600).kind).toBe('message');
});

test('message guard: three seconds of flood in a row make a worker unfit, a pause forgives', () => {
  const flood = (guard: ReturnType<typeof createMessageGuard>, second: number) =>
    Array.from({ length: 500 }, () => guard.admit(drained, second * 1000).kind);
  const steady = createMessageGuard();
  expect(flood(steady, 1)).not.toContain('unfit');
  expect(flood(steady, 2)).not.toContain('unfit');
  expect(flood(steady, 3)).toContain('unfit');
  const paused = createMessageGuard();
  for (const second of [1, 2, 5, 6]) expect(flood(paused, second)).not.toContain('unfit');
});

test('message guard: the biggest message of the table passes, one far beyond it makes a worker unfit at once', () => {
  const series = {
    name: 'n'.repeat(100),
    labels: Array.from({ length: 6 }, () => 'l'.repeat(200)),
    buckets: Array.from({ length: 40 }, () => 1),
    sum: 1,
    count: 1,
  };
  const metrics = (count: number) => ({ type: 'metrics', series: Array.from({ length: count }, () => series) });
  expect(createMessageGuard().admit(metrics(500), 0).kind).toBe('message');
  expect(createMessageGuard().admit(metrics(501), 0)).toEqual({ kind: 'dropped', reason: 'invalid', place: 'series' });
  const tooBig = [metrics(5000), { type: 'failed', body: 'x'.repeat(3_000_000) }, Array(3_000_000).fill(0)];
  for (const raw of tooBig) expect(createMessageGuard().admit(raw, 0).kind).toBe('unfit');
});
