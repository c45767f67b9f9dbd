/** A failed file operation as the one error that names the path, in words instead of a code. */
import { AppError } from '../shared/errors.ts';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'something else has that name',
  ENOENT: 'there is no such directory, and it cannot be made',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many files are open (ulimit -n)',
};

/** @param what as in "The log directory PATH cannot be used" */
export function pathFault(what: string, path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = WORDS[code] ?? (code || (error instanceof Error ? error.message : String(error)));
  return new AppError('PATH_UNUSABLE', { what, path, reason }, { cause: error });
}
