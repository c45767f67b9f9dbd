/**
 * The fleet as others see it: rows for status, the message that tells workers about each other, readiness.
 */
import type { WorkerStatus } from '../shared/control-api.ts';
import type { FleetWorker, PrimaryMessage } from '../shared/ipc.ts';
import type { Fleet } from './rules/fleet-state.ts';
import { holderOf, isServing, processesOf, processState, type Slot, slotState } from './rules/slot.ts';
import type { WorkerRow } from './worker-table.ts';

export type WorkerRows = ReadonlyMap<number, WorkerRow>;

export function readyCount(fleet: Fleet): number {
  return fleet.slots.filter(isServing).length;
}

/** Half of the workers, rounded up, are enough to be sent traffic. */
export function hasQuorum(fleet: Fleet): boolean {
  const isUp = fleet.stage.kind === 'starting' || fleet.stage.kind === 'running';
  return isUp && readyCount(fleet) >= Math.ceil(fleet.count / 2);
}

/** True when the service is as it should be: enough workers are ready, and take calls unless the fleet is paused. */
export function isWell(fleet: Fleet): boolean {
  if (!fleet.isPaused) return hasQuorum(fleet);
  const fit = fleet.slots.filter((slot) => holderOf(slot)?.phase.kind === 'ready').length;
  return fleet.stage.kind === 'running' && fit >= Math.ceil(fleet.count / 2);
}

/** A row for a slot: its holder, or who is on the way in or out, or why there is nobody. */
export function workerStatus(slot: Slot, rows: WorkerRows, now: number): WorkerStatus {
  const row = rows.get(faceOf(slot)?.id ?? 0);
  const { lastEnd, restarts } = slot.record;
  return {
    slot: slot.index,
    incarnation: row?.incarnation ?? 0,
    socket: row?.socket ?? '',
    pid: row?.pid ?? 0,
    state: slotState(slot),
    uptimeSeconds: row === undefined ? 0 : Math.floor((now - row.startedAt) / 1000),
    restarts,
    lastExit: lastEnd === undefined ? '' : `${lastEnd.class} (${lastEnd.detail})`,
    cpuPercent: row?.cpuPercent ?? 0,
    rssBytes: row === undefined || row.rssBytes === 0 ? (row?.beat?.rssBytes ?? 0) : row.rssBytes,
    lagMs: row?.beat?.lagMs ?? 0,
    sessions: row?.beat?.sessions ?? 0,
    inflight: row?.beat?.inflight ?? 0,
    ...(row?.beat === undefined ? {} : { pool: row.beat.pool, snowflake: row.beat.snowflake }),
  };
}

/** All processes that live now, whatever their role. */
export function fleetMessage(
  fleet: Fleet,
  rows: WorkerRows,
  maintenanceSinceMs: number | undefined,
): Extract<PrimaryMessage, { type: 'fleet' }> {
  const workers = [...fleet.slots, fleet.spare].flatMap((slot) =>
    processesOf(slot).flatMap((it): FleetWorker[] => {
      const row = rows.get(it.id);
      if (row === undefined) return [];
      return [
        {
          slot: slot.index,
          incarnation: it.id,
          pid: row.pid,
          state: processState(it),
          socket: row.socket,
          startedAtMs: row.startedAtMs,
          restarts: slot.record.restarts,
          ...(row.beat === undefined ? {} : { beat: row.beat }),
        },
      ];
    }),
  );
  const maintenance = maintenanceSinceMs === undefined ? {} : { maintenanceSinceMs };
  return { type: 'fleet', generation: fleet.generation, workers, ...maintenance };
}

function faceOf(slot: Slot) {
  return holderOf(slot) ?? processesOf(slot)[0];
}
