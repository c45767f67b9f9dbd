/**
 * Copies a store of records that a running daemon writes to, in one consistent state.
 *
 * It is opened for reading alone: no lock of a writer is taken, so that a copy never holds the workers up.
 */
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { open } from 'lmdb';
import { lmdbFault } from '../../shared/lmdb-file.ts';

/** @throws Error in words when the store is damaged or the copy cannot be written */
export async function copyStore(file: string, copy: string): Promise<void> {
  const fault = lmdbFault(file);
  if (fault !== undefined) throw new Error(`${file} is damaged: ${fault}`);
  const hadLock = existsSync(`${file}-lock`);
  const store = open({ path: file, readOnly: true, encoding: 'binary' });
  try {
    await store.backup(copy, true);
    chmodSync(copy, 0o600);
  } finally {
    await store.close();
    if (!hadLock) rmSync(`${file}-lock`, { force: true });
  }
}
