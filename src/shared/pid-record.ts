/**
 * Who owns a run directory: the record a running primary keeps in its state file, and how to read it.
 *
 * Pids are reused, so a process is known by pid, start time and boot id (proc(5)); a zombie is dead. Without /proc it is
 * known by its pid alone. Files are read without following links and up to a bound, whatever lies there.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { z } from 'zod';
import type { DaemonPaths } from './paths.ts';

/** A primary may be process 1: that of a container. */
const pid = z.number().int().min(1).max(0x7fffffff);
const processSchema = z.strictObject({ pid, startTime: z.string().max(40) });
const childSchema = processSchema.extend({ pid: pid.min(2) });
const recordSchema = z.strictObject({
  ...processSchema.shape,
  bootId: z.string().max(80),
  /** Processes of the primary; a primary that was killed may leave some of them behind. */
  workers: z.array(childSchema).max(2000),
});

/** A process that can be told apart from a later one with the same pid. */
export type ProcessMark = z.output<typeof processSchema>;
export type OwnerRecord = z.output<typeof recordSchema>;

const RECORD_MAX_BYTES = 256 * 1024;
/** Place of the start time among the fields after the name; the state comes first. */
const START_TIME = 19;
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;

/** Undefined when there is no such process, or only its zombie. */
export function markProcess(candidate: number): ProcessMark | undefined {
  if (!pid.safeParse(candidate).success) return undefined;
  try {
    const stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isDead = fields[0] === 'Z' || fields[0] === 'X';
    return isDead ? undefined : { pid: candidate, startTime: fields[START_TIME] ?? '' };
  } catch {
    return !existsSync('/proc/self/stat') && canSignal(candidate) ? { pid: candidate, startTime: '' } : undefined;
  }
}

/** True while exactly this process lives. */
export function isSameProcess(mark: ProcessMark): boolean {
  return markProcess(mark.pid)?.startTime === mark.startTime;
}

/** Changes with each boot of the machine; empty where there is none. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** The record as it was left, whether its owner lives or not; undefined when there is none that makes sense. */
export function readRecord(paths: Pick<DaemonPaths, 'stateFile'>): OwnerRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readBounded(paths.stateFile, RECORD_MAX_BYTES)));
  } catch {
    return undefined;
  }
}

/** The primary that owns these paths, if the one that is recorded still lives. */
export function readOwner(paths: Pick<DaemonPaths, 'stateFile'>): { pid: number } | undefined {
  const record = readRecord(paths);
  return record?.bootId === bootId() && isSameProcess(record) ? { pid: record.pid } : undefined;
}

/** The start of a plain file. @throws when it is a link, no plain file, or not readable */
export function readBounded(path: string, maxBytes: number): string {
  // Without O_NONBLOCK the opening of a named pipe would wait for a writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | NOFOLLOW);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${path} is not a plain file`);
    const buffer = Buffer.alloc(Math.min(maxBytes, fstatSync(fd).size));
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

function canSignal(candidate: number): boolean {
  try {
    return process.kill(candidate, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
