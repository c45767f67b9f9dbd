/**
 * The rollout: replaces workers that work, one at a time, each by a fresh process that has shown it is fit.
 *
 *   idle --> choosing --> booting --> soaking --> opening --> draining --> choosing --> ... --> idle (done)
 *               |            |           |           |
 *               v            +-----------+-----------+---> idle (aborted: the fresh one goes, every old one stays)
 *            clearing --> booting      (no memory for two: the old one leaves first)
 *
 * A fresh worker stays off the service port until it has proven itself, so that a version that is broken costs no call.
 * A reload takes every slot that runs another edition; its first fresh worker (the canary) soaks before it takes calls and
 * an old one is drained. With health checks on, every fresh worker must pass one first. A rollback brings slots of an
 * aborted reload back. A rollout for memory, health or age takes one slot. Which slots are left is read from the slots
 * each time, so that crashes and scaling in the middle need no bookkeeping.
 */
import { type CheckLimits, isUnwell } from './check.ts';
import type { Incarnation } from './incarnation.ts';
import { isOld, type LifetimeLimits } from './lifetime.ts';
import { MEMORY_READINGS } from './memory.ts';
import type { RolloutReason } from './order.ts';
import { holderOf, isServing, processesOf, type Slot } from './slot.ts';

export type RolloutStep =
  | { readonly kind: 'choosing'; readonly deadline: number }
  | { readonly kind: 'clearing'; readonly slot: number }
  | { readonly kind: 'booting'; readonly slot: number; readonly fresh: number }
  | {
      readonly kind: 'soaking';
      readonly slot: number;
      readonly fresh: number;
      readonly until: number;
      /** When it must have passed a health check. */
      readonly deadline: number;
    }
  | { readonly kind: 'opening'; readonly slot: number; readonly fresh: number }
  | { readonly kind: 'draining'; readonly slot: number; readonly fresh: number };

export type Rollout =
  /** `notBefore` holds replacements for memory, health or age back after one that failed. */
  | { readonly kind: 'idle'; readonly notBefore: number }
  | {
      readonly kind: 'running';
      readonly why: RolloutReason;
      readonly edition: number;
      /** The one slot of a rollout for memory, health or age; undefined: every slot that runs another edition. */
      readonly only: number | undefined;
      readonly isProven: boolean;
      readonly startedAt: number;
      readonly step: RolloutStep;
    };

export type RunningRollout = Extract<Rollout, { kind: 'running' }>;

export interface RolloutLimits {
  readonly soakMs: number;
  /** How long all slots that are left may be busy with something else. */
  readonly chooseMs: number;
  readonly check: CheckLimits;
  readonly lifetime: LifetimeLimits;
}

/** What the rollout goes by. */
export interface RolloutSight {
  readonly slots: readonly Slot[];
  /** Nobody takes calls: the fresh one need not either. */
  readonly isPaused: boolean;
  readonly now: number;
}

/** Beside the grace period, for the check itself and its repetition. */
const CHECK_WAIT_MS = 10_000;
const CHECK_AGAIN_MS = 250;

export type RolloutAction =
  /** Start a fresh process of this edition beside the holder of the slot, or in its place when it is gone. */
  | { readonly kind: 'replace'; readonly slot: number }
  /** The fresh process opens the service port. */
  | { readonly kind: 'open'; readonly fresh: number }
  /** The fresh process takes the seat, the old one is drained. */
  | { readonly kind: 'promote'; readonly slot: number; readonly text: string }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'abort'; readonly reason: string; readonly slot: number | undefined };

export interface RolloutAdvance {
  readonly next: RunningRollout;
  readonly action?: RolloutAction;
}

