/**
 * What this process takes of the memory by itself, as the supervisor counts it for workers.max_memory_restart: without
 * the text of the program and the mapped session store, of which the machine has one copy for all. Field: proc(5).
 */
import { readFileSync } from 'node:fs';

/** All that is resident where the file does not tell it (macOS), as the supervisor does there. */
export function ownMemoryBytes(file = '/proc/self/status'): number {
  try {
    const kilobytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]);
    if (kilobytes > 0) return kilobytes * 1024;
  } catch {
    // No such file here.
  }
  return process.memoryUsage.rss();
}
