/**
 * The door to the file of client keys: read with suspicion, written in one step under a lock.
 *
 * It must be a plain file of this user, closed to others: whoever can write it can make keys. A directory beside it,
 * `FILE.used`, holds an empty file per key, whose time says when the key was last used.
 */
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { type ClientKey, keysSchema } from './client-keys.ts';
import { makeDirectories } from './directories.ts';
import { AppError } from './errors.ts';

const MAX_BYTES = 2 * 1024 * 1024;
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const LOCK = {
  stale: 10_000,
  retries: { retries: 100, factor: 1, minTimeout: 30, maxTimeout: 120, randomize: true },
  realpath: false,
} as const;

function fault(file: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ELOOP' ? 'it is a symbolic link' : (code ?? message);
  return new AppError('KEYS_UNUSABLE', { file, reason }, { cause: error });
}

/** Undefined when there is no such file. @throws AppError KEYS_UNUSABLE */
export function readKeys(file: string): readonly ClientKey[] | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault(file, error);
  }
  try {
    const refuse = (reason: string) => new AppError('KEYS_UNUSABLE', { file, reason });
    const { uid, mode, size, isFile } = factsOf(fd);
    if (!isFile) throw refuse('it is not a plain file');
    const own = process.getuid?.() ?? uid;
    // Root may use the file of a service's user, in that user's directory.
    const isTheirs = own === 0 && uid === statSync(dirname(file)).uid;
    if (uid !== own && !isTheirs) throw refuse(`it belongs to user ${uid}, this is user ${own}`);
    if ((mode & 0o077) !== 0) {
      throw refuse(`it is open to others (mode ${(mode & 0o777).toString(8)}); close it with: chmod 600 '${file}'`);
    }
    if (size > MAX_BYTES) throw refuse(`it has ${size} bytes, more than ${MAX_BYTES}`);
    return parse(file, readFileSync(fd, 'utf8'));
  } catch (error) {
    throw fault(file, error);
  } finally {
    closeSync(fd);
  }
}

function factsOf(fd: number) {
  const stat = fstatSync(fd);
  return { uid: stat.uid, mode: stat.mode, size: stat.size, isFile: stat.isFile() };
}

function parse(file: string, text: string): readonly ClientKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('KEYS_UNUSABLE', { file, reason: 'it is not JSON' });
  }
  const parsed = keysSchema.safeParse(value);
  if (parsed.success) return parsed.data.keys;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  throw new AppError('KEYS_UNUSABLE', { file, reason: `it is no list of keys${where}` });
}

/**
 * Reads, changes and replaces the list, one at a time; the file and its directory are made when they are not there.
 * @throws AppError KEYS_UNUSABLE, and what `change` throws; then nothing has changed
 */
export async function changeKeys<T extends { readonly keys: readonly ClientKey[] }>(
  file: string,
  change: (keys: readonly ClientKey[]) => T,
): Promise<T> {
  let release: () => Promise<void>;
  try {
    makeDirectories(dirname(file), 0o700);
    release = await lock(file, LOCK);
  } catch (error) {
    throw fault(file, error);
  }
  try {
    const result = change(readKeys(file) ?? []);
    replace(file, `${JSON.stringify({ version: 1, keys: result.keys }, null, 2)}\n`);
    return result;
  } catch (error) {
    throw fault(file, error);
  } finally {
    await release();
  }
}

function replace(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  rmSync(beside, { force: true });
  try {
    const fd = openSync(beside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW, 0o600);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    // Made by root for a service of another user: the file is that user's, as its directory is.
    if (process.getuid?.() === 0) {
      const { uid, gid } = lstatSync(file, { throwIfNoEntry: false }) ?? statSync(dirname(file));
      chownSync(beside, uid, gid);
    }
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

const usedDir = (file: string) => `${file}.used`;

/** Notes that a key was used now. */
export async function markUsed(file: string, id: string, now: Date): Promise<void> {
  const path = join(usedDir(file), id);
  makeDirectories(usedDir(file), 0o700);
  const handle = await open(path, constants.O_CREAT | constants.O_WRONLY | NO_FOLLOW, 0o600);
  await handle.close();
  await utimes(path, now, now);
}

/** When a key was last used, to about a minute; undefined for never. */
export function lastUsed(file: string, id: string): Date | undefined {
  return lstatSync(join(usedDir(file), id), { throwIfNoEntry: false })?.mtime;
}

export function forgetUse(file: string, id: string): void {
  rmSync(join(usedDir(file), id), { force: true });
}
