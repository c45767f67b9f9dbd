/**
 * Remembers what a running daemon was started with (sources and flags, no secrets), so that `restart` can repeat it.
 *
 * The file names the pid it belongs to: one that was left by an earlier daemon is not believed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDirectories } from './directories.ts';
import type { LaunchSpec } from './launch.ts';
import type { DaemonPaths } from './paths.ts';

const fileSchema = z.object({
  pid: z.number(),
  spec: z.object({
    cwd: z.string(),
    configFile: z.string().optional(),
    environment: z.string().optional(),
    flags: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    demo: z.boolean(),
    detached: z.boolean(),
  }),
});

const fileOf = (paths: DaemonPaths) => join(paths.runDir, 'launch.json');

/**
 * Of the owner of the directory alone: a start that loses a race must not speak for the one that won. That the directory
 * cannot be written is told elsewhere, where it is needed more.
 */
export function rememberLaunch(paths: DaemonPaths, pid: number, spec: LaunchSpec): void {
  try {
    makeDirectories(paths.runDir, 0o700);
    writeFileSync(fileOf(paths), `${JSON.stringify({ pid, spec })}\n`, { mode: 0o600 });
  } catch {
    // `restart` then needs the flags again and says so.
  }
}

/** @param pid of the daemon it must belong to; without one the last is meant. Undefined when there is none. */
export function recallLaunch(paths: DaemonPaths, pid?: number): LaunchSpec | undefined {
  try {
    const read = fileSchema.parse(JSON.parse(readFileSync(fileOf(paths), 'utf8')));
    if (pid !== undefined && read.pid !== pid) return undefined;
    const { configFile, environment, ...rest } = read.spec;
    return {
      ...rest,
      ...(configFile === undefined ? {} : { configFile }),
      ...(environment === undefined ? {} : { environment }),
    };
  } catch {
    return undefined;
  }
}
