/**
 * Leases from the primary, which counts for all workers of this host: questions leave in batches, so that they never come
 * near what the primary takes from one worker, and each has a deadline.
 */
import { LEASE_MAX_ASKS, type LeaseAsk, type LeaseGrant } from '../../shared/ipc.ts';
import type { Grant } from '../../shared/rate-pot.ts';
import { type LeaseSource, leaseKey } from './rate-limiter.ts';

/** The way to the primary. */
export interface LeaseCarrier {
  send(asks: readonly LeaseAsk[]): void;
  /** Called once. */
  onGrants(listener: (grants: readonly LeaseGrant[]) => void): void;
}

/** At most 50 messages a second. */
const BATCH_EVERY_MS = 20;
const ANSWER_MS = 250;
/** After silence nobody waits for an answer for this long; questions are still sent. */
const SILENT_MS = 5000;
const WAITING_MAX = 5000;

interface Question {
  readonly settle: (grant: Grant | undefined) => void;
  readonly timer: NodeJS.Timeout;
}

export function createPrimaryLeases(carrier: LeaseCarrier, now: () => number): LeaseSource {
  const questions = new Map<number, Question>();
  const unsent: LeaseAsk[] = [];
  let nextId = 1;
  let sentAt = Number.NEGATIVE_INFINITY;
  let silentUntil = Number.NEGATIVE_INFINITY;
  let isArmed = false;

  const flush = () => {
    isArmed = false;
    sentAt = now();
    carrier.send(unsent.splice(0, LEASE_MAX_ASKS));
    if (unsent.length > 0) arm();
  };
  const arm = () => {
    if (isArmed) return;
    isArmed = true;
    const waitMs = Math.max(0, sentAt + BATCH_EVERY_MS - now());
    if (waitMs === 0) queueMicrotask(flush);
    else setTimeout(flush, waitMs).unref();
  };
  const settle = (id: number, grant: Grant | undefined) => {
    const question = questions.get(id);
    if (question === undefined) return;
    clearTimeout(question.timer);
    questions.delete(id);
    question.settle(grant);
  };
  carrier.onGrants((grants) => {
    silentUntil = Number.NEGATIVE_INFINITY;
    for (const { id, granted, expiresInMs } of grants) settle(id, { granted, expiresInMs });
  });

  return (client, amount, { perMinute, reserve }) => {
    if (questions.size >= WAITING_MAX) return Promise.resolve(undefined);
    const id = nextId++;
    unsent.push({ id, key: leaseKey(client), amount, perMinute, reserve });
    arm();
    if (now() < silentUntil) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        silentUntil = now() + SILENT_MS;
        settle(id, undefined);
      }, ANSWER_MS);
      timer.unref();
      questions.set(id, { settle: resolve, timer });
    });
  };
}
