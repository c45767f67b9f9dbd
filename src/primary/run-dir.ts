/**
 * The door to the files of the run directory: makes it, refuses one that others can write to, replaces files in one step.
 *
 * A file is written beside its name and renamed over it: readers see the old or the new text, and a link that somebody
 * left under that name is replaced, never followed. It is not synced to the disk: all of these files speak of processes,
 * which a machine that loses its memory does not have any more, and a sync would hold the loop up for the disk's time.
 */
import { closeSync, constants, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { makeDirectories } from '../shared/directories.ts';
import { AppError } from '../shared/errors.ts';
import { pathFault } from './path-fault.ts';

const FLAGS = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);

/** @throws AppError PATH_UNUSABLE when it cannot be made, or exists with another owner or open to others */
export function prepareRunDir(dir: string): void {
  const what = 'run directory';
  try {
    makeDirectories(dir, 0o700);
    const found = lstatSync(dir);
    const uid = process.getuid?.() ?? found.uid;
    const mode = (found.mode & 0o777).toString(8);
    const refuse = (reason: string) => new AppError('PATH_UNUSABLE', { what, path: dir, reason });
    if (!found.isDirectory()) throw refuse('it is not a directory');
    if (found.uid !== uid) throw refuse(`it belongs to user ${found.uid}, this is user ${uid}`);
    if ((found.mode & 0o077) !== 0) {
      throw refuse(`it is open to others (mode ${mode}); close it with: chmod 700 '${dir}'`);
    }
  } catch (error) {
    throw pathFault(what, dir, error);
  }
}

/** @throws AppError PATH_UNUSABLE; then the old file is as it was and nothing is left beside it */
export function replaceFile(what: string, path: string, text: string, mode: number): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    rmSync(beside, { force: true });
    const fd = openSync(beside, FLAGS, mode);
    try {
      writeSync(fd, text);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    rmQuietly(beside);
    throw pathFault(what, path, error);
  }
}

/** Removes a file; a failure does not matter. */
export function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Whoever reads it next finds out that it is stale.
  }
}
