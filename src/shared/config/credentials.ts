/**
 * What must hold before anything starts: credentials that are complete and usable, and no open door.
 *
 * Checks without the network: whether Snowflake accepts them shows at the first login.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { AppError } from '../errors.ts';
import { normalizePrivateKey } from './private-key.ts';
import type { Config } from './schema.ts';
import { type Secrets, secretsOf } from './secrets.ts';

type Snowflake = Config['snowflake'];

const LEAST_RSA_BITS = 2048;

/** How a login is made; an https address is that of Okta. */
export type LoginMethod = Exclude<Snowflake['authenticator'], 'auto'>;

/**
 * @throws AppError CREDENTIALS_MISSING naming every missing key, CREDENTIALS_UNREADABLE and CONFIG_UNREADABLE for files,
 * PRIVATE_KEY_INVALID when a key is configured that does not open.
 */
export function requireCredentials(config: Pick<Config, 'snowflake'>): void {
  const { snowflake } = config;
  const secrets = secretsOf(snowflake);
  const method = loginMethod(snowflake, secrets);
  const missing: string[] = [];
  if (snowflake.account === undefined) missing.push(ACCOUNT);
  if (method === undefined) {
    if (snowflake.user === undefined) missing.push(USER);
    missing.push(`one of ${KEY}, ${TOKEN}, ${CLIENT_ID} with ${CLIENT_SECRET}, ${PROVIDER}, ${PASSWORD}`);
  } else {
    missing.push(...missingFor(method, snowflake, secrets));
  }
  if (missing.length > 0) throw new AppError('CREDENTIALS_MISSING', { missing });
  if (method === 'SNOWFLAKE_JWT') openPrivateKey(secrets);
  for (const name of ['password', 'token', 'oauth_client_secret'] as const) {
    if (method !== 'SNOWFLAKE_JWT' && secrets.has(name)) secrets.read(name);
  }
}

const ACCOUNT = 'snowflake.account (SNOWFLAKE_ACCOUNT)';
const USER = 'snowflake.user (SNOWFLAKE_USER)';
const PASSWORD = 'snowflake.password (SNOWFLAKE_PASSWORD)';
const KEY = 'snowflake.private_key_path (SNOWFLAKE_PRIVATE_KEY_PATH)';
const TOKEN = 'snowflake.token (SNOWFLAKE_TOKEN)';
const CLIENT_ID = 'snowflake.oauth_client_id (SNOWFLAKE_OAUTH_CLIENT_ID)';
const CLIENT_SECRET = 'snowflake.oauth_client_secret (SNOWFLAKE_OAUTH_CLIENT_SECRET)';
const PROVIDER = 'snowflake.workload_identity_provider (SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER)';

/** The configured method, for `auto` the one whose credentials are there; undefined when none are. */
export function loginMethod(snowflake: Snowflake, secrets: Secrets): LoginMethod | undefined {
  if (snowflake.authenticator !== 'auto') return snowflake.authenticator;
  if (secrets.has('private_key')) return 'SNOWFLAKE_JWT';
  if (snowflake.workload_identity_provider !== undefined) return 'WORKLOAD_IDENTITY';
  if (snowflake.oauth_client_id !== undefined && secrets.has('oauth_client_secret')) return 'OAUTH_CLIENT_CREDENTIALS';
  if (secrets.has('token')) {
    return isProgrammaticToken(secrets.read('token') ?? '') ? 'PROGRAMMATIC_ACCESS_TOKEN' : 'OAUTH';
  }
  if (!secrets.has('password')) return undefined;
  return secrets.has('passcode') || snowflake.passcode_in_password ? 'USERNAME_PASSWORD_MFA' : 'SNOWFLAKE';
}

/** Programmatic access tokens are JWTs that Snowflake itself has issued (`iss` is `SF:` and a number). */
function isProgrammaticToken(token: string): boolean {
  const [, payload = ''] = token.split('.');
  try {
    const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { iss?: unknown };
    return typeof iss === 'string' && iss.startsWith('SF:');
  } catch {
    return false;
  }
}

/** The keys that a method needs and that are not set, in words for a person. */
export function missingFor(method: LoginMethod, snowflake: Snowflake, secrets: Secrets): string[] {
  const user = snowflake.user === undefined ? [USER] : [];
  const secret = (name: Parameters<Secrets['has']>[0], words: string) => (secrets.has(name) ? [] : [words]);
  switch (method) {
    case 'SNOWFLAKE_JWT':
      return [...user, ...secret('private_key', KEY)];
    case 'OAUTH':
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return secret('token', TOKEN);
    case 'OAUTH_CLIENT_CREDENTIALS':
      return [
        ...(snowflake.oauth_client_id === undefined ? [CLIENT_ID] : []),
        ...secret('oauth_client_secret', CLIENT_SECRET),
      ];
    case 'WORKLOAD_IDENTITY':
      if (snowflake.workload_identity_provider === undefined) return [PROVIDER];
      return /^oidc$/i.test(snowflake.workload_identity_provider) ? secret('token', TOKEN) : [];
    case 'EXTERNALBROWSER':
    case 'OAUTH_AUTHORIZATION_CODE':
      return [];
    default:
      // SNOWFLAKE, USERNAME_PASSWORD_MFA, Okta
      return [...user, ...secret('password', PASSWORD)];
  }
}

/** True when each login asks a person: by a window on a screen or a message to a phone. */
export function asksPerson(snowflake: Snowflake): boolean {
  const { authenticator, passcode, passcode_in_password: isInPassword } = snowflake;
  if (authenticator === 'auto') return passcode !== undefined || isInPassword === true;
  return ['EXTERNALBROWSER', 'OAUTH_AUTHORIZATION_CODE', 'USERNAME_PASSWORD_MFA'].includes(authenticator);
}

/** The configured private key, read now. @throws AppError PRIVATE_KEY_INVALID, CREDENTIALS_UNREADABLE */
export function openPrivateKey(secrets: Secrets): KeyObject {
  const source = secrets.sourceOf('private_key');
  const refuse = (reason: string, cause?: unknown) =>
    new AppError('PRIVATE_KEY_INVALID', { source, reason }, { cause });
  const pem = normalizePrivateKey(secrets.read('private_key') ?? '');
  const passphrase = secrets.read('private_key_passphrase');
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    throw refuse(keyFault(pem, passphrase), error);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa') {
    throw refuse(`it is a key of the kind ${key.asymmetricKeyType}, Snowflake takes RSA`);
  }
  if (bits < LEAST_RSA_BITS) throw refuse(`it has ${bits} bits, Snowflake wants ${LEAST_RSA_BITS} or more`);
  return key;
}

/** The reason in our words: those of OpenSSL differ between versions and say little. */
function keyFault(pem: string, passphrase: string | undefined): string {
  if (/ENCRYPTED/.test(pem)) {
    return passphrase === undefined
      ? 'it is encrypted and no passphrase is set'
      : 'it is damaged or the passphrase is wrong';
  }
  if (/-----BEGIN (CERTIFICATE|[A-Z ]*PUBLIC KEY)/.test(pem)) return 'it is no private key';
  return pem.includes('-----BEGIN') ? 'the PEM text is damaged' : 'it is not PEM text';
}
