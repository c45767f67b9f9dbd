/**
 * The configurations that processes run or are about to, by edition, and what each makes of the limits: a process is
 * judged by its own, so that a reload which brings a limit too low or a check that fails is aborted by it.
 */
import type { Config } from '../shared/config/schema.ts';
import { fleetLimits } from './fleet-limits.ts';
import type { EditionLimits, FleetLimits } from './rules/fleet-state.ts';

export interface Editions {
  enter(edition: number, config: Config, slots: number): void;
  /** The first one when that edition is no longer known. */
  config(edition: number): Config;
  /** Of the fleet while this edition is in use. */
  limits(edition: number, slots: number): FleetLimits;
  /** Forgets what is older than an edition and not in use. */
  forget(before: number, inUse: ReadonlySet<number>): void;
}

export function createEditions(first: Config): Editions {
  const configs = new Map<number, Config>();
  const editions = new Map<number, EditionLimits>();
  const config = (edition: number) => configs.get(edition) ?? first;
  return {
    enter: (edition, entered, slots) => {
      configs.set(edition, entered);
      editions.set(edition, fleetLimits(entered, slots));
    },
    config,
    limits: (edition, slots) => ({ ...fleetLimits(config(edition), slots), editions }),
    forget: (before, inUse) => {
      for (const edition of configs.keys()) {
        if (edition >= before || inUse.has(edition)) continue;
        configs.delete(edition);
        editions.delete(edition);
      }
    },
  };
}
