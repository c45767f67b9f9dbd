/**
 * All slots together: start, run, scale, reload, stop. One pure step takes an event and tells what to do.
 *
 *   starting --> running --> stopping --> stopped
 *      |                        ^
 *      +---- start_failed ------+
 *
 * After each event the fleet is settled: seats that are due are filled, a suspect gets a replacement beside it, the
 * rollout advances. At most one rollout runs, so that never more than one working worker is being replaced.
 */
import type { ExitClass } from '../../shared/exit-codes.ts';
import type { Fleet, FleetEvent, FleetLimits, FleetStep, Moment } from './fleet-state.ts';
import { sleptMs } from './health.ts';
import { type Incarnation, type LifeEvent, shiftTimes, stepIncarnation } from './incarnation.ts';
import type { End, Note, Order, RolloutReason } from './order.ts';
import { advanceRollout, bootingStep, type RunningRollout, reasonToReplace, shiftRollout } from './reload.ts';
import { freshRecord } from './restart.ts';
import {
  dismissFresh,
  holderOf,
  isServing,
  MAX_PROCESSES_PER_SLOT,
  newSlot,
  processesOf,
  type Slot,
  settle,
  takeSeat,
  vacate,
  wantsStart,
  withProcess,
} from './slot.ts';

export function stepFleet(fleet: Fleet, event: FleetEvent, moment: Moment, limits: FleetLimits): FleetStep {
  const draft = new Draft(fleet, moment, limits);
  draft.wake();
  switch (event.kind) {
    case 'process':
      draft.life(event.incarnation, event.event);
      break;
    case 'tick':
      for (const it of draft.processes()) draft.life(it.id, event);
      break;
    case 'reload':
      draft.reload(event.edition);
      break;
    case 'scale':
      draft.scale(event.count);
      break;
    case 'stop':
      draft.stop(event.deadlineMs);
      break;
    case 'stop_now':
      draft.stopNow();
      break;
    default:
      event satisfies never;
  }
  draft.reconcile();
  return { next: draft.fleet, say: draft.say };
}

/** The fleet while one step is worked out; it never outlives the step. */
class Draft {
  fleet: Fleet;
  readonly say: (Order | Note)[] = [];
  readonly #moment: Moment;
  readonly #limits: FleetLimits;

  constructor(fleet: Fleet, moment: Moment, limits: FleetLimits) {
    this.fleet = fleet;
    this.#moment = moment;
    this.#limits = limits;
  }

  processes(): readonly Incarnation[] {
    return this.fleet.slots.flatMap(processesOf);
  }

