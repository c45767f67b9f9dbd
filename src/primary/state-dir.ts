/**
 * Makes the state directory this daemon's alone, and takes store files out of the way that would end every worker.
 *
 * Two daemons on one directory would each take the sessions of the other for those of a dead one. The guard is a socket
 * named by the directory (life-socket.ts). A store that is damaged is set aside here, where no worker has it open yet.
 */
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../shared/directories.ts';
import { AppError } from '../shared/errors.ts';
import { lmdbFault } from '../shared/lmdb-file.ts';
import type { Log } from '../shared/log.ts';
import { findLifeSocketHolder, takeLifeSocket } from './life-socket.ts';

export interface StateDir {
  release(): Promise<void>;
}

/**
 * A directory that cannot be used is told and nothing more: workers then keep sessions in their memory.
 * @throws AppError STATE_IN_USE
 */
export async function takeStateDir(
  directory: string,
  deps: { readonly log: Pick<Log, 'warn'>; wall(): Date },
): Promise<StateDir> {
  try {
    makeDirectories(directory, 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    deps.log.warn('store.unusable', 'the state directory cannot be used', { directory, reason });
    return { release: async () => {} };
  }
  const life = await takeLifeSocket(directory);
  if (life === undefined) throw new AppError('STATE_IN_USE', { directory, pid: findLifeSocketHolder(directory) ?? 0 });
  for (const name of storesIn(directory)) setAsideDamaged(join(directory, name), deps);
  return life;
}

function storesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.lmdb'));
  } catch {
    return [];
  }
}

/** With its lock file, which belongs to this one file. */
function setAsideDamaged(file: string, { log, wall }: Parameters<typeof takeStateDir>[1]): void {
  try {
    const reason = lmdbFault(file);
    if (reason === undefined) return;
    const aside = `${file}.damaged-${wall().toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(file, aside);
    renameSync(`${file}-lock`, `${aside}-lock`);
    log.warn('store.set_aside', 'a damaged store was set aside; what was in it is lost', { file, aside, reason });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('store.unusable', 'a store cannot be looked at', { file, reason });
  }
}