/** One step; the caller carries the action out and asks again until there is none. */
export function advanceRollout(
  it: RunningRollout,
  { slots, isPaused, now }: RolloutSight,
  limits: RolloutLimits,
): RolloutAdvance {
  const { step } = it;
  if (step.kind === 'choosing') return choose(it, step.deadline, slots, now);
  const slot = slots.find(({ index }) => index === step.slot);
  if (slot === undefined || slot.seat.kind === 'stopped') return { next: toChoosing(it, now, limits) };
  if (step.kind === 'clearing') {
    const action = { kind: 'replace', slot: slot.index } as const;
    return slot.leavers.length > 0 ? { next: it } : { next: it, action };
  }
  const fresh = processesOf(slot).find(({ id }) => id === step.fresh);
  switch (step.kind) {
    case 'booting':
      return booting(it, slot, fresh, now, limits);
    case 'soaking':
      return soaking(it, slot, fresh, step, now, limits.check);
    case 'opening':
      return opening(it, slot, fresh, isPaused);
    case 'draining':
      return slot.leavers.length > 0 ? { next: it } : { next: toChoosing({ ...it, isProven: true }, now, limits) };
    default:
      return step satisfies never;
  }
}

/** The step after `replace` was carried out. */
export function bootingStep(it: RunningRollout, slot: number, fresh: number): RunningRollout {
  return { ...it, step: { kind: 'booting', slot, fresh } };
}

/** When the rollout itself must be looked at; boots and drains have the deadlines of their processes. */
export function rolloutDueAt(it: Rollout): number {
  if (it.kind === 'idle') return Number.POSITIVE_INFINITY;
  if (it.step.kind === 'soaking') return it.step.until;
  return it.step.kind === 'choosing' ? it.step.deadline : Number.POSITIVE_INFINITY;
}

/** Why a worker that serves should be replaced by itself, undefined when it need not be. */
export function reasonToReplace(
  slot: Slot,
  now: number,
  { check, lifetime }: Pick<RolloutLimits, 'check' | 'lifetime'>,
): 'memory_soft' | 'unhealthy' | 'lifetime' | undefined {
  if (slot.seat.kind !== 'held' || slot.fresh !== undefined || slot.leavers.length > 0) return undefined;
  const { phase, checks, requests, luck } = slot.seat.by;
  if (phase.kind !== 'ready' || checks === undefined) return undefined;
  if (phase.overSoft >= MEMORY_READINGS) return 'memory_soft';
  if (check.isOn && check.isFatal && isUnwell(checks)) return 'unhealthy';
  return isOld({ ms: now - checks.readyAt, requests }, luck, lifetime) ? 'lifetime' : undefined;
}

export function shiftRollout(it: Rollout, byMs: number): Rollout {
  if (it.kind === 'idle') return it;
  if (it.step.kind === 'soaking') {
    return { ...it, step: { ...it.step, until: it.step.until + byMs, deadline: it.step.deadline + byMs } };
  }
  return it.step.kind === 'choosing' ? { ...it, step: { ...it.step, deadline: it.step.deadline + byMs } } : it;
}

const abort = (it: RunningRollout, slot: number | undefined, reason: string): RolloutAdvance => ({
  next: it,
  action: { kind: 'abort', slot, reason },
});

const toChoosing = (it: RunningRollout, now: number, limits: RolloutLimits): RunningRollout => ({
  ...it,
  step: { kind: 'choosing', deadline: now + limits.chooseMs },
});

function choose(it: RunningRollout, deadline: number, slots: readonly Slot[], now: number): RolloutAdvance {
  const isLeft = (slot: Slot) =>
    it.only === undefined ? holderOf(slot)?.edition !== it.edition : slot.index === it.only && !it.isProven;
  const left = slots.filter((slot) => slot.seat.kind !== 'stopped' && isLeft(slot));
  if (left.length === 0) return { next: it, action: { kind: 'done' } };
  const free = left.filter((slot) => slot.fresh === undefined && slot.leavers.length === 0);
  const chosen = free.find(isServing) ?? free[0];
  if (chosen !== undefined) return { next: it, action: { kind: 'replace', slot: chosen.index } };
  return now < deadline ? { next: it } : abort(it, undefined, 'the workers left were busy with other replacements');
}

