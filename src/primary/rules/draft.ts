/**
 * The fleet while one step is worked out: what has changed so far, and what must be said about it. It never outlives the
 * step. Here is what every part of the step needs; tend.ts, rolling.ts and fleet.ts decide.
 */
import { type Fleet, type FleetLimits, limitsOf, type Moment } from './fleet-state.ts';
import { type Door, type Incarnation, type LifeEvent, stepIncarnation } from './incarnation.ts';
import { noteEnd } from './intensity.ts';
import type { End, Note, Order } from './order.ts';
import { holderOf, newSlot, processesOf, type Slot, SPARE_SLOT, settle, withProcess } from './slot.ts';
import { takeSpare } from './spare.ts';

/** A boot is not waited for longer than this many times its time on a machine at rest. */
const CROWDING_MAX = 4;

export class Draft {
  fleet: Fleet;
  /** The first start cannot succeed: the step ends with a stop. */
  isStartHopeless = false;
  readonly say: (Order | Note)[] = [];
  readonly moment: Moment;
  readonly limits: FleetLimits;

  constructor(fleet: Fleet, moment: Moment, limits: FleetLimits) {
    this.fleet = fleet;
    this.moment = moment;
    this.limits = limits;
  }

  processes(): readonly Incarnation[] {
    return [...this.fleet.slots, this.fleet.spare].flatMap(processesOf);
  }

  slot(index: number): Slot {
    if (index === SPARE_SLOT) return this.fleet.spare;
    return this.fleet.slots.find((slot) => slot.index === index) ?? newSlot(index);
  }

  put(slot: Slot): void {
    if (slot.index === SPARE_SLOT) this.set({ spare: slot });
    else this.set({ slots: this.fleet.slots.map((other) => (other.index === slot.index ? slot : other)) });
  }

  set(change: Partial<Fleet>): void {
    this.fleet = { ...this.fleet, ...change };
  }

  /** Lets one process see one event; when that is its end, its slot is settled. */
  life(id: number, event: LifeEvent): void {
    const it = this.processes().find((process) => process.id === id);
    if (it === undefined) return;
    const step = stepIncarnation(it, event, this.moment.now, limitsOf(this.limits, it.edition));
    this.say.push(...step.say);
    const slot = withProcess(this.slot(it.slot), step.next);
    this.put(slot);
    if (step.next.phase.kind === 'gone') this.#settle(slot, step.next, step.next.phase.end);
  }

  /** A new process; all that boot at once share the machine with whatever else runs on it, so each gets the more time. */
  fork(slot: number, edition: number, listen: 'shared' | 'own'): Incarnation {
    const { now, random } = this.moment;
    const id = this.fleet.nextIncarnation;
    const others = this.processes().filter(({ phase }) => phase.kind === 'forking' || phase.kind === 'booting');
    const crowding = Math.min(CROWDING_MAX, Math.max(1, this.moment.crowding));
    const bootMs = this.limits.listenMs * (others.length + 1) * crowding;
    for (const it of others) {
      if (it.phase.kind !== 'forking' && it.phase.kind !== 'booting') continue;
      const deadline = Math.max(it.phase.deadline, it.startedAt + bootMs);
      this.put(withProcess(this.slot(it.slot), { ...it, phase: { ...it.phase, deadline } }));
    }
    this.set({ nextIncarnation: id + 1 });
    this.say.push({ kind: 'fork', slot, incarnation: id, edition, listen });
    const door: Door = { kind: listen === 'shared' ? 'open' : 'closed' };
    const phase = { kind: 'forking', deadline: now + bootMs } as const;
    const unknown = { requests: 0, bytes: 0, complaint: undefined, checks: undefined };
    return { id, slot, edition, startedAt: now, phase, door, luck: random, ...unknown };
  }

  /** Whether a process like this one fits into memory beside it. */
  hasRoomBeside(it: Incarnation | undefined): boolean {
    const bytes = Math.min(it?.bytes ?? 0, this.limits.memory.softBytes);
    return this.moment.headroomBytes >= bytes;
  }

  /** Takes a process that is gone out of its slot; in the first start a hopeless one ends the start. */
  #settle(slot: Slot, ended: Incarnation, end: End): void {
    const isStarting = this.fleet.stage.kind === 'starting';
    const limits = isStarting ? this.limits.firstStart : this.limits.restart;
    const { next, notes } = settle(slot, ended, end, this.moment, limits);
    const isFailure = next.seat.kind === 'backoff' && slot.seat.kind !== 'backoff' && slot.index !== SPARE_SLOT;
    if (isFailure) this.#refill(next, notes);
    else this.#hear(next, notes);
    if (!isStarting || slot.index >= this.fleet.count) return;
    // One that had all its time and is not ready would need as long again.
    const isTimedOut = end.class === 'boot_failure' && this.moment.now - ended.startedAt >= this.limits.listenMs;
    const isHopeless = isTimedOut || end.class === 'port_in_use' || ended.complaint?.retry === false;
    const isOver = holderOf(slot)?.id === ended.id && (next.seat.kind === 'errored' || next.seat.kind === 'stopped');
    if (this.isStartHopeless || !(isHopeless || isOver)) return;
    this.isStartHopeless = true;
    this.say.push({ kind: 'start_failed', end, complaint: ended.complaint });
  }

  /** A seat that lost its holder: the spare takes it at once, unless workers end faster than they may. */
  #refill(slot: Slot, notes: readonly Note[]): void {
    const { intensity: limits } = this.limits;
    const wasCalm = this.fleet.intensity.backoffMs === 0;
    const { next: intensity, notBefore } = noteEnd(this.fleet.intensity, this.moment, limits);
    this.set({ intensity });
    if (notBefore !== undefined) {
      const until = Math.max(notBefore, slot.seat.kind === 'backoff' ? slot.seat.until : 0);
      this.#hear({ ...slot, seat: { kind: 'backoff', until } }, notes, until - this.moment.now);
      const { ends } = intensity;
      if (wasCalm) this.say.push({ kind: 'restart_storm', ends: ends.times.length, windowMs: limits.windowMs });
      return;
    }
    const spare = slot.fresh?.why === 'hang' ? undefined : takeSpare(this, slot.index);
    if (spare === undefined) {
      this.#hear(slot, notes);
      return;
    }
    this.#hear({ ...slot, seat: { kind: 'held', by: spare } }, notes, 0);
    this.say.push({ kind: 'took_over', slot: slot.index, incarnation: spare.id });
    if (!this.fleet.isPaused) this.life(spare.id, { kind: 'listen' });
  }

  /** @param delayMs the wait that the slot's end is told with, when it is another than the restart rule's */
  #hear(slot: Slot, notes: readonly Note[], delayMs?: number): void {
    this.put(slot);
    for (const note of notes) {
      this.say.push(delayMs === undefined || note.kind !== 'ended' ? note : { ...note, delayMs });
    }
  }
}
