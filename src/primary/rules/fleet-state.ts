/**
 * What is known of all slots together, the events that change it and the limits it obeys. fleet.ts is the step.
 */
import type { LifeEvent, LifeLimits } from './incarnation.ts';
import type { Note, Order } from './order.ts';
import { type Rollout, type RolloutLimits, rolloutDueAt } from './reload.ts';
import type { RestartLimits } from './restart.ts';
import { newSlot, type Slot, slotDueAt } from './slot.ts';

export interface FleetLimits extends LifeLimits, RolloutLimits {
  readonly restart: RestartLimits;
  readonly listenMs: number;
  /** From the order to drain to SIGKILL. */
  readonly drainMs: number;
  /** How many suspects may have a replacement beside them at once. */
  readonly hangSurge: number;
  /** Pause after a replacement for memory that failed. */
  readonly replaceRetryMs: number;
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
  | { readonly kind: 'stop'; readonly deadlineMs: number }
  | { readonly kind: 'stop_now' };

export interface Moment {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** 0..1, for jitter. */
  readonly random: number;
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
  return Math.min(...fleet.slots.map((slot) => slotDueAt(slot, limits)), rolloutDueAt(fleet.rollout));
}