/** A fresh process that is no longer in its slot, or no longer well, with the reason. */
function faultOf(slot: Slot, fresh: Incarnation | undefined): string | undefined {
  const end = slot.record.lastEnd;
  if (fresh === undefined) return end === undefined ? 'it ended' : `${end.class} (${end.detail})`;
  const { phase } = fresh;
  if (phase.kind === 'suspect') return 'it stopped sending heartbeats';
  if (phase.kind === 'killing') return `${phase.cause} (${phase.detail})`;
  return phase.kind === 'draining' ? `it was drained (${phase.cause})` : undefined;
}

function booting(
  it: RunningRollout,
  slot: Slot,
  fresh: Incarnation | undefined,
  now: number,
  limits: RolloutLimits,
): RolloutAdvance {
  const fault = faultOf(slot, fresh);
  if (fault !== undefined || fresh === undefined) {
    return abort(it, slot.index, `the new worker ${slot.index} did not become ready: ${fault}`);
  }
  if (fresh.phase.kind !== 'ready') return { next: it };
  const isCanary = !it.isProven && it.why === 'reload';
  const soakMs = isCanary ? limits.soakMs : 0;
  // A rollback goes back to what has served before.
  if (soakMs === 0 && (!limits.check.isOn || it.why === 'rollback')) return open(it, slot, fresh);
  const until = now + soakMs;
  const deadline = now + Math.max(soakMs, limits.check.graceMs) + CHECK_WAIT_MS;
  const next: RunningRollout = { ...it, step: { kind: 'soaking', slot: slot.index, fresh: fresh.id, until, deadline } };
  const watched = soakMs > 0 ? `watched for ${soakMs} ms` : 'its health is checked';
  return { next, action: { kind: 'say', text: `new worker ${slot.index} is ready, ${watched}` } };
}

function soaking(
  it: RunningRollout,
  slot: Slot,
  fresh: Incarnation | undefined,
  step: Extract<RolloutStep, { kind: 'soaking' }>,
  now: number,
  check: CheckLimits,
): RolloutAdvance {
  const fault = faultOf(slot, fresh);
  if (fault !== undefined || fresh === undefined) {
    return abort(it, slot.index, `the new worker ${slot.index} was ready but did not last: ${fault}`);
  }
  const { checks } = fresh;
  if (check.isOn && checks !== undefined && isUnwell(checks)) {
    return abort(it, slot.index, `the new worker ${slot.index} failed its health check: ${checks.reason}`);
  }
  if (now < step.until) return { next: it };
  if (!check.isOn || checks?.hasPassed === true) return open(it, slot, fresh);
  if (now >= step.deadline) {
    return abort(
      it,
      slot.index,
      `the new worker ${slot.index} passed no health check in time: ${checks?.reason ?? ''}`,
    );
  }
  return { next: { ...it, step: { ...step, until: Math.min(step.deadline, now + CHECK_AGAIN_MS) } } };
}

function open(it: RunningRollout, slot: Slot, fresh: Incarnation): RolloutAdvance {
  const next: RunningRollout = { ...it, step: { kind: 'opening', slot: slot.index, fresh: fresh.id } };
  return { next, action: { kind: 'open', fresh: fresh.id } };
}

function opening(it: RunningRollout, slot: Slot, fresh: Incarnation | undefined, isPaused: boolean): RolloutAdvance {
  const fault = faultOf(slot, fresh);
  if (fault !== undefined || fresh === undefined) {
    return abort(it, slot.index, `the new worker ${slot.index} could not take calls: ${fault}`);
  }
  return isPaused || fresh.door.kind === 'open' ? promote(it, slot, fresh) : { next: it };
}

function promote(it: RunningRollout, slot: Slot, fresh: Incarnation): RolloutAdvance {
  return {
    next: { ...it, step: { kind: 'draining', slot: slot.index, fresh: fresh.id } },
    action: { kind: 'promote', slot: slot.index, text: `worker ${slot.index} is replaced, the old one finishes` },
  };
}
