/**
 * Decides whether a login holds one of the credentials the embedded Snowflake was started with.
 *
 * Denies on anything it does not know. Secrets are compared in constant time; replies never say which part
 * was wrong. A key pair login is a JWT signed with RS256 whose issuer is ACCOUNT.USER.SHA256:fingerprint;
 * the driver writes `exp` in milliseconds, the standard says seconds, both are read.
 */
import { createHash, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

export interface Credentials {
  readonly account: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly publicKey: { readonly key: KeyObject; readonly fingerprint: string } | undefined;
}

export interface CredentialOptions {
  readonly account: string;
  readonly user: string;
  readonly password?: string;
  readonly token?: string;
  readonly publicKeyPem?: string;
}

export type LoginVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

const REFUSED: Readonly<Record<string, readonly [code: string, message: string]>> = {
  SNOWFLAKE: ['390100', 'Incorrect username or password was specified.'],
  SNOWFLAKE_JWT: ['390144', 'JWT token is invalid.'],
  OAUTH: ['390303', 'Invalid OAuth access token.'],
  PROGRAMMATIC_ACCESS_TOKEN: ['394400', 'Programmatic access token is invalid.'],
};

/** @throws Error when no credential is given or the public key cannot be read. */
export function readCredentials(options: CredentialOptions): Credentials {
  const { account, user, password, token, publicKeyPem } = options;
  if (!password && !token && !publicKeyPem) {
    throw new Error('the embedded Snowflake needs a credential: give publicKeyPem, password or token');
  }
  return {
    account: account.toUpperCase(),
    user: user.toUpperCase(),
    password: password || undefined,
    token: token || undefined,
    publicKey: publicKeyPem ? readPublicKey(publicKeyPem) : undefined,
  };
}

function readPublicKey(pem: string): Credentials['publicKey'] {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new Error('the public key of the embedded Snowflake must be an RSA key');
  const der = key.export({ format: 'der', type: 'spki' });
  return { key, fingerprint: `SHA256:${createHash('sha256').update(der).digest('base64')}` };
}

/** `login` is the `data` object of a login request; `nowMs` is wall time. */
export function checkLogin(login: Readonly<Record<string, unknown>>, known: Credentials, nowMs: number): LoginVerdict {
  const authenticator = text(login.AUTHENTICATOR).toUpperCase() || 'SNOWFLAKE';
  if (isAccepted(authenticator, login, known, nowMs)) return { ok: true };
  const [code, message] = REFUSED[authenticator] ?? ['390100', 'Incorrect username or password was specified.'];
  return { ok: false, code, message };
}

function isAccepted(
  authenticator: string,
  login: Readonly<Record<string, unknown>>,
  known: Credentials,
  nowMs: number,
): boolean {
  const isAccount = text(login.ACCOUNT_NAME).toUpperCase() === known.account;
  const isUser = text(login.LOGIN_NAME).toUpperCase() === known.user;
  switch (authenticator) {
    case 'SNOWFLAKE':
    case 'USERNAME_PASSWORD_MFA':
      return isSame(text(login.PASSWORD), known.password) && isAccount && isUser;
    case 'SNOWFLAKE_JWT':
      return isValidJwt(text(login.TOKEN), known, nowMs) && isUser;
    case 'OAUTH':
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return isSame(text(login.TOKEN), known.token) && isAccount;
    default:
      return false;
  }
}

function isValidJwt(token: string, known: Credentials, nowMs: number): boolean {
  const [header, payload, signature, ...more] = token.split('.');
  if (known.publicKey === undefined || !header || !payload || !signature || more.length > 0) return false;
  if (jsonPart(header).alg !== 'RS256') return false;
  const { key, fingerprint } = known.publicKey;
  if (!verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))
    return false;
  const claims = jsonPart(payload);
  const subject = `${known.account}.${known.user}`;
  if (claims.sub !== subject || claims.iss !== `${subject}.${fingerprint}`) return false;
  const { exp } = claims;
  if (typeof exp !== 'number') return false;
  return nowMs < (exp > 1e11 ? exp : exp * 1000);
}

function jsonPart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** In constant time; false when there is nothing to compare with. */
export function isSame(given: string, known: string | undefined): boolean {
  if (known === undefined) return false;
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(known));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
