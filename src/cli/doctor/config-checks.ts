/** Configuration, credentials, the files that hold secrets, and what expires; without the network. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stateOf } from '../../shared/client-keys.ts';
import { loadChecked } from '../../shared/config/checked.ts';
import { openPrivateKey } from '../../shared/config/credentials.ts';
import { type LoadedConfig, loadConfig } from '../../shared/config/load.ts';
import type { Config } from '../../shared/config/schema.ts';
import { type Secrets, secretsOf } from '../../shared/config/secrets.ts';
import { toAppError } from '../../shared/errors.ts';
import { readKeys } from '../../shared/keys-file.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { namedFiles } from '../named-files.ts';
import { error, type Finding, ok, warning } from './finding.ts';
import { expiryFinding, permissionFinding } from './machine.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What can be loaded, even when it may not start; undefined when nothing can. */
export function checkConfig(spec: LaunchSpec, env: Env): { findings: Finding[]; loaded: LoadedConfig | undefined } {
  let loaded: LoadedConfig | undefined;
  const findings: Finding[] = [];
  try {
    loaded = loadConfig(spec, env);
    const from = loaded.sources.join(', ') || 'defaults alone';
    findings.push(ok('config', `the configuration can be read (from ${from})`));
    for (const text of loaded.warnings)
      findings.push(warning('config', text, 'See `snowflake-mcp-daemon config show`.'));
    loadChecked(spec, env);
    if (spec.demo) findings.push(ok('credentials', 'none needed: --demo uses an embedded Snowflake'));
    else findings.push(...checkCredentials(loaded.config));
  } catch (thrown) {
    const { code, message, next } = toAppError(thrown, 'reading the configuration').toBody();
    const isCredentials = /^(CREDENTIALS|PRIVATE_KEY)/.test(code);
    findings.push(error(isCredentials ? 'credentials' : 'config', message, next));
  }
  return { findings, loaded };
}

/** They are complete and could be opened, or loading would have said so. */
function checkCredentials({ snowflake }: Config): Finding[] {
  const secrets = secretsOf(snowflake);
  const findings = [
    ok('credentials', `complete for ${snowflake.user ?? 'the configured login'} at ${snowflake.account}`),
  ];
  if (secrets.has('private_key')) {
    const bits = openPrivateKey(secrets).asymmetricKeyDetails?.modulusLength ?? 0;
    findings.push(
      ok('credentials', `the private key from ${secrets.sourceOf('private_key')} opens (RSA, ${bits} bits)`),
    );
  }
  const ends = tokenEnd(secrets);
  if (ends === undefined) return findings;
  const next = 'Make a new token and write it to snowflake.token_file_path, which is read at each login.';
  return [...findings, expiryFinding('credentials', 'the Snowflake token', ends, Date.now(), next)];
}

/** Of a token that is a JWT; others do not tell. */
function tokenEnd(secrets: Secrets): number | undefined {
  if (!secrets.has('token')) return undefined;
  try {
    const [, payload = ''] = (secrets.read('token') ?? '').split('.');
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Certificate of the service port and client keys. */
export function checkExpiry({ server }: Pick<Config, 'server'>, keysFile: string, now: Date): Finding[] {
  return [...checkCertificate(server.tls_cert, now), ...checkKeys(keysFile, now)];
}

function checkCertificate(file: string | undefined, now: Date): Finding[] {
  if (file === undefined) return [];
  const next = 'Renew it; it is read again when the file changes. runbooks/certificate.md.';
  try {
    const ends = Date.parse(new X509Certificate(readFileSync(file)).validTo);
    return [expiryFinding('certificate', `the certificate ${file}`, ends, now.getTime(), next)];
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return [error('certificate', `the certificate ${file} cannot be read: ${reason}`, next)];
  }
}

function checkKeys(keysFile: string, now: Date): Finding[] {
  try {
    const keys = readKeys(keysFile);
    if (keys === undefined) return [];
    const next = 'Give its owner a new one: `snowflake-mcp-daemon keys rotate NAME`, or revoke it.';
    const found = keys
      .filter((key) => stateOf(key, now) !== 'revoked' && key.expires !== undefined)
      .map((key) =>
        expiryFinding('keys', `the client key ${key.name}`, Date.parse(key.expires ?? ''), now.getTime(), next),
      )
      .filter(({ level }) => level !== 'ok');
    // An expired key shuts a client out; the service itself is well.
    const told = found.map((it): Finding => ({ ...it, level: 'warning' }));
    return told.length > 0 ? told : [ok('keys', `${keys.length} client keys, none expires soon`)];
  } catch (thrown) {
    const { message, next } = toAppError(thrown, 'the client keys').toBody();
    return [error('keys', message, next)];
  }
}

/** Files that hold secrets, as far as they are there. */
export function checkPermissions(config: Config, keysFile: string, cwd: string): Finding[] {
  const named = namedFiles(config)
    .filter(({ isSecret }) => isSecret)
    .map(({ file }) => file);
  return [...new Set([...named, keysFile, join(cwd, '.env')])]
    .filter((file) => existsSync(file))
    .map((file) => permissionFinding(file, statSync(file).mode));
}
