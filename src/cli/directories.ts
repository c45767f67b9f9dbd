/**
 * Makes directories one by one: Node's own recursive way (20.20) never returns below /proc, where a directory whose
 * parent is there cannot be made because "it does not exist".
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** @returns the first directory that was made, undefined when all were there */
export function makeDirectories(dir: string, mode: number): string | undefined {
  if (existsSync(dir)) return undefined;
  const first = makeDirectories(dirname(dir), mode);
  mkdirSync(dir, { mode });
  return first ?? dir;
}
