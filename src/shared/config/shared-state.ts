/**
 * The secrets of sessions that several daemons share, from the configuration or from files of their own, read when they
 * are needed: the password of the store, and what the daemons prove themselves with to each other.
 */
import { AppError } from '../errors.ts';
import { readBounded } from './bounded-file.ts';
import type { Config } from './schema.ts';

export const INTERNAL_SECRET_MIN = 32;

/** Undefined when the store asks for none. @throws AppError CREDENTIALS_UNREADABLE */
export function readStatePassword({ password, password_file }: Config['state']): string | undefined {
  if (password !== undefined || password_file === undefined) return password;
  return readSecretLine('state.password', password_file);
}

/** Undefined when sessions are not shared. @throws AppError CREDENTIALS_UNREADABLE */
export function readInternalSecret({ internal_secret, internal_secret_file }: Config['server']): string | undefined {
  if (internal_secret !== undefined || internal_secret_file === undefined) return internal_secret;
  const what = 'server.internal_secret';
  const secret = readSecretLine(what, internal_secret_file);
  if (secret.length >= INTERNAL_SECRET_MIN) return secret;
  const reason = `it has ${secret.length} characters, ${INTERNAL_SECRET_MIN} are the least`;
  throw new AppError('CREDENTIALS_UNREADABLE', { what, file: internal_secret_file, reason });
}

function readSecretLine(what: string, file: string): string {
  let secret: string;
  try {
    secret = readBounded(file).trim();
  } catch (error) {
    const { reason } = (error as AppError<'CONFIG_UNREADABLE'>).details;
    throw new AppError('CREDENTIALS_UNREADABLE', { what, file, reason }, { cause: error });
  }
  if (secret === '') throw new AppError('CREDENTIALS_UNREADABLE', { what, file, reason: 'it is empty' });
  return secret;
}
