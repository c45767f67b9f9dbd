import { expect, test } from 'vitest';
import type { FleetWorker } from '../../../../src/shared/ipc.ts';
import {
  decideForeign,
  decideOwner,
  decideUnknown,
  isTakenFrom,
  peerThatTakesWork,
} from '../../../../src/worker/session/ownership.ts';
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

const ownerOf = (owner: string | null, of: Parameters<typeof decideOwner>[1]) => decideOwner(owner, of, 'd1.2');

const all = [worker(1), worker(2), worker(3)];

test('ownership: mine is local, a fellow’s goes to its socket', () => {
  expect(ownerOf('d1.2', fleet(all))).toEqual({ kind: 'local' });
  expect(ownerOf('d1.3', fleet(all))).toEqual({ kind: 'proxy', to: all[2] });
});

test('ownership: handed over or gone is adopted; of another daemon its lease decides', () => {
  expect(ownerOf(null, fleet(all))).toEqual({ kind: 'adopt' });
  expect(ownerOf('d1.1', fleet([worker(2), worker(3)]))).toEqual({ kind: 'adopt' });
  expect(ownerOf('d0.3', fleet(all))).toEqual({ kind: 'foreign', owner: 'd0.3' });
  expect(decideForeign('d0.3', undefined, fleet(all))).toEqual({ kind: 'adopt' });
  const url = 'http://10.0.0.5:8000';
  expect(decideForeign('d0.3', url, fleet(all))).toEqual({ kind: 'remote', url, owner: 'd0.3' });
});

test('ownership: what this worker held before it lost its lease is not its own; fellows still ask it', () => {
  expect(decideOwner('d1.2', fleet(all), 'd1.2+1')).toEqual({ kind: 'adopt' });
  expect(decideOwner('d1.2+1', fleet(all), 'd1.2+1')).toEqual({ kind: 'local' });
  expect(ownerOf('d1.3+4', fleet(all))).toEqual({ kind: 'proxy', to: all[2] });
});

test('ownership: an owner that may not be listed yet is waited for, never taken for gone', () => {
  expect(ownerOf('d1.4', fleet(all))).toEqual({ kind: 'wait' });
  expect(ownerOf('d1.1', fleet([]))).toEqual({ kind: 'wait' });
  expect(ownerOf('d1.3', fleet([worker(2), worker(3, { socket: '' })]))).toEqual({ kind: 'wait' });
});

test('ownership: a worker that drains delegates to the fellow with the least to do, and keeps what nobody else takes', () => {
  const beat = { inflight: 5 } as NonNullable<FleetWorker['beat']>;
  const busy = worker(1, { beat });
  const draining = { draining: true };
  expect(ownerOf(null, fleet([busy, worker(2), worker(3)], draining))).toMatchObject({ to: { incarnation: 3 } });
  expect(ownerOf(null, fleet([worker(2), worker(3, { state: 'draining' })], draining))).toEqual({ kind: 'adopt' });
  expect(peerThatTakesWork(fleet([worker(2)]))).toBeUndefined();
});

test('ownership: a session the store does not know is looked for at its maker', () => {
  expect(decideUnknown(incarnationOf(newSessionId(3)), fleet(all))).toEqual(all[2]);
  expect(decideUnknown(2, fleet(all))).toBeUndefined();
  expect(decideUnknown(9, fleet(all))).toBeUndefined();
  expect(incarnationOf('../../etc/passwd')).toBeUndefined();
});

test('ownership: only what another worker held counts as taken over', () => {
  expect(isTakenFrom(null, 'd.1')).toBe(false);
  expect(isTakenFrom('d.1', 'd.1+2')).toBe(false);
  expect(isTakenFrom('d.2', 'd.1')).toBe(true);
  expect(isTakenFrom('other.1', 'd.1')).toBe(true);
  expect(isTakenFrom('nonsense', 'd.1')).toBe(true);
});
