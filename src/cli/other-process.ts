/** The door to processes of others: send a signal to exactly the one that was meant, wait until it is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessMark } from '../shared/pid-record.ts';

const LOOK_EVERY_MS = 50;

/** False when it is gone or belongs to somebody else. */
export function signal(target: ProcessMark, name: NodeJS.Signals): boolean {
  try {
    return isSameProcess(target) && process.kill(target.pid, name);
  } catch {
    return false;
  }
}

/** Waits until a process is gone; false after the deadline. */
export async function isGoneWithin(target: ProcessMark, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (isSameProcess(target)) {
    if (performance.now() >= end) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}
