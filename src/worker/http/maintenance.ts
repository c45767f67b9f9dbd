/** Maintenance as an operator turns it on and off at any worker: the primary holds it and tells every worker. */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { FleetView } from '../session/fleet-view.ts';

export interface MaintenanceView {
  readonly maintenance: boolean;
  /** ISO time; null while it is off. */
  readonly since: string | null;
}

export interface Maintenance {
  view(): MaintenanceView;
  /**
   * Resolves when the primary has told that it is so.
   * @throws AppError PRIMARY_SILENT
   */
  set(isOn: boolean): Promise<MaintenanceView>;
}

export interface MaintenanceOptions {
  readonly fleet: FleetView;
  readonly clock: Clock;
  /** Tells the primary. */
  ask(isOn: boolean): void;
}

const ANSWER_MS = 3000;

export function createMaintenance({ fleet, clock, ask }: MaintenanceOptions): Maintenance {
  const view = (): MaintenanceView => {
    const since = fleet.maintenanceSinceMs();
    return { maintenance: since !== undefined, since: since === undefined ? null : new Date(since).toISOString() };
  };
  return {
    view,
    set: async (isOn) => {
      const end = clock.now() + ANSWER_MS;
      ask(isOn);
      while (fleet.isInMaintenance() !== isOn) {
        const leftMs = end - clock.now();
        if (leftMs <= 0) throw new AppError('PRIMARY_SILENT', { waitedMs: ANSWER_MS });
        await fleet.changed(leftMs);
      }
      return view();
    },
  };
}
