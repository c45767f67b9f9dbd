/**
 * What is known of all slots together, the events that change it and the limits it obeys. fleet.ts is the step.
 */
import type { LifeEvent, LifeLimits } from './incarnation.ts';
import { calm, type Intensity, type IntensityLimits } from './intensity.ts';
import type { Note, Order } from './order.ts';
import { type Rollout, type RolloutLimits, rolloutDueAt } from './reload.ts';
import type { RestartLimits } from './restart.ts';
import { newSlot, processesOf, type Slot, SPARE_SLOT, slotDueAt } from './slot.ts';

/** What a process is judged by that runs a certain configuration. */
export type EditionLimits = LifeLimits & Pick<RolloutLimits, 'check'>;

export interface FleetLimits extends LifeLimits, RolloutLimits {
  /** Of the configurations that processes run or are about to, so that a reload is judged by what it brings. */
  readonly editions?: ReadonlyMap<number, EditionLimits>;
  readonly restart: RestartLimits;
  readonly listenMs: number;
  /** From the order to drain to SIGKILL. */
  readonly drainMs: number;
  /** How many suspects may have a replacement beside them at once. */
  readonly hangSurge: number;
  /** Pause after a replacement for memory that failed. */
  readonly replaceRetryMs: number;
  /** Workers that are booted and wait for a slot. */
  readonly spares: 0 | 1;
  readonly intensity: IntensityLimits;
  /** Until everybody was ready once: few tries, close together. */
  readonly firstStart: RestartLimits;
}

export function limitsOf(limits: FleetLimits, edition: number): EditionLimits {
  return limits.editions?.get(edition) ?? limits;
}

export type Stage =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'stopping'; readonly forced: boolean }
  | { readonly kind: 'stopped' };

export interface Fleet {
  readonly stage: Stage;
  readonly count: number;
  readonly slots: readonly Slot[];
  /** The place of the spare; its holder moves to the slot it takes. */
  readonly spare: Slot;
  /** No worker takes calls, by order. */
  readonly isPaused: boolean;
  readonly intensity: Intensity;
  readonly rollout: Rollout;
  /** A reload that waits for the running rollout; a later one takes its place. */
  readonly pendingEdition: number | undefined;
  /** Edition that new processes get. */
  readonly edition: number;
  /** Successful reloads. */
  readonly generation: number;
  readonly nextIncarnation: number;
  readonly lastLook: number;
}

export type FleetEvent =
  | { readonly kind: 'process'; readonly incarnation: number; readonly event: Exclude<LifeEvent, { kind: 'tick' }> }
  | { readonly kind: 'tick' }
  | { readonly kind: 'reload'; readonly edition: number }
  | { readonly kind: 'scale'; readonly count: number }
  /** Stops or starts to take calls. */
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  | { readonly kind: 'stop'; readonly deadlineMs: number }
  | { readonly kind: 'stop_now' };

export interface Moment {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** 0..1, for jitter. */
  readonly random: number;
  /** Memory that is free for further processes, Infinity when nothing limits it. */
  readonly headroomBytes: number;
  /** Programs that want to run for each CPU, of the last minute; above 1 a boot takes as many times longer. */
  readonly crowding: number;
}

export interface FleetStep {
  readonly next: Fleet;
  readonly say: readonly (Order | Note)[];
}

export function newFleet(count: number, now: number): Fleet {
  return {
    stage: { kind: 'starting' },
    count,
    slots: Array.from({ length: count }, (_, index) => newSlot(index)),
    spare: newSlot(SPARE_SLOT),
    isPaused: false,
    intensity: calm,
    rollout: { kind: 'idle', notBefore: 0 },
    pendingEdition: undefined,
    edition: 0,
    generation: 0,
    nextIncarnation: 1,
    lastLook: now,
  };
}

/** The next time something is due, Infinity when nothing is. */
export function fleetDueAt(fleet: Fleet, limits: FleetLimits): number {
  // When the spare starts again is not worth a look of its own.
  const spare = slotDueAt({ ...fleet.spare, seat: { kind: 'empty' }, leavers: processesOf(fleet.spare) }, limits);
  return Math.min(...fleet.slots.map((slot) => slotDueAt(slot, limits)), spare, rolloutDueAt(fleet.rollout));
}
