/**
 * Files that the configuration leads to and that belong to somebody else: keys, certificates, passwords, connections.toml.
 *
 * They are in no backup, may not be open to others, and have to be there after a restore.
 */
import { existsSync } from 'node:fs';
import { configLeaves } from '../shared/config/leaves.ts';
import { loadConfig } from '../shared/config/load.ts';
import type { Config } from '../shared/config/schema.ts';
import type { LaunchSpec } from '../shared/launch.ts';

export interface NamedFile {
  readonly key: string;
  readonly file: string;
  readonly isSecret: boolean;
}

/** Written by the service itself. */
const OWN = ['server.pid_file', 'auth.keys_file', 'logging.file'];

export function namedFiles(config: Config): NamedFile[] {
  return configLeaves()
    .filter(({ key, name }) => /(_file|_path|_cert|_key)$/.test(name) && !OWN.includes(key))
    .flatMap(({ key, section, name, meta }) => {
      const value = (config[section] as Record<string, unknown>)[name];
      if (meta.secret === true || typeof value !== 'string') return [];
      return [{ key, file: value, isSecret: name !== 'tls_cert' }];
    });
}

/** Of the configuration as it stands; none when it does not load. */
export function namedFilesOf(spec: LaunchSpec, env: Readonly<Record<string, string | undefined>>): NamedFile[] {
  try {
    return namedFiles(loadConfig(spec, env).config);
  } catch {
    return [];
  }
}

export const isMissing = ({ file }: NamedFile): boolean => !existsSync(file);
