/**
 * Reads a file that somebody names in the configuration: one above 1 MiB is refused, and so is what is no regular file
 * (reading a pipe would wait for its writer).
 */
import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../errors.ts';

const MAX_BYTES = 1024 * 1024;

/** The text of a regular file of at most 1 MiB. @throws AppError CONFIG_UNREADABLE */
export function readBounded(file: string): string {
  try {
    const facts = statSync(file);
    if (!facts.isFile()) throw unreadable(file, 'it is not a regular file');
    if (facts.size > MAX_BYTES) throw unreadable(file, `it is larger than ${MAX_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadable(file, reasonOf(error), error);
  }
}

/** A system error in words, without its path. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it';
  return code ?? 'it cannot be read';
}

/** The error for a file that cannot be used. */
export function unreadable(file: string, reason: string, cause?: unknown): AppError<'CONFIG_UNREADABLE'> {
  return new AppError('CONFIG_UNREADABLE', { file, reason }, { cause });
}
