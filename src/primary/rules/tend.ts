/** One slot at the end of a step: who takes the seat, who starts, who opens its door, whose replacement is not needed. */
import type { Draft } from './draft.ts';
import type { Incarnation } from './incarnation.ts';
import {
  dismissFresh,
  holderOf,
  MAX_PROCESSES_PER_SLOT,
  processesOf,
  type Slot,
  takeSeat,
  wantsStart,
} from './slot.ts';
import { takeSpare } from './spare.ts';

export function tendSlot(draft: Draft, index: number): void {
  fillSeat(draft, index);
  turnDoors(draft, index);
}

function fillSeat(draft: Draft, index: number): void {
  const slot = draft.slot(index);
  const holder = holderOf(slot);
  if (slot.fresh !== undefined && holder === undefined && slot.seat.kind !== 'stopped') {
    if (slot.fresh.process.phase.kind === 'ready') draft.put(takeSeat(slot));
    return;
  }
  if (slot.fresh?.why === 'hang' && holder?.phase.kind === 'ready') {
    const { id } = slot.fresh.process;
    draft.put(dismissFresh(slot));
    draft.life(id, { kind: 'drain', cause: 'stopped', deadlineMs: draft.limits.drainMs });
    return;
  }
  if (wantsStart(slot, draft.moment.now)) {
    const record = { ...slot.record, trial: slot.record.trial || slot.seat.kind === 'errored' };
    const by = draft.fork(index, draft.fleet.edition, draft.fleet.isPaused ? 'own' : 'shared');
    draft.put({ ...slot, record, seat: { kind: 'held', by } });
    return;
  }
  if (holder?.phase.kind === 'suspect') replaceSuspect(draft, slot, holder);
}

function replaceSuspect(draft: Draft, slot: Slot, suspect: Incarnation): void {
  const surge = draft.fleet.slots.filter((other) => other.fresh?.why === 'hang').length;
  const hasRoom = slot.fresh === undefined && processesOf(slot).length < MAX_PROCESSES_PER_SLOT;
  if (!hasRoom || surge >= draft.limits.hangSurge) return;
  const spare = takeSpare(draft, slot.index);
  if (spare !== undefined) {
    draft.put({ ...slot, fresh: { why: 'hang', process: spare } });
    draft.say.push({ kind: 'took_over', slot: slot.index, incarnation: spare.id });
  } else if (draft.hasRoomBeside(suspect)) {
    const process = draft.fork(slot.index, draft.fleet.edition, draft.fleet.isPaused ? 'own' : 'shared');
    draft.put({ ...slot, fresh: { why: 'hang', process } });
  }
}

/** Whoever serves the slot takes calls, unless the fleet is paused; a fresh one of a rollout waits for the rollout. */
function turnDoors(draft: Draft, index: number): void {
  const slot = draft.slot(index);
  const fresh = slot.fresh?.why === 'hang' ? slot.fresh.process : undefined;
  for (const it of [holderOf(slot), fresh]) {
    if (it?.phase.kind !== 'ready') continue;
    const isClosed = it.door.kind === 'closed';
    if (isClosed !== draft.fleet.isPaused) draft.life(it.id, { kind: isClosed ? 'listen' : 'unlisten' });
  }
}
