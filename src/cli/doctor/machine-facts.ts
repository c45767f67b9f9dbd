/** The door to what this machine is: limits, memory, disks, versions. What is read is judged elsewhere. */
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { openCgroup } from '../../shared/cgroup.ts';

/** Soft limit of this process (proc(5)), which a daemon started from here inherits; undefined without one. */
export function softLimit(name: 'Max open files' | 'Max processes', pid: number | 'self' = 'self'): number | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/limits`, 'utf8')
      .split('\n')
      .find((text) => text.startsWith(name));
    const soft = line?.slice(name.length).trim().split(/\s+/)[0];
    return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

export function memoryFacts(): { readonly availableBytes: number; readonly totalBytes: number } {
  const cgroup = openCgroup();
  return {
    availableBytes: Math.min(availableOfMachine(), cgroup.headroomBytes()),
    totalBytes: Math.min(totalmem(), cgroup.memoryMaxBytes() ?? Number.POSITIVE_INFINITY),
  };
}

/** With the page cache that can be given back (proc(5)). */
function availableOfMachine(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  } catch {
    return freemem();
  }
}

export interface DiskFacts {
  /** The directory itself, or the nearest one above it that is there. */
  readonly path: string;
  readonly device: number;
  readonly freeBytes: number;
  readonly freeRatio: number;
  readonly freeInodes: number;
}

export function diskFacts(directory: string): DiskFacts {
  let path = directory;
  while (statSync(path, { throwIfNoEntry: false }) === undefined && dirname(path) !== path) path = dirname(path);
  const { bavail, blocks, bsize, files, ffree } = statfsSync(path);
  return {
    path,
    device: statSync(path).dev,
    freeBytes: bavail * bsize,
    freeRatio: blocks === 0 ? 1 : bavail / blocks,
    freeInodes: files === 0 ? 1 : ffree / files,
  };
}

/** Undefined when it is not installed. */
export function packageVersion(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  for (const directory of require.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(`${directory}/${name}/package.json`, 'utf8')) as { version?: string };
      return version;
    } catch {
      // The next directory may have it.
    }
  }
  return undefined;
}
