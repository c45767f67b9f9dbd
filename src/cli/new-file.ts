/** Writes a file of the user: readable by its owner alone, since it may come to hold credentials, and never over another. */
import { writeFileSync } from 'node:fs';
import { AppError } from '../shared/errors.ts';

/** @throws AppError PATH_UNUSABLE when it is there and not `force`d, or cannot be written */
export function writeNewFile(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'it is there already (--force replaces it)' : (code ?? 'it cannot be written');
    throw new AppError('PATH_UNUSABLE', { what: 'file', path: file, reason }, { cause: error });
  }
}
