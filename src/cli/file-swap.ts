/**
 * Replaces several files as one: all of the new content is written beside its place and the old content is kept, both
 * where a full disk shows, before the first name changes. A failure puts everything back.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories } from '../shared/directories.ts';

export interface Change {
  /** A link is followed. */
  readonly target: string;
  readonly source: string;
  /** Of a file that was not there; 0600 when not given. */
  readonly mode?: number;
  /** Whose file it is too when it was not there: the number of a group. */
  readonly group?: number | undefined;
}

export interface Swap {
  /** What was there before, where something was. */
  readonly kept: readonly { readonly target: string; readonly kept: string }[];
  /** Puts the old files back. */
  undo(): void;
}

interface Prepared {
  readonly target: string;
  readonly fresh: string;
  readonly kept: string | undefined;
}

/** @param stamp a word for the names beside the targets, new for each swap */
export function swapFiles(changes: readonly Change[], stamp: string): Swap {
  const written: string[] = [];
  const madeDirs: string[] = [];
  const done: Prepared[] = [];
  try {
    const prepared = changes.map((change) => prepare(change, stamp, written, madeDirs));
    for (const one of prepared) {
      renameSync(one.fresh, one.target);
      done.push(one);
    }
  } catch (error) {
    putBack(done);
    for (const file of written) rmSync(file, { force: true });
    for (const dir of madeDirs) rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  return {
    kept: done.flatMap(({ target, kept }) => (kept === undefined ? [] : [{ target, kept }])),
    undo: () => {
      putBack(done);
      for (const dir of madeDirs) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function prepare(
  { target: named, source, mode = 0o600, group }: Change,
  stamp: string,
  written: string[],
  madeDirs: string[],
): Prepared {
  const old = statSync(named, { throwIfNoEntry: false });
  const target = old === undefined ? named : realpathSync(named);
  const made = makeDirectories(dirname(target), 0o750);
  if (made !== undefined) {
    madeDirs.push(made);
    if (group !== undefined) chownSync(dirname(target), process.getuid?.() ?? 0, group);
  }
  const fresh = `${target}.new-${stamp}`;
  written.push(fresh);
  const { uid, gid } = old ?? statSync(dirname(target));
  const owner = { uid, gid: old === undefined ? (group ?? gid) : gid };
  copyLike(source, fresh, owner, old === undefined ? mode : old.mode & 0o777);
  if (old === undefined) return { target, fresh, kept: undefined };
  const kept = `${target}.before-${stamp}`;
  written.push(kept);
  copyLike(target, kept, old, old.mode & 0o777);
  return { target, fresh, kept };
}

/** A copy that belongs to whom the file or its directory belongs to, and that is on the disk. */
function copyLike(source: string, copy: string, owner: Pick<Stats, 'uid' | 'gid'>, mode: number): void {
  copyFileSync(source, copy);
  chmodSync(copy, mode);
  if (process.getuid?.() === 0) chownSync(copy, owner.uid, owner.gid);
  const fd = openSync(copy, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function putBack(done: readonly Prepared[]): void {
  for (const { target, kept } of done.toReversed()) {
    if (kept === undefined) rmSync(target, { force: true });
    else renameSync(kept, target);
  }
}
