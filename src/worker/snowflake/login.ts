/**
 * From the section `snowflake` of the configuration to the driver's login options.
 *
 * Files are read anew for each login, so a rotated key or token is used without a restart. The driver takes an unknown
 * authenticator for a password login; here each one is named, and any other is refused.
 */
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'snowflake-sdk';
import { openPrivateKey } from '../../shared/config/credentials.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';

type Section = Config['snowflake'];

/** @throws AppError CREDENTIALS_MISSING, PRIVATE_KEY_INVALID, SNOWFLAKE_AUTH (unreadable token file, unknown authenticator) */
export async function loginOptions(section: Section): Promise<ConnectionOptions> {
  const { account, access_url: accessUrl, user, role, warehouse, database, schema } = section;
  if (account === undefined) throw new AppError('CREDENTIALS_MISSING', { missing: ['snowflake.account'] });
  return {
    account,
    ...(accessUrl === undefined ? {} : { accessUrl: accessUrl.replace(/\/$/, '') }),
    ...(user === undefined ? {} : { username: user }),
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(database === undefined ? {} : { database }),
    ...(schema === undefined ? {} : { schema }),
    ...(await credentials(section)),
  };
}

async function credentials(section: Section): Promise<ConnectionOptions> {
  const authenticator = section.authenticator === 'auto' ? await guess(section) : section.authenticator;
  switch (authenticator) {
    case 'SNOWFLAKE_JWT':
      return {
        authenticator,
        privateKey: openPrivateKey(section).export({ format: 'pem', type: 'pkcs8' }).toString(),
      };
    case 'OAUTH':
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return { authenticator, token: await readToken(section) };
    case 'SNOWFLAKE':
    case 'USERNAME_PASSWORD_MFA':
      if (section.password === undefined)
        throw new AppError('CREDENTIALS_MISSING', { missing: ['snowflake.password'] });
      return { authenticator, password: section.password };
    case 'EXTERNALBROWSER':
      return { authenticator };
    default: {
      const unknown: never = authenticator;
      throw new AppError('SNOWFLAKE_AUTH', { reason: `there is no authenticator ${String(unknown).slice(0, 60)}` });
    }
  }
}

/** For `auto`: the key pair, else the token, else the password. */
async function guess(section: Section): Promise<Exclude<Section['authenticator'], 'auto'>> {
  if (section.private_key !== undefined || section.private_key_path !== undefined) return 'SNOWFLAKE_JWT';
  if (section.token !== undefined || section.token_file_path !== undefined) {
    return isProgrammaticToken(await readToken(section)) ? 'PROGRAMMATIC_ACCESS_TOKEN' : 'OAUTH';
  }
  return 'SNOWFLAKE';
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

async function readToken(section: Section): Promise<string> {
  if (section.token !== undefined) return section.token;
  const file = section.token_file_path;
  if (file === undefined) throw new AppError('CREDENTIALS_MISSING', { missing: ['snowflake.token'] });
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new AppError('SNOWFLAKE_AUTH', { reason: `the token file ${file} cannot be read (${code})` });
  }
  if (text === '') throw new AppError('SNOWFLAKE_AUTH', { reason: `the token file ${file} is empty` });
  return text;
}
