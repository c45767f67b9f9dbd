/**
 * The door to /proc: memory and processor time of a worker, and what a stuck one was doing.
 *
 * Everything is undefined where /proc is missing (macOS) or the process is gone; callers fall back to what the worker
 * says about itself. Fields: proc(5). A read takes some microseconds, so it is done in the loop.
 */
import { readFileSync } from 'node:fs';

export interface MemoryReading {
  readonly rssBytes: number;
  /** Resident without what is shared (program text, mapped store): what a limit should count. */
  readonly ownBytes: number;
}

export interface ProcessStats {
  memory(pid: number): MemoryReading | undefined;
  /** Processor time since the start of the process. */
  cpuMs(pid: number): number | undefined;
  /** State, kernel wait, faults: kept in the log before a stuck worker is killed. */
  evidence(pid: number): Readonly<Record<string, string>>;
}

/** USER_HZ is 100 on every Linux. */
const MS_PER_TICK = 10;
const USUAL_PAGE_BYTES = 4096;

export function createProcessStats(root = '/proc'): ProcessStats {
  const pageBytes = measurePage(root);
  return {
    memory(pid) {
      const [, resident, shared] = read(`${root}/${pid}/statm`)?.split(' ').map(Number) ?? [];
      if (resident === undefined || shared === undefined || Number.isNaN(resident)) return undefined;
      return { rssBytes: resident * pageBytes, ownBytes: (resident - shared) * pageBytes };
    },
    cpuMs(pid) {
      const fields = statFields(read(`${root}/${pid}/stat`));
      const [user, system] = [Number(fields[11]), Number(fields[12])];
      return Number.isFinite(user) && Number.isFinite(system) ? (user + system) * MS_PER_TICK : undefined;
    },
    evidence(pid) {
      const status = read(`${root}/${pid}/status`) ?? '';
      const wanted = ['State', 'VmRSS', 'VmSwap', 'Threads', 'voluntary_ctxt_switches', 'nonvoluntary_ctxt_switches'];
      const lines = status.split('\n').map((line) => line.split(':') as [string, string?]);
      const found = lines
        .filter(([name]) => wanted.includes(name))
        .map(([name, value]) => [name, (value ?? '').trim()]);
      const wchan = read(`${root}/${pid}/wchan`);
      return { ...Object.fromEntries(found), ...(wchan === undefined ? {} : { wchan }) };
    },
  };
}

/** The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets; the first is the state. */
function statFields(stat: string | undefined): string[] {
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Page size of the kernel, from two figures of the same thing in different units. */
function measurePage(root: string): number {
  const pages = Number(read(`${root}/self/statm`)?.split(' ')[0]);
  const kilobytes = Number(/^VmSize:\s+(\d+) kB/m.exec(read(`${root}/self/status`) ?? '')?.[1]);
  const exact = (kilobytes * 1024) / pages;
  return Number.isFinite(exact) && exact > 0 ? 2 ** Math.round(Math.log2(exact)) : USUAL_PAGE_BYTES;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
