/** Makes one archive in a directory: staged there, written, read back when wanted; a failure leaves nothing behind. */
import { rmdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectories } from '../../shared/directories.ts';
import { AppError } from '../../shared/errors.ts';
import { removeOnSignal } from '../left-copies.ts';
import { openArchive, unfinishedOf, writeArchive } from './archive.ts';
import { type ArchiveKind, archiveName } from './archive-name.ts';
import type { Manifest } from './manifest.ts';
import { createStaging, type Staging } from './staging.ts';

export interface MakeOptions {
  readonly dir: string;
  readonly kind: ArchiveKind;
  readonly passphraseFile?: string | undefined;
  readonly verify: boolean;
  readonly fill: (staging: Staging) => Promise<void>;
}

/** @throws AppError BACKUP_FAILED, and what `fill` throws of its own */
export async function makeArchive(options: MakeOptions): Promise<{ file: string; manifest: Manifest }> {
  const { dir, kind, passphraseFile } = options;
  const date = new Date();
  const file = join(dir, archiveName(kind, date, passphraseFile !== undefined));
  let staging: Staging | undefined;
  let made: string | undefined;
  let isDone = false;
  const forget = removeOnSignal(() => {
    staging?.remove();
    rmSync(unfinishedOf(file), { force: true });
  });
  try {
    made = makeDirectories(dir, 0o700);
    staging = createStaging(dir);
    await options.fill(staging);
    const manifest = staging.seal(kind, date);
    await writeArchive(staging, file, passphraseFile);
    if (options.verify) await readBack(file, passphraseFile, dir);
    isDone = true;
    return { file, manifest };
  } catch (error) {
    if (staging !== undefined) rmSync(file, { force: true });
    if (error instanceof AppError) throw error;
    throw new AppError('BACKUP_FAILED', { dir, reason: writeFault(error) }, { cause: error });
  } finally {
    forget();
    staging?.remove();
    if (!isDone && made !== undefined) removeEmpty(dir, made);
  }
}

/** Directories that were made for an archive that is not there, from the innermost; one that others use by now stays. */
function removeEmpty(dir: string, outermost: string): void {
  try {
    rmdirSync(dir);
    if (dir !== outermost) removeEmpty(dirname(dir), outermost);
  } catch {
    // It is in use, or gone.
  }
}

/** Checks every file of an archive against its manifest. @throws as openArchive */
export async function readBack(file: string, passphraseFile: string | undefined, scratch: string): Promise<Manifest> {
  const unpackTo = await mkdtemp(join(scratch, '.snowflake-mcp-'));
  const remove = () => rmSync(unpackTo, { recursive: true, force: true });
  const forget = removeOnSignal(remove);
  try {
    return (await openArchive({ file, passphraseFile, unpackTo })).manifest;
  } finally {
    forget();
    remove();
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EACCES: 'no permission',
  EROFS: 'it is on a read-only file system',
  ENOENT: 'there is no such directory, and none can be made',
  ENOTDIR: 'a part of its path is no directory',
  EEXIST: 'there is a file of that name',
};

/** Why something could not be written, for a person. */
export function writeFault(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (/no space left on device/i.test(message)) return WORDS.ENOSPC ?? message;
  return WORDS[code] ?? message;
}
