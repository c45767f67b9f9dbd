/**
 * From the section `snowflake` of the configuration to the driver's login options.
 *
 * Secrets are read anew for each login, so a rotated key, password or token is used without a restart. The driver takes
 * an unknown authenticator for a password login; here each one is named, and any other is refused.
 */
import type { ConnectionOptions } from 'snowflake-sdk';
import { loginMethod, missingFor, openPrivateKey } from '../../shared/config/credentials.ts';
import type { Config } from '../../shared/config/schema.ts';
import { type Secrets, secretsOf } from '../../shared/config/secrets.ts';
import { AppError } from '../../shared/errors.ts';
import { isLoopback } from '../../shared/host-rule.ts';

type Section = Config['snowflake'];

/** What the driver takes, and its types do not say. */
type LoginOptions = ConnectionOptions & {
  readonly oauthHttpAllowed?: boolean;
  readonly workloadIdentityImpersonationPath?: string[];
};

/** @throws AppError CREDENTIALS_MISSING, CREDENTIALS_UNREADABLE, CONFIG_UNREADABLE, PRIVATE_KEY_INVALID, SNOWFLAKE_AUTH (unknown authenticator) */
export function loginOptions(section: Section): LoginOptions {
  const { account, access_url: accessUrl, user, role, warehouse, database, schema } = section;
  const secrets = secretsOf(section);
  const method = loginMethod(section, secrets);
  const missing = account === undefined ? ['snowflake.account'] : [];
  if (method === undefined) missing.push('snowflake.password');
  else missing.push(...missingFor(method, section, secrets));
  if (account === undefined || method === undefined || missing.length > 0) {
    throw new AppError('CREDENTIALS_MISSING', { missing });
  }
  return {
    account,
    ...(accessUrl === undefined ? {} : { accessUrl: accessUrl.replace(/\/$/, '') }),
    ...(user === undefined ? {} : { username: user }),
    ...(role === undefined ? {} : { role }),
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(database === undefined ? {} : { database }),
    ...(schema === undefined ? {} : { schema }),
    authenticator: method,
    ...credentials(method, section, secrets),
  };
}

function credentials(
  method: NonNullable<ReturnType<typeof loginMethod>>,
  section: Section,
  secrets: Secrets,
): LoginOptions {
  switch (method) {
    case 'SNOWFLAKE_JWT':
      return { privateKey: openPrivateKey(secrets).export({ format: 'pem', type: 'pkcs8' }).toString() };
    case 'OAUTH':
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return secret('token', secrets.read('token'));
    case 'OAUTH_CLIENT_CREDENTIALS':
      return oauthClient(section, secrets);
    case 'OAUTH_AUTHORIZATION_CODE':
      return { ...oauthClient(section, secrets), ...browser(section) };
    case 'EXTERNALBROWSER':
      return browser(section);
    case 'WORKLOAD_IDENTITY':
      return workloadIdentity(section, secrets);
    case 'SNOWFLAKE':
      return secret('password', secrets.read('password'));
    case 'USERNAME_PASSWORD_MFA':
      return {
        ...secret('password', secrets.read('password')),
        ...secret('passcode', secrets.read('passcode')),
        ...(section.passcode_in_password ? { passcodeInPassword: true } : {}),
        // A passcode is good once: the token that Snowflake gives for it serves the next logins, from memory.
        clientRequestMFAToken: true,
      };
    default:
      if (method.startsWith('https://')) return secret('password', secrets.read('password'));
      throw new AppError('SNOWFLAKE_AUTH', { reason: `there is no authenticator ${String(method).slice(0, 60)}` });
  }
}

function secret(name: 'password' | 'passcode' | 'token' | 'oauthClientSecret', value: string | undefined) {
  return value === undefined ? {} : { [name]: value };
}

function oauthClient(section: Section, secrets: Secrets): LoginOptions {
  const { oauth_client_id: id, oauth_token_request_url: tokenUrl, oauth_scope: scope } = section;
  const { oauth_authorization_url: authorizationUrl, oauth_redirect_uri: redirectUri } = section;
  return {
    ...(id === undefined ? {} : { oauthClientId: id }),
    ...secret('oauthClientSecret', secrets.read('oauth_client_secret')),
    ...(tokenUrl === undefined ? {} : { oauthTokenRequestUrl: tokenUrl }),
    ...(authorizationUrl === undefined ? {} : { oauthAuthorizationUrl: authorizationUrl }),
    ...(redirectUri === undefined ? {} : { oauthRedirectUri: redirectUri }),
    ...(scope === undefined ? {} : { oauthScope: scope }),
    // The secret goes over plain http only when it does not leave the machine.
    ...(tokenUrl !== undefined && isLoopback(new URL(tokenUrl).hostname) ? { oauthHttpAllowed: true } : {}),
  };
}

/** The driver opens a browser and waits; the tokens it gets stay in memory (sdk-disarm.ts). */
function browser(section: Section): LoginOptions {
  return { browserActionTimeout: section.login_timeout, clientStoreTemporaryCredential: true };
}

function workloadIdentity(section: Section, secrets: Secrets): LoginOptions {
  const { workload_identity_provider: provider, workload_identity_entra_resource: resource } = section;
  const path = section.workload_identity_impersonation_path ?? [];
  return {
    ...(provider === undefined ? {} : { workloadIdentityProvider: provider.toUpperCase() }),
    ...(resource === undefined ? {} : { workloadIdentityAzureEntraIdResource: resource }),
    ...(path.length === 0 ? {} : { workloadIdentityImpersonationPath: [...path] }),
    ...secret('token', secrets.read('token')),
  } as LoginOptions;
}
