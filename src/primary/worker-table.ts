/**
 * What the primary knows of each living process beside its place in the rules: pid, socket, last beat, use of memory
 * and processor. One row per incarnation, from its fork to its end.
 */
import type { Beat } from '../shared/ipc.ts';
import { createMessageGuard, type MessageGuard } from './message-guard.ts';

export interface WorkerRow {
  /** Changes once, when the spare takes a place. */
  slot: number;
  readonly incarnation: number;
  readonly pid: number;
  /** Wall clock, for people and for other workers. */
  readonly startedAtMs: number;
  readonly startedAt: number;
  readonly guard: MessageGuard;
  /** Empty until it is ready. */
  socket: string;
  beat: Beat | undefined;
  /** Monotonic time of the last metrics, of its fork before the first. */
  figuresAt: number;
  rssBytes: number;
  cpuPercent: number;
  cpuMs: number | undefined;
  cpuAt: number;
}

export function newRow(of: { slot: number; incarnation: number; pid: number }, now: number, wall: Date): WorkerRow {
  return {
    ...of,
    startedAtMs: wall.getTime(),
    startedAt: now,
    guard: createMessageGuard(),
    socket: '',
    beat: undefined,
    figuresAt: now,
    rssBytes: 0,
    cpuPercent: 0,
    cpuMs: undefined,
    cpuAt: now,
  };
}

/** Takes a reading of processor time; the share is of one processor, since the last reading. */
export function noteCpu(row: WorkerRow, cpuMs: number | undefined, now: number): void {
  if (cpuMs === undefined) return;
  const elapsed = now - row.cpuAt;
  if (row.cpuMs !== undefined && elapsed > 0) {
    row.cpuPercent = Math.max(0, Math.round(((cpuMs - row.cpuMs) / elapsed) * 1000) / 10);
  }
  row.cpuMs = cpuMs;
  row.cpuAt = now;
}
