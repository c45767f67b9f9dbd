/**
 * Asks every ready worker for its health when it is time: each health_check_interval, a worker that has not proven
 * itself yet each second. One check of a worker runs at a time; what it shows is told as an event.
 */
import type { Clock } from '../shared/clock.ts';
import type { Config } from '../shared/config/schema.ts';
import { checkTarget, type HealthTarget } from '../shared/health-target.ts';
import type { Recorder } from '../shared/metrics.ts';
import type { Incarnation } from './rules/incarnation.ts';
import { slotName } from './rules/slot.ts';

const TIMEOUT_MS = 3000;
const UNPROVEN_INTERVAL_MS = 1000;

export type Probe = (socketPath: string, target: HealthTarget, timeoutMs: number) => Promise<string | undefined>;

/** A process that may be asked. */
export interface Askable {
  readonly process: Pick<Incarnation, 'id' | 'slot' | 'phase' | 'checks'>;
  /** Empty until it can be asked. */
  readonly socket: string;
  /** Of the configuration it was booted with. */
  readonly workers: Config['workers'];
}

export interface HealthChecks {
  /** Starts the checks that are due; called about twice a second with all processes that live. */
  look(askables: readonly Askable[]): void;
}

export function createHealthChecks(doors: {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly metrics: Recorder;
  readonly tell: (incarnation: number, fault: string | undefined) => void;
}): HealthChecks {
  const { probe, clock, metrics, tell } = doors;
  /** Incarnation -> when its last check began, and whether it still runs. */
  const asked = new Map<number, { at: number; isRunning: boolean }>();

  const check = async ({ process, socket, workers }: Askable) => {
    const mark = { at: clock.now(), isRunning: true };
    asked.set(process.id, mark);
    const targets = workers.health_check_url.flatMap((url) => checkTarget(url) ?? []);
    const faults = await Promise.all(targets.map((target) => probe(socket, target, TIMEOUT_MS)));
    mark.isRunning = false;
    const fault = faults.find((entry) => entry !== undefined);
    const result = fault === undefined ? 'passed' : 'failed';
    metrics.count('supervisor_health_checks_total', { worker: String(slotName(process.slot)), result });
    tell(process.id, fault);
  };

  return {
    look(askables) {
      const alive = new Set(askables.map(({ process }) => process.id));
      for (const id of asked.keys()) if (!alive.has(id)) asked.delete(id);
      for (const askable of askables) {
        const { process, socket, workers } = askable;
        if (process.phase.kind !== 'ready' || socket === '') continue;
        const last = asked.get(process.id);
        const intervalMs = process.checks?.hasPassed
          ? workers.health_check_interval
          : Math.min(UNPROVEN_INTERVAL_MS, workers.health_check_interval);
        if (last !== undefined && (last.isRunning || clock.now() - last.at < intervalMs)) continue;
        void check(askable);
      }
    },
  };
}
