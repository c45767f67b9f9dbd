/**
 * The primary's own figures: what each slot is doing, how old its last figures are, and how long nobody was ready.
 *
 * What is told of a slot goes with it: a slot that was scaled away leaves its counters alone behind.
 */
import type { Clock } from '../shared/clock.ts';
import { EXIT_CLASSES } from '../shared/exit-codes.ts';
import type { GaugeRecorder } from '../shared/metrics.ts';
import type { Fleet } from './rules/fleet-state.ts';
import { holderOf, isServing, type Slot, SPARE_SLOT, slotName, slotState } from './rules/slot.ts';
import { readyCount, type WorkerRows } from './status.ts';

export interface Gauges {
  /** Creates the counters of a slot, so that they exist before their first event. */
  slot(index: number): void;
  /** Called after each event: adds up the time in which no worker took calls. */
  watch(fleet: Fleet): void;
  /** Called about once a second. */
  second(fleet: Fleet, rows: WorkerRows): void;
}

export function createGauges(recorder: GaugeRecorder, clock: Clock, version: string): Gauges {
  const startedAt = clock.now();
  const announced = new Set<number>();
  /** The states that were told of each slot. */
  const told = new Map<number, Set<string>>();
  let downSince: number | undefined;
  recorder.set('mcp_server_info', 1, { version, node: process.versions.node });
  recorder.set('supervisor_generation', 0);
  const tell = (slot: Slot, rows: WorkerRows, now: number) => {
    const worker = String(slotName(slot.index));
    const state = slotState(slot);
    const states = (told.get(slot.index) ?? new Set<string>()).add(state);
    told.set(slot.index, states);
    for (const each of states) recorder.set('supervisor_worker_state', each === state ? 1 : 0, { worker, state: each });
    // The spare takes no calls by design, so that it is neither up nor down.
    if (slot.index !== SPARE_SLOT) recorder.set('supervisor_worker_up', isServing(slot) ? 1 : 0, { worker });
    const row = rows.get(holderOf(slot)?.id ?? 0);
    if (row === undefined) recorder.clear('supervisor_worker_snapshot_age_seconds', { worker });
    else recorder.set('supervisor_worker_snapshot_age_seconds', (now - row.figuresAt) / 1000, { worker });
  };
  const forget = (index: number) => {
    const worker = String(slotName(index));
    for (const state of told.get(index) ?? []) recorder.clear('supervisor_worker_state', { worker, state });
    told.delete(index);
    recorder.clear('supervisor_worker_up', { worker });
    recorder.clear('supervisor_worker_snapshot_age_seconds', { worker });
  };
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
      const spare = announced.has(SPARE_SLOT) ? [fleet.spare] : [];
      const slots = new Map([...fleet.slots, ...spare].map((slot) => [slot.index, slot]));
      for (const index of [...told.keys()]) if (!slots.has(index)) forget(index);
      for (const slot of slots.values()) tell(slot, rows, now);
    },
  };
}
