/** What a worker is told of its fellows, from a list of incarnations; `tell` is the primary's next message. */
import type { FleetWorker } from '../../src/shared/ipc.ts';
import type { FleetView } from '../../src/worker/session/fleet-view.ts';

export interface FleetOf extends FleetView {
  tell(incarnations: readonly number[]): void;
}

export function fleetOf(daemon: string, incarnation: number, incarnations: readonly number[]): FleetOf {
  let listed = incarnations;
  let newest = Math.max(incarnation, ...incarnations);
  const listeners = new Set<() => void>();
  return {
    daemon,
    incarnation,
    workers: () => listed.map((number) => ({ incarnation: number, state: 'ready', socket: 's' }) as FleetWorker),
    newest: () => newest,
    maintenanceSinceMs: () => undefined,
    isInMaintenance: () => false,
    isDraining: () => false,
    changed: async () => {},
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (next) => {
      listed = next;
      newest = Math.max(newest, ...next);
      for (const listener of listeners) listener();
    },
  };
}
