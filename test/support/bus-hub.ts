/** Carries events between buses of one process, as the primary does between workers. */
import type { BusEvent } from '../../src/shared/ipc.ts';
import type { BusCarrier } from '../../src/worker/state/cluster-bus.ts';

export function createBusHub(): { join(): BusCarrier } {
  const members = new Set<(events: readonly BusEvent[]) => void>();
  return {
    join: () => {
      let own: ((events: readonly BusEvent[]) => void) | undefined;
      return {
        send: (events) => {
          for (const hear of members) if (hear !== own) hear(structuredClone(events));
        },
        onEvents: (listener) => {
          own = listener;
          members.add(listener);
        },
      };
    },
  };
}
