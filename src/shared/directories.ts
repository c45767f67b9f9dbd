/**
 * The one way directories are made: one by one, with the parents that are missing.
 *
 * Node's own recursive way (20.20) never returns for a path below /proc, where a directory whose parent is there cannot be
 * made because "it does not exist"; a path out of a configuration must never be able to stop a process.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * @returns the first directory that was made, undefined when all were there
 * @throws what the file system says: EEXIST for a file in the way, ENOENT below /proc, EACCES, EROFS ..
 */
export function makeDirectories(dir: string, mode = 0o777): string | undefined {
  if (isDirectory(dir)) return undefined;
  const first = makeDirectories(dirname(dir), mode);
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (isDirectory(dir)) return first;
    throw error;
  }
  return first ?? dir;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
