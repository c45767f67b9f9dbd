/** The mark of life of the owner of a directory on Linux: a name of user and directory that one process can hold. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { findNameHolder, type HeldName, holdName } from '../shared/process-name.ts';

function nameOf(directory: string): string {
  const hash = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 16);
  return `snowflake-mcp:${process.getuid?.() ?? 0}:${hash}`;
}

/** @returns undefined when another process holds it */
export function takeLifeSocket(directory: string): Promise<HeldName | undefined> {
  return holdName(nameOf(directory));
}

/** The pid of the holder, when it is one of the processes we may look into. */
export function findLifeSocketHolder(directory: string): number | undefined {
  return findNameHolder(nameOf(directory));
}
