/**
 * All slots together: start, run, scale, reload, pause, stop. One pure step takes an event and tells what to do.
 *
 *   starting --> running --> stopping --> stopped
 *      |                        ^
 *      +---- start_failed ------+
 *
 * After each event the fleet is settled: seats that are due are filled, a suspect gets a replacement beside it, the spare
 * is kept, the rollout advances. At most one rollout runs, so that never more than one working worker is being replaced.
 */
import { Draft } from './draft.ts';
import type { Fleet, FleetEvent, FleetLimits, FleetStep, Moment } from './fleet-state.ts';
import { sleptMs } from './health.ts';
import { shiftTimes } from './incarnation.ts';
import { shiftRollout } from './reload.ts';
import { freshRecord } from './restart.ts';
import { abandonRollout, beginRollout, roll } from './rolling.ts';
import { isServing, newSlot, processesOf, type Slot, vacate, withProcess } from './slot.ts';
import { tendSpare } from './spare.ts';
import { tendSlot } from './tend.ts';

export function stepFleet(fleet: Fleet, event: FleetEvent, moment: Moment, limits: FleetLimits): FleetStep {
  const draft = new Draft(fleet, moment, limits);
  wake(draft);
  switch (event.kind) {
    case 'process':
      draft.life(event.incarnation, event.event);
      break;
    case 'tick':
      for (const it of draft.processes()) draft.life(it.id, event);
      break;
    case 'reload':
      reload(draft, event.edition);
      break;
    case 'scale':
      scale(draft, event.count);
      break;
    case 'pause':
      pause(draft, event.isPaused);
      break;
    case 'stop':
      stop(draft, event.deadlineMs);
      break;
    case 'stop_now':
      stopNow(draft);
      break;
    default:
      event satisfies never;
  }
  if (draft.isStartHopeless) stopNow(draft);
  reconcile(draft);
  return { next: draft.fleet, say: draft.say };
}

/** Moves every deadline when the primary did not look for too long. */
function wake(draft: Draft): void {
  const { now } = draft.moment;
  const gapMs = sleptMs(draft.fleet.lastLook, now, draft.limits.health);
  draft.set({ lastLook: now });
  if (gapMs === 0) return;
  for (const it of draft.processes()) draft.put(withProcess(draft.slot(it.slot), shiftTimes(it, gapMs)));
  draft.set({ rollout: shiftRollout(draft.fleet.rollout, gapMs) });
  draft.say.push({ kind: 'slept', gapMs });
}

function isEnding({ stage }: Fleet): boolean {
  return stage.kind === 'stopping' || stage.kind === 'stopped';
}

function reload(draft: Draft, edition: number): void {
  const { stage, rollout, pendingEdition } = draft.fleet;
  if (isEnding(draft.fleet)) {
    refuseReload(draft, edition);
  } else if (stage.kind === 'running' && (rollout.kind === 'idle' || rollout.only !== undefined)) {
    abandonRollout(draft, 'a reload replaces this worker anyway');
    beginRollout(draft, 'reload', edition, undefined);
  } else {
    if (pendingEdition !== undefined) draft.say.push({ kind: 'superseded', edition: pendingEdition, by: edition });
    draft.set({ pendingEdition: edition });
  }
}

function refuseReload(draft: Draft, edition: number): void {
  const reason = 'the daemon stops';
  draft.say.push({ kind: 'rollout_ended', why: 'reload', edition, ok: false, reason, tookMs: 0 });
}

function scale(draft: Draft, count: number): void {
  if (isEnding(draft.fleet)) return;
  const { slots, count: oldCount } = draft.fleet;
  const present = new Set(slots.map(({ index }) => index));
  const added = Array.from({ length: count }, (_, index) => index).filter((index) => !present.has(index));
  draft.set({ count, slots: [...slots, ...added.map(newSlot)].sort((a, b) => a.index - b.index) });
  for (const slot of slots) {
    if (slot.index >= count) vacateSlot(draft, slot, draft.limits.drainMs);
    else if (slot.index >= oldCount) draft.put({ ...slot, seat: { kind: 'empty' }, record: freshRecord });
  }
}

function vacateSlot(draft: Draft, slot: Slot, deadlineMs: number): void {
  draft.put(vacate(slot));
  for (const it of processesOf(slot)) draft.life(it.id, { kind: 'drain', cause: 'stopped', deadlineMs });
}

/** Workers close or open the service port when they are tended to. */
function pause(draft: Draft, isPaused: boolean): void {
  if (draft.fleet.stage.kind !== 'running' || draft.fleet.isPaused === isPaused) return;
  draft.set({ isPaused });
  draft.say.push({ kind: isPaused ? 'paused' : 'resumed' });
}

function stop(draft: Draft, deadlineMs: number): void {
  const { stage, pendingEdition } = draft.fleet;
  if (stage.kind === 'stopped') return;
  draft.set({ stage: { kind: 'stopping', forced: stage.kind === 'stopping' && stage.forced } });
  abandonRollout(draft, 'the daemon stops');
  if (pendingEdition !== undefined) refuseReload(draft, pendingEdition);
  draft.set({ pendingEdition: undefined });
  for (const slot of [...draft.fleet.slots, draft.fleet.spare]) {
    vacateSlot(draft, slot, Math.min(deadlineMs, draft.limits.drainMs));
  }
}

function stopNow(draft: Draft): void {
  if (draft.fleet.stage.kind === 'stopped') return;
  stop(draft, 0);
  draft.set({ stage: { kind: 'stopping', forced: true } });
  for (const it of draft.processes()) draft.life(it.id, { kind: 'kill', cause: 'stopped', detail: 'at once' });
}

/** Fills what is due and lets the rollout advance. */
function reconcile(draft: Draft): void {
  const { stage, slots, count } = draft.fleet;
  if (stage.kind === 'stopped') return;
  draft.set({ slots: slots.filter((slot) => slot.index < count || processesOf(slot).length > 0) });
  if (stage.kind === 'stopping') {
    if (draft.processes().length > 0) return;
    draft.set({ stage: { kind: 'stopped' } });
    draft.say.push({ kind: 'all_stopped', forced: stage.forced });
    return;
  }
  for (const { index } of draft.fleet.slots) tendSlot(draft, index);
  if (stage.kind === 'starting' && draft.fleet.slots.every(isServing)) {
    draft.set({ stage: { kind: 'running' } });
    draft.say.push({ kind: 'all_ready' });
  }
  if (draft.fleet.stage.kind !== 'running') return;
  roll(draft);
  // Once more: the rollout may have given a seat to somebody whose door is closed.
  for (const { index } of draft.fleet.slots) tendSlot(draft, index);
  tendSpare(draft);
}
