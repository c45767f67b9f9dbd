/**
 * The secrets of the account, read at the moment they are needed: from the configuration, from a file of their own, or
 * from the chosen connection of connections.toml. So a rotated secret counts at the next login.
 */
import { AppError } from '../errors.ts';
import { readBounded } from './bounded-file.ts';
import { type CONNECTION_SECRETS, readConnection } from './connections-file.ts';
import type { Config } from './schema.ts';

type Snowflake = Config['snowflake'];
type SecretName = (typeof CONNECTION_SECRETS)[number];

export interface Secrets {
  /** Whether it is configured, be it readable or not. */
  has(name: SecretName): boolean;
  /** Where it is taken from, in words for a person. */
  sourceOf(name: SecretName): string;
  /** Undefined when it is not configured. @throws AppError CREDENTIALS_UNREADABLE */
  read(name: SecretName): string | undefined;
}

/** The file of its own that a secret may have. */
const FILES: { readonly [Name in SecretName]?: (snowflake: Snowflake) => string | undefined } = {
  password: ({ password_file }) => password_file,
  private_key: ({ private_key_path }) => private_key_path,
  private_key_passphrase: ({ private_key_passphrase_file }) => private_key_passphrase_file,
  token: ({ token_file_path }) => token_file_path,
  oauth_client_secret: ({ oauth_client_secret_file }) => oauth_client_secret_file,
};

/** Reads the connection of connections.toml, when one is chosen. @throws AppError CONFIG_UNREADABLE */
export function secretsOf(snowflake: Snowflake): Secrets {
  // The loader has set the file wherever a connection is chosen.
  const { connection_name: connection, connections_file: file = '' } = snowflake;
  const stored = connection === undefined ? new Map<string, unknown>() : readConnection(file, connection);
  const inConnection = (name: SecretName) => {
    const value = stored.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const fileOf = (name: SecretName) => FILES[name]?.(snowflake);
  return {
    has: (name) => snowflake[name] !== undefined || fileOf(name) !== undefined || inConnection(name) !== undefined,
    sourceOf: (name) =>
      snowflake[name] !== undefined ? `snowflake.${name}` : (fileOf(name) ?? `[${connection}] in ${file}`),
    read: (name) => {
      if (snowflake[name] !== undefined) return snowflake[name];
      const path = fileOf(name);
      return path === undefined ? inConnection(name) : readSecretFile(path, name);
    },
  };
}

function readSecretFile(file: string, name: SecretName): string {
  const what = `snowflake.${name}`;
  let text: string;
  try {
    text = readBounded(file).replace(/^\uFEFF/, '');
  } catch (error) {
    const { reason } = (error as AppError<'CONFIG_UNREADABLE'>).details;
    throw new AppError('CREDENTIALS_UNREADABLE', { what, file, reason });
  }
  // Editors and `echo` end a file with a line end. Blanks at the ends of a token mean nothing; in a password they may.
  const value = name === 'token' ? text.trim() : text.replace(/\r?\n$/, '');
  if (value.trim() === '') throw new AppError('CREDENTIALS_UNREADABLE', { what, file, reason: 'it is empty' });
  return value;
}
