/** Clients of a fake fleet that ask without a pause; every failure is kept. */
import { Agent } from 'node:http';
import type { FakeFleet } from './fake-fleet.ts';

export interface FleetLoad {
  answered(): number;
  /** Stops and tells what failed. */
  end(): Promise<readonly string[]>;
}

export function startFleetLoad(fleet: Pick<FakeFleet, 'get'>, clients: number, keepAlive = true): FleetLoad {
  const failures: string[] = [];
  const agent = new Agent({ keepAlive, maxSockets: clients });
  let answered = 0;
  let isOver = false;
  const loops = Array.from({ length: clients }, async () => {
    while (!isOver) {
      await fleet.get('/', { agent }).then(
        () => {
          answered += 1;
        },
        (error: Error) => failures.push(error.message),
      );
    }
  });
  return {
    answered: () => answered,
    end: async () => {
      isOver = true;
      await Promise.all(loops);
      agent.destroy();
      return failures;
    },
  };
}
