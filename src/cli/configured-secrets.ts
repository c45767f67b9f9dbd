/** The values of all secrets that the configuration names, to look for them; none of them is ever printed. */
import { readFileSync } from 'node:fs';
import { CONNECTION_SECRETS } from '../shared/config/connections-file.ts';
import { configLeaves } from '../shared/config/leaves.ts';
import type { Config } from '../shared/config/schema.ts';
import { secretsOf } from '../shared/config/secrets.ts';
import { readInternalSecret, readStatePassword } from '../shared/config/shared-state.ts';
import type { KnownSecret } from './secret-scan.ts';

export function configuredSecrets(config: Config): KnownSecret[] {
  const found: KnownSecret[] = [];
  const add = (name: string, read: () => unknown) => {
    try {
      for (const value of textsOf(read())) found.push({ name, value });
    } catch {
      // A file that cannot be read holds nothing that could be recognised elsewhere.
    }
  };
  for (const leaf of configLeaves()) {
    const value = (config[leaf.section] as Record<string, unknown>)[leaf.name];
    if (leaf.meta.secret) add(leaf.key, () => value);
    else if (
      /_file$/.test(leaf.name) &&
      /password|token|secret|passphrase/.test(leaf.name) &&
      typeof value === 'string'
    ) {
      add(leaf.key, () => readFileSync(value, 'utf8').trim());
    }
  }
  for (const name of CONNECTION_SECRETS) add(`snowflake.${name}`, () => secretsOf(config.snowflake).read(name));
  add('state.password', () => readStatePassword(config.state));
  add('server.internal_secret', () => readInternalSecret(config.server));
  return found;
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
