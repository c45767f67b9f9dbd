/** The door to what a daemon that ended badly left behind: its files, and processes that outlived it. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonPaths } from '../../shared/paths.ts';
import { bootId, isSameProcess, readRecord } from '../../shared/pid-record.ts';

type LeftPaths = Pick<DaemonPaths, 'pidFile' | 'runDir' | 'stateFile' | 'controlSocket'>;

/** Files that only a living daemon has; the lock and what `start` wrote are no sign of one. */
export function leftFiles(paths: LeftPaths): string[] {
  const sockets = existsSync(paths.runDir) ? readdirSync(paths.runDir).filter((name) => /^w\d+\.sock$/.test(name)) : [];
  const own = [paths.pidFile, paths.stateFile, paths.controlSocket].filter((file) => existsSync(file));
  return [...own, ...sockets.map((name) => join(paths.runDir, name))];
}

/** Living processes of the daemon that is recorded there. */
export function leftProcesses(paths: LeftPaths): number[] {
  const record = readRecord(paths);
  if (record === undefined || record.bootId !== bootId()) return [];
  return record.workers.filter(isSameProcess).map(({ pid }) => pid);
}

/** The names of those that could not be removed. */
export function removeFiles(files: readonly string[]): string[] {
  return files.filter((file) => {
    try {
      rmSync(file, { force: true });
      return false;
    } catch {
      return true;
    }
  });
}
