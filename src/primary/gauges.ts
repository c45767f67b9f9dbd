/**
 * The primary's own figures: what each slot is doing, how old its last figures are, and how long nobody was ready.
 */
import type { Clock } from '../shared/clock.ts';
import { EXIT_CLASSES } from '../shared/exit-codes.ts';
import type { Recorder } from '../shared/metrics.ts';
import type { Fleet } from './rules/fleet-state.ts';
import { holderOf, isServing, SPARE_SLOT, slotName, slotState } from './rules/slot.ts';
import { readyCount, type WorkerRows } from './status.ts';

export interface Gauges {
  /** Creates the counters of a slot, so that they exist before their first event. */
  slot(index: number): void;
  /** Called after each event: adds up the time in which no worker took calls. */
  watch(fleet: Fleet): void;
  /** Called about once a second. */
  second(fleet: Fleet, rows: WorkerRows): void;
}

export function createGauges(recorder: Recorder, clock: Clock, version: string): Gauges {
  const startedAt = clock.now();
  const announced = new Set<number>();
  const states = new Map<number, string>();
  let downSince: number | undefined;
  recorder.set('mcp_server_info', 1, { version, node: process.versions.node });
  recorder.set('supervisor_generation', 0);
  return {
    slot(index) {
      if (announced.has(index)) return;
      announced.add(index);
      for (const reason of EXIT_CLASSES) {
        recorder.count('supervisor_worker_restarts_total', { worker: String(slotName(index)), reason }, 0);
      }
      for (const result of ['passed', 'failed']) {
        recorder.count('supervisor_health_checks_total', { worker: String(slotName(index)), result }, 0);
      }
    },
    watch(fleet) {
      const now = clock.now();
      if (downSince !== undefined) {
        recorder.count('supervisor_unavailable_seconds_total', {}, (now - downSince) / 1000);
      }
      downSince = fleet.stage.kind === 'running' && readyCount(fleet) === 0 ? now : undefined;
    },
    second(fleet, rows) {
      const now = clock.now();
      recorder.set('mcp_uptime_seconds', (now - startedAt) / 1000);
      const seen = new Map([...fleet.slots, fleet.spare].map((slot) => [slot.index, slot]));
      if (!announced.has(SPARE_SLOT)) seen.delete(SPARE_SLOT);
      for (const index of new Set([...announced, ...seen.keys()])) {
        const slot = seen.get(index);
        const worker = String(slotName(index));
        const state = slot === undefined ? 'removed' : slotState(slot);
        const before = states.get(index);
        if (before !== undefined && before !== state) {
          recorder.set('supervisor_worker_state', 0, { worker, state: before });
        }
        states.set(index, state);
        recorder.set('supervisor_worker_state', 1, { worker, state });
        recorder.set('supervisor_worker_up', slot !== undefined && isServing(slot) ? 1 : 0, { worker });
        const row = slot === undefined ? undefined : rows.get(holderOf(slot)?.id ?? 0);
        if (row !== undefined) {
          recorder.set('supervisor_worker_snapshot_age_seconds', (now - row.heardAt) / 1000, { worker });
        }
      }
    },
  };
}
