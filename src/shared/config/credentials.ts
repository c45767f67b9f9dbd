/**
 * What must hold before anything starts: credentials that are complete and usable, and no open door.
 *
 * Checks without the network: whether Snowflake accepts them shows at the first login.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import { reasonOf } from './file.ts';
import { deepFreeze } from './freeze.ts';
import type { Config } from './schema.ts';

type Snowflake = Config['snowflake'];

const LEAST_RSA_BITS = 2048;

/**
 * @throws AppError CREDENTIALS_MISSING naming every missing key, PRIVATE_KEY_INVALID when a key is configured that does
 * not open.
 */
export function requireCredentials(config: Pick<Config, 'snowflake'>): void {
  const { snowflake } = config;
  const missing: string[] = [];
  if (snowflake.account === undefined) missing.push('snowflake.account (SNOWFLAKE_ACCOUNT)');
  if (snowflake.user === undefined && snowflake.authenticator !== 'OAUTH') {
    missing.push('snowflake.user (SNOWFLAKE_USER)');
  }
  const method = credentialOf(snowflake);
  if (method === undefined) missing.push(WANTED[snowflake.authenticator]);
  if (missing.length > 0) throw new AppError('CREDENTIALS_MISSING', { missing });
  if (method === 'key') openPrivateKey(snowflake);
  if (method === 'token' && snowflake.token_file_path !== undefined) checkTokenFile(snowflake.token_file_path);
}

const PASSWORD = 'snowflake.password (SNOWFLAKE_PASSWORD)';
const KEY = 'snowflake.private_key_path (SNOWFLAKE_PRIVATE_KEY_PATH)';
const TOKEN = 'snowflake.token (SNOWFLAKE_TOKEN)';
const WANTED: Readonly<Record<Snowflake['authenticator'], string>> = {
  auto: `one of ${KEY}, ${TOKEN}, ${PASSWORD}`,
  SNOWFLAKE: PASSWORD,
  SNOWFLAKE_JWT: KEY,
  USERNAME_PASSWORD_MFA: PASSWORD,
  OAUTH: TOKEN,
  PROGRAMMATIC_ACCESS_TOKEN: TOKEN,
  EXTERNALBROWSER: 'a browser',
};

/** What the login will use; undefined when it is not configured. */
function credentialOf(snowflake: Snowflake): 'key' | 'token' | 'password' | 'browser' | undefined {
  const { authenticator } = snowflake;
  const isAuto = authenticator === 'auto';
  if (authenticator === 'EXTERNALBROWSER') return 'browser';
  const hasKey = snowflake.private_key !== undefined || snowflake.private_key_path !== undefined;
  if ((isAuto || authenticator === 'SNOWFLAKE_JWT') && hasKey) return 'key';
  const hasToken = snowflake.token !== undefined || snowflake.token_file_path !== undefined;
  if ((isAuto || authenticator === 'OAUTH' || authenticator === 'PROGRAMMATIC_ACCESS_TOKEN') && hasToken) {
    return 'token';
  }
  const takesPassword = isAuto || authenticator === 'SNOWFLAKE' || authenticator === 'USERNAME_PASSWORD_MFA';
  return takesPassword && snowflake.password !== undefined ? 'password' : undefined;
}

/** The configured private key, read now. @throws AppError PRIVATE_KEY_INVALID */
export function openPrivateKey(snowflake: Snowflake): KeyObject {
  const source =
    snowflake.private_key !== undefined ? 'snowflake.private_key' : (snowflake.private_key_path ?? 'no file');
  const refuse = (reason: string, cause?: unknown) =>
    new AppError('PRIVATE_KEY_INVALID', { source, reason }, { cause });
  let pem: string;
  try {
    pem = snowflake.private_key ?? readFileSync(source, 'utf8');
  } catch (error) {
    throw refuse(reasonOf(error), error);
  }
  let key: KeyObject;
  try {
    const passphrase = snowflake.private_key_passphrase;
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    throw refuse(keyFault(pem, snowflake.private_key_passphrase), error);
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

function checkTokenFile(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    const missing = [`snowflake.token_file_path ${file}: ${reasonOf(error)}`];
    throw new AppError('CREDENTIALS_MISSING', { missing }, { cause: error });
  }
}

/** True for addresses and names that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(bare) === 4) return bare.startsWith('127.');
  if (isIP(bare) === 6) return bare === '::1' || /^::ffff:127\.\d+\.\d+\.\d+$/.test(bare);
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === 'ip6-localhost';
}

/** @throws AppError PUBLIC_WITHOUT_AUTH when others could reach the service without a key. */
export function requireSafeBind(config: Pick<Config, 'server' | 'auth'>): void {
  const { host } = config.server;
  if (!isLoopback(host) && config.auth.api_keys.length === 0) throw new AppError('PUBLIC_WITHOUT_AUTH', { host });
}

/** Where the embedded Snowflake answers and who may log in; a part of what starting it returns. */
export interface EmbeddedEndpoint {
  readonly url: string;
  readonly account: string;
  readonly user: string;
  readonly privateKeyPem: string;
}

/** The configuration with the account replaced by the embedded one; nothing of a real account stays in it. */
export function withEmbedded(config: Config, endpoint: EmbeddedEndpoint): Config {
  const blank = Object.fromEntries(Object.keys(config.snowflake).map((name) => [name, undefined]));
  const snowflake = {
    ...blank,
    account: endpoint.account,
    access_url: endpoint.url,
    user: endpoint.user,
    authenticator: 'SNOWFLAKE_JWT',
    private_key: endpoint.privateKeyPem,
    login_timeout: config.snowflake.login_timeout,
  } as Snowflake;
  return deepFreeze({ ...config, snowflake });
}