  /** Moves every deadline when the primary did not look for too long. */
  wake(): void {
    const { now } = this.#moment;
    const gapMs = sleptMs(this.fleet.lastLook, now, this.#limits.health);
    this.#set({ lastLook: now });
    if (gapMs === 0) return;
    for (const it of this.processes()) this.#put(withProcess(this.#slot(it.slot), shiftTimes(it, gapMs)));
    this.#set({ rollout: shiftRollout(this.fleet.rollout, gapMs) });
    this.say.push({ kind: 'slept', gapMs });
  }

  life(id: number, event: LifeEvent): void {
    const it = this.processes().find((process) => process.id === id);
    if (it === undefined) return;
    const step = stepIncarnation(it, event, this.#moment.now, this.#limits);
    this.say.push(...step.say);
    const slot = withProcess(this.#slot(it.slot), step.next);
    this.#put(slot);
    if (step.next.phase.kind === 'gone') this.#settle(slot, step.next, step.next.phase.end);
  }

  reload(edition: number): void {
    const { stage, rollout, pendingEdition } = this.fleet;
    if (stage.kind === 'stopping' || stage.kind === 'stopped') {
      this.#refuseReload(edition);
    } else if (stage.kind === 'running' && (rollout.kind === 'idle' || rollout.only !== undefined)) {
      this.#abandonRollout('a reload replaces this worker anyway');
      this.#begin('reload', edition, undefined);
    } else {
      if (pendingEdition !== undefined) this.say.push({ kind: 'superseded', edition: pendingEdition, by: edition });
      this.#set({ pendingEdition: edition });
    }
  }

  scale(count: number): void {
    const { stage, slots, count: oldCount } = this.fleet;
    if (stage.kind === 'stopping' || stage.kind === 'stopped') return;
    const present = new Set(slots.map(({ index }) => index));
    const added = Array.from({ length: count }, (_, index) => index).filter((index) => !present.has(index));
    this.#set({ count, slots: [...slots, ...added.map(newSlot)].sort((a, b) => a.index - b.index) });
    for (const slot of slots) {
      if (slot.index >= count) this.#vacate(slot, this.#limits.drainMs);
      else if (slot.index >= oldCount) this.#put({ ...slot, seat: { kind: 'empty' }, record: freshRecord });
    }
  }

  stop(deadlineMs: number): void {
    if (this.fleet.stage.kind === 'stopped') return;
    const forced = this.fleet.stage.kind === 'stopping' && this.fleet.stage.forced;
    this.#set({ stage: { kind: 'stopping', forced } });
    const { pendingEdition } = this.fleet;
    this.#abandonRollout('the daemon stops');
    if (pendingEdition !== undefined) this.#refuseReload(pendingEdition);
    this.#set({ pendingEdition: undefined });
    for (const slot of this.fleet.slots) this.#vacate(slot, Math.min(deadlineMs, this.#limits.drainMs));
  }

  stopNow(): void {
    if (this.fleet.stage.kind === 'stopped') return;
    this.stop(0);
    this.#set({ stage: { kind: 'stopping', forced: true } });
    for (const it of this.processes()) this.life(it.id, { kind: 'kill', cause: 'stopped', detail: 'at once' });
  }

  /** Fills what is due and lets the rollout advance. */
  reconcile(): void {
    const { stage } = this.fleet;
    if (stage.kind === 'stopped') return;
    this.#set({
      slots: this.fleet.slots.filter((slot) => slot.index < this.fleet.count || processesOf(slot).length > 0),
    });
    if (stage.kind === 'stopping') {
      if (this.processes().length > 0) return;
      this.#set({ stage: { kind: 'stopped' } });
      this.say.push({ kind: 'all_stopped', forced: stage.forced });
      return;
    }
    for (const { index } of this.fleet.slots) this.#tend(index);
    if (stage.kind === 'starting' && this.fleet.slots.every(isServing)) {
      this.#set({ stage: { kind: 'running' } });
      this.say.push({ kind: 'all_ready' });
    }
    if (this.fleet.stage.kind === 'running') this.#roll();
  }

  /** One slot: who takes the seat, who starts, whose replacement is not needed after all. */
  #tend(index: number): void {
    const slot = this.#slot(index);
    const holder = holderOf(slot);
    if (slot.fresh !== undefined && holder === undefined && slot.seat.kind !== 'stopped') {
      if (slot.fresh.process.phase.kind === 'ready') this.#put(takeSeat(slot));
      return;
    }
    if (slot.fresh?.why === 'hang' && holder?.phase.kind === 'ready') {
      const { id } = slot.fresh.process;
      this.#put(dismissFresh(slot));
      this.life(id, { kind: 'drain', cause: 'stopped', deadlineMs: this.#limits.drainMs });
      return;
    }
    if (wantsStart(slot, this.#moment.now)) {
      const record = { ...slot.record, trial: slot.record.trial || slot.seat.kind === 'errored' };
      const by = this.#fork(index, this.fleet.edition);
      this.#put({ ...slot, record, seat: { kind: 'held', by } });
      return;
    }
    const surge = this.fleet.slots.filter((other) => other.fresh?.why === 'hang').length;
    const hasRoom = slot.fresh === undefined && processesOf(slot).length < MAX_PROCESSES_PER_SLOT;
    if (holder?.phase.kind === 'suspect' && hasRoom && surge < this.#limits.hangSurge) {
      this.#put({ ...slot, fresh: { why: 'hang', process: this.#fork(index, this.fleet.edition) } });
    }
  }

  #roll(): void {
    for (;;) {
      if (this.fleet.rollout.kind === 'idle') this.#chooseRollout();
      const { rollout } = this.fleet;
      if (rollout.kind === 'idle') return;
      const { next, action } = advanceRollout(rollout, this.fleet.slots, this.#moment.now, this.#limits);
      this.#set({ rollout: next });
      if (action === undefined) {
        if (next === rollout) return;
        continue;
      }
      switch (action.kind) {
        case 'replace': {
          const process = this.#fork(action.slot, next.edition);
          this.#put({ ...this.#slot(action.slot), fresh: { why: 'rollout', process } });
          this.#set({ rollout: bootingStep(next, action.slot, process.id) });
          this.#tell(next, `new worker ${action.slot} starts`);
          break;
        }
        case 'promote':
          this.#promote(next, action.slot);
          this.#tell(next, action.text);
          break;
        case 'say':
          this.#tell(next, action.text);
          break;
        case 'done':
          this.#finish(next, true, '');
          break;
        case 'abort':
          this.#finish(next, false, action.reason);
          break;
        default:
          action satisfies never;
      }
    }
  }

  /** What the idle rollout should do next: a waiting reload first, then a worker that should not stay. */
  #chooseRollout(): void {
    const { pendingEdition, rollout, slots } = this.fleet;
    if (pendingEdition !== undefined) {
      this.#set({ pendingEdition: undefined });
      this.#begin('reload', pendingEdition, undefined);
      return;
    }
    if (rollout.kind !== 'idle' || this.#moment.now < rollout.notBefore) return;
    const reasonFor = (slot: Slot) => reasonToReplace(slot, this.#limits.check);
    const tired = slots.find((slot) => reasonFor(slot) !== undefined);
    const why = tired && reasonFor(tired);
    if (why !== undefined) this.#begin(why, this.fleet.edition, tired?.index);
  }

  #begin(why: RolloutReason, edition: number, only: number | undefined): void {
    const { now } = this.#moment;
    const step = { kind: 'choosing', deadline: now + this.#limits.chooseMs } as const;
    this.#set({ rollout: { kind: 'running', why, edition, only, isProven: false, startedAt: now, step } });
  }

  #promote(rollout: RunningRollout, index: number): void {
    const slot = this.#slot(index);
    const former = slot.fresh === undefined ? undefined : holderOf(slot);
    this.#put({ ...takeSeat(slot), record: { ...freshRecord, restarts: slot.record.restarts } });
    const cause: ExitClass = rollout.why === 'rollback' ? 'reload' : rollout.why;
    if (former !== undefined) this.life(former.id, { kind: 'drain', cause, deadlineMs: this.#limits.drainMs });
  }

  #finish(rollout: RunningRollout, ok: boolean, reason: string): void {
    this.#close(rollout, ok, reason, ok ? 0 : this.#moment.now + this.#limits.replaceRetryMs);
    const { why, edition } = rollout;
    if (why !== 'reload') return;
    if (ok) this.#set({ edition, generation: this.fleet.generation + 1 });
    else if (this.fleet.slots.some((slot) => holderOf(slot)?.edition === edition)) {
      this.#begin('rollback', this.fleet.edition, undefined);
    }
  }

  #abandonRollout(reason: string): void {
    const { rollout } = this.fleet;
    if (rollout.kind === 'running') this.#close(rollout, false, reason, 0);
  }

  #close(rollout: RunningRollout, ok: boolean, reason: string, notBefore: number): void {
    const { why, edition, step, startedAt } = rollout;
    if (step.kind !== 'choosing') this.#dismissRollout(step.slot, step.fresh);
    this.#set({ rollout: { kind: 'idle', notBefore } });
    this.say.push({ kind: 'rollout_ended', why, edition, ok, reason, tookMs: this.#moment.now - startedAt });
  }

  #dismissRollout(index: number, fresh: number): void {
    const slot = this.fleet.slots.find((other) => other.index === index);
    if (slot?.fresh?.process.id !== fresh) return;
    this.#put(dismissFresh(slot));
    this.life(fresh, { kind: 'kill', cause: 'stopped', detail: 'its replacement was aborted' });
  }

  /** Takes a process that is gone out of its slot; in the first start a hopeless one ends the start. */
  #settle(slot: Slot, ended: Incarnation, end: End): void {
    const { next, notes } = settle(slot, ended, end, this.#moment, this.#limits.restart);
    this.#put(next);
    this.say.push(...notes);
    if (this.fleet.stage.kind !== 'starting' || slot.index >= this.fleet.count) return;
    const isHopeless = end.class === 'port_in_use' || ended.complaint?.retry === false;
    const isOver = holderOf(slot)?.id === ended.id && (next.seat.kind === 'errored' || next.seat.kind === 'stopped');
    if (!isHopeless && !isOver) return;
    this.say.push({ kind: 'start_failed', end, complaint: ended.complaint });
    this.stopNow();
  }

  /** A new process; all that boot at once share the machine, so each gets the more time. */
  #fork(slot: number, edition: number): Incarnation {
    const { now } = this.#moment;
    const id = this.fleet.nextIncarnation;
    const others = this.processes().filter(({ phase }) => phase.kind === 'forking' || phase.kind === 'booting');
    const bootMs = this.#limits.listenMs * (others.length + 1);
    for (const it of others) {
      if (it.phase.kind !== 'forking' && it.phase.kind !== 'booting') continue;
      const deadline = Math.max(it.phase.deadline, it.startedAt + bootMs);
      this.#put(withProcess(this.#slot(it.slot), { ...it, phase: { ...it.phase, deadline } }));
    }
    this.#set({ nextIncarnation: id + 1 });
    this.say.push({ kind: 'fork', slot, incarnation: id, edition });
    const phase = { kind: 'forking', deadline: now + bootMs } as const;
    return { id, slot, edition, startedAt: now, phase, complaint: undefined, checks: undefined };
  }

  #vacate(slot: Slot, deadlineMs: number): void {
    this.#put(vacate(slot));
    for (const it of processesOf(slot)) this.life(it.id, { kind: 'drain', cause: 'stopped', deadlineMs });
  }

  #refuseReload(edition: number): void {
    const reason = 'the daemon stops';
    this.say.push({ kind: 'rollout_ended', why: 'reload', edition, ok: false, reason, tookMs: 0 });
  }

  #tell(rollout: RunningRollout, text: string): void {
    this.say.push({ kind: 'rollout_step', why: rollout.why, edition: rollout.edition, text });
  }

  #slot(index: number): Slot {
    return this.fleet.slots.find((slot) => slot.index === index) ?? newSlot(index);
  }

  #put(slot: Slot): void {
    this.#set({ slots: this.fleet.slots.map((other) => (other.index === slot.index ? slot : other)) });
  }

  #set(change: Partial<Fleet>): void {
    this.fleet = { ...this.fleet, ...change };
  }
}
