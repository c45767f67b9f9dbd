import { expect, test } from 'vitest';
import type { FleetWorker } from '../../../../src/shared/ipc.ts';
import { decideOwner, decideUnknown, peerThatTakesWork } from '../../../../src/worker/session/ownership.ts';
import { incarnationOf, newSessionId } from '../../../../src/worker/session/record.ts';

const worker = (incarnation: number, more: Partial<FleetWorker> = {}): FleetWorker => ({
  slot: incarnation,
  incarnation,
  pid: 1000 + incarnation,
  state: 'ready',
  socket: `/run/w${incarnation}.sock`,
  startedAtMs: 0,
  restarts: 0,
  ...more,
});

const fleet = (workers: readonly FleetWorker[], more: { newest?: number; draining?: boolean } = {}) => ({
  daemon: 'd1',
  incarnation: 2,
  workers: () => workers,
  newest: () => more.newest ?? 3,
  isDraining: () => more.draining ?? false,
});

const all = [worker(1), worker(2), worker(3)];

test('ownership: mine is local, a fellow’s goes to its socket', () => {
  expect(decideOwner('d1.2', fleet(all))).toEqual({ kind: 'local' });
  expect(decideOwner('d1.3', fleet(all))).toEqual({ kind: 'proxy', to: all[2] });
});

test('ownership: handed over, gone, or of an earlier daemon is adopted', () => {
  expect(decideOwner(null, fleet(all))).toEqual({ kind: 'adopt' });
  expect(decideOwner('d1.1', fleet([worker(2), worker(3)]))).toEqual({ kind: 'adopt' });
  expect(decideOwner('d0.3', fleet(all))).toEqual({ kind: 'adopt' });
});

test('ownership: an owner that may not be listed yet is waited for, never taken for gone', () => {
  expect(decideOwner('d1.4', fleet(all))).toEqual({ kind: 'wait' });
  expect(decideOwner('d1.1', fleet([]))).toEqual({ kind: 'wait' });
  expect(decideOwner('d1.3', fleet([worker(2), worker(3, { socket: '' })]))).toEqual({ kind: 'wait' });
});

test('ownership: a worker that drains delegates to the fellow with the least to do, and keeps what nobody else takes', () => {
  const beat = { inflight: 5 } as NonNullable<FleetWorker['beat']>;
  const busy = worker(1, { beat });
  const draining = { draining: true };
  expect(decideOwner(null, fleet([busy, worker(2), worker(3)], draining))).toMatchObject({ to: { incarnation: 3 } });
  expect(decideOwner(null, fleet([worker(2), worker(3, { state: 'draining' })], draining))).toEqual({ kind: 'adopt' });
  expect(peerThatTakesWork(fleet([worker(2)]))).toBeUndefined();
});

test('ownership: a session the store does not know is looked for at its maker', () => {
  expect(decideUnknown(incarnationOf(newSessionId(3)), fleet(all))).toEqual(all[2]);
  expect(decideUnknown(2, fleet(all))).toBeUndefined();
  expect(decideUnknown(9, fleet(all))).toBeUndefined();
  expect(incarnationOf('../../etc/passwd')).toBeUndefined();
});
