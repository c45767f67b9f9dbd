/** Carries the rollout on: begins one when there is a reason, does what its rule (reload.ts) says, ends it. */
import type { ExitClass } from '../../shared/exit-codes.ts';
import type { Draft } from './draft.ts';
import { limitsOf } from './fleet-state.ts';
import type { RolloutReason } from './order.ts';
import { advanceRollout, bootingStep, type RolloutAction, type RunningRollout, reasonToReplace } from './reload.ts';
import { freshRecord } from './restart.ts';
import { dismissFresh, giveUpSeat, holderOf, takeSeat } from './slot.ts';

export function roll(draft: Draft): void {
  for (;;) {
    if (draft.fleet.rollout.kind === 'idle') chooseRollout(draft);
    const { rollout, slots, isPaused } = draft.fleet;
    if (rollout.kind === 'idle') return;
    const sight = { slots, isPaused, now: draft.moment.now };
    const { check } = limitsOf(draft.limits, rollout.edition);
    const { next, action } = advanceRollout(rollout, sight, { ...draft.limits, check });
    draft.set({ rollout: next });
    if (action !== undefined) carryOut(draft, next, action);
    else if (next === rollout) return;
  }
}

export function beginRollout(draft: Draft, why: RolloutReason, edition: number, only: number | undefined): void {
  const { now } = draft.moment;
  const step = { kind: 'choosing', deadline: now + draft.limits.chooseMs } as const;
  draft.set({ rollout: { kind: 'running', why, edition, only, isProven: false, startedAt: now, step } });
}

export function abandonRollout(draft: Draft, reason: string): void {
  const { rollout } = draft.fleet;
  if (rollout.kind === 'running') close(draft, rollout, false, reason, 0);
}

/** What the idle rollout should do next: a waiting reload, a rollback that failed, then a worker that should not stay. */
function chooseRollout(draft: Draft): void {
  const { pendingEdition, rollout, slots, edition } = draft.fleet;
  const { now } = draft.moment;
  if (pendingEdition !== undefined) {
    draft.set({ pendingEdition: undefined });
    beginRollout(draft, 'reload', pendingEdition, undefined);
    return;
  }
  if (rollout.kind !== 'idle' || now < rollout.notBefore) return;
  if (slots.some((slot) => (holderOf(slot)?.edition ?? edition) !== edition)) {
    beginRollout(draft, 'rollback', edition, undefined);
    return;
  }
  for (const slot of slots) {
    const why = reasonToReplace(slot, now, draft.limits);
    if (why === undefined) continue;
    beginRollout(draft, why, edition, slot.index);
    return;
  }
}

function carryOut(draft: Draft, rollout: RunningRollout, action: RolloutAction): void {
  switch (action.kind) {
    case 'replace':
      replace(draft, rollout, action.slot);
      return;
    case 'open':
      if (!draft.fleet.isPaused) draft.life(action.fresh, { kind: 'listen' });
      return;
    case 'promote':
      promote(draft, rollout, action.slot);
      tell(draft, rollout, action.text);
      return;
    case 'say':
      tell(draft, rollout, action.text);
      return;
    case 'done':
      finish(draft, rollout, true, '');
      return;
    case 'abort':
      finish(draft, rollout, false, action.reason);
      return;
    default:
      action satisfies never;
  }
}

/** Starts a fresh process beside the holder, or, when memory is too short for two, lets the holder leave first. */
function replace(draft: Draft, rollout: RunningRollout, index: number): void {
  const slot = draft.slot(index);
  const holder = holderOf(slot);
  if (holder !== undefined && !draft.hasRoomBeside(holder)) {
    draft.put(giveUpSeat(slot, 'yielded'));
    draft.set({ rollout: { ...rollout, step: { kind: 'clearing', slot: index } } });
    tell(draft, rollout, `not enough memory for two: worker ${index} leaves before the new one starts`);
    draft.life(holder.id, { kind: 'drain', cause: causeOf(rollout), deadlineMs: draft.limits.drainMs });
    return;
  }
  const process = draft.fork(index, rollout.edition, 'own');
  draft.put({ ...draft.slot(index), fresh: { why: 'rollout', process } });
  draft.set({ rollout: bootingStep(rollout, index, process.id) });
  tell(draft, rollout, `new worker ${index} starts`);
}

function promote(draft: Draft, rollout: RunningRollout, index: number): void {
  const slot = draft.slot(index);
  const former = slot.fresh === undefined ? undefined : holderOf(slot);
  draft.put({ ...takeSeat(slot), record: { ...freshRecord, restarts: slot.record.restarts } });
  if (former === undefined) return;
  draft.life(former.id, { kind: 'drain', cause: causeOf(rollout), deadlineMs: draft.limits.drainMs });
}

const causeOf = ({ why }: RunningRollout): ExitClass => (why === 'rollback' ? 'reload' : why);

function finish(draft: Draft, rollout: RunningRollout, ok: boolean, reason: string): void {
  close(draft, rollout, ok, reason, ok ? 0 : draft.moment.now + draft.limits.replaceRetryMs);
  const { why, edition } = rollout;
  if (why !== 'reload') return;
  if (ok) draft.set({ edition, generation: draft.fleet.generation + 1 });
  else if (draft.fleet.slots.some((slot) => holderOf(slot)?.edition === edition)) {
    beginRollout(draft, 'rollback', draft.fleet.edition, undefined);
  }
}

function close(draft: Draft, rollout: RunningRollout, ok: boolean, reason: string, notBefore: number): void {
  const { why, edition, step, startedAt } = rollout;
  if (step.kind !== 'choosing') leaveSlot(draft, step.slot, step.kind === 'clearing' ? undefined : step.fresh);
  draft.set({ rollout: { kind: 'idle', notBefore } });
  const tookMs = draft.moment.now - startedAt;
  draft.say.push({ kind: 'rollout_ended', why, edition, ok, reason, tookMs });
}

/** Takes the fresh process of the rollout away, and gives a seat that waited for it back. */
function leaveSlot(draft: Draft, index: number, fresh: number | undefined): void {
  const slot = draft.fleet.slots.find((other) => other.index === index);
  if (slot === undefined) return;
  const seat = slot.seat.kind === 'yielded' ? ({ kind: 'empty' } as const) : slot.seat;
  if (slot.fresh === undefined || slot.fresh.process.id !== fresh) {
    draft.put({ ...slot, seat });
    return;
  }
  draft.put(dismissFresh({ ...slot, seat }));
  const { id, door } = slot.fresh.process;
  // One that opens the port may have taken calls already.
  if (door.kind !== 'closed') draft.life(id, { kind: 'drain', cause: 'stopped', deadlineMs: draft.limits.drainMs });
  else draft.life(id, { kind: 'kill', cause: 'stopped', detail: 'its replacement was aborted' });
}

function tell(draft: Draft, rollout: RunningRollout, text: string): void {
  draft.say.push({ kind: 'rollout_step', why: rollout.why, edition: rollout.edition, text });
}
