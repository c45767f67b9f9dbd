/** Processor time and memory of processes, as Linux tells them in /proc (proc(5)). */
import { readFileSync } from 'node:fs';
import { descendants } from '../test/support/process.ts';

const TICK_MS = 10;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** User and system time of all of them so far; those that have ended count nothing. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    return sum + TICK_MS * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
  }, 0);
}

/** Resident memory of all of them in MiB; those that have ended count nothing. */
export function residentMib(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
    return sum + Number(kilobytes ?? 0) / 1024;
  }, 0);
}

/** A process and all that it has started. */
export function familyOf(pid: number): number[] {
  return [pid, ...descendants(pid)];
}
