/**
 * The door to processes of others: is a pid still the same process, end it, wait until it is gone.
 *
 * Pids are reused, so a process is known by pid and start time (/proc, proc(5)); without /proc by its pid alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessId {
  readonly pid: number;
  readonly startTime: string;
}

const START_TIME_FIELD = 19;

/** Undefined when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[START_TIME_FIELD];
    return fields[0] === 'Z' || startTime === undefined ? undefined : { pid, startTime };
  } catch {
    return !existsSync('/proc/self/stat') && signal({ pid, startTime: '' }, 0) ? { pid, startTime: '' } : undefined;
  }
}

function isSame(process: ProcessId): boolean {
  return identify(process.pid)?.startTime === process.startTime;
}

/** False when it is gone or belongs to somebody else. */
export function signal(target: ProcessId, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target.pid, name);
  } catch {
    return false;
  }
}

/** Waits until a process is gone; false after the deadline. */
export async function isGoneWithin(target: ProcessId, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (isSame(target)) {
    if (performance.now() >= end) return false;
    await sleep(Math.min(50, deadlineMs));
  }
  return true;
}

/** The pid a pid file names, when that process looks like our daemon; a stale file names nobody or a stranger. */
export function daemonOfPidFile(pidFile: string): ProcessId | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, 'utf8').trim());
  } catch {
    return undefined;
  }
  const found = identify(pid);
  return found !== undefined && looksLikeDaemon(pid) ? found : undefined;
}

/** Its title, or the programs that become it. */
const DAEMON_WORD = /^snowflake-mcp-daemon:|\/primary\/main\.js$|\/snowflake-mcp-(daemon|http)(\.js)?$/;

function looksLikeDaemon(pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some((word) => DAEMON_WORD.test(word));
  } catch {
    return !existsSync('/proc/self/cmdline');
  }
}
