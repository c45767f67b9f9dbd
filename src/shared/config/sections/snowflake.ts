/**
 * The section `snowflake`: the account, how to log in, and where each session starts.
 *
 * Whatever is a file here is read at each login, so that a rotated secret counts without a restart.
 */
import { z } from 'zod';
import { choiceOrAddress, duration, flag, list, named, optionalPath, optionalText } from '../fields.ts';

const AUTHENTICATORS = [
  'SNOWFLAKE',
  'SNOWFLAKE_JWT',
  'USERNAME_PASSWORD_MFA',
  'OAUTH',
  'OAUTH_CLIENT_CREDENTIALS',
  'OAUTH_AUTHORIZATION_CODE',
  'PROGRAMMATIC_ACCESS_TOKEN',
  'EXTERNALBROWSER',
  'WORKLOAD_IDENTITY',
] as const;

const WEB_ADDRESS = { pattern: /^https?:\/\/[^\s/]+(?:\/\S*)?$/, hint: 'an http(s) address' };

const given = z.string().min(1).optional();
const file = z.string().regex(/^\//, 'is not an absolute path').optional();

/** What a named login may say; account, database and limits are those of the section. */
const namedLogin = z.strictObject({
  user: given,
  authenticator: choiceOrAddress(['auto', ...AUTHENTICATORS], { standard: 'auto', applies: 'rolling', says: '' }),
  password: given,
  password_file: file,
  private_key_path: file,
  private_key_passphrase: given,
  private_key_passphrase_file: file,
  token: given,
  token_file_path: file,
  oauth_client_id: given,
  oauth_client_secret: given,
  oauth_client_secret_file: file,
  role: given,
  warehouse: given,
});

export const snowflake = z.strictObject({
  connection_name: optionalText({
    env: ['SNOWFLAKE_CONNECTION_NAME'],
    applies: 'rolling',
    says: 'Connection of connections.toml that gives what is not set here.',
  }),
  connections_file: optionalPath({
    env: ['SNOWFLAKE_CONNECTIONS_FILE'],
    applies: 'rolling',
    says: 'The connections.toml to read; without it the one in $SNOWFLAKE_HOME or ~/.snowflake.',
  }),
  account: optionalText({
    env: ['SNOWFLAKE_ACCOUNT'],
    pattern: /^\w+([.-]\w+)*$/,
    hint: 'an account identifier such as myorg-myaccount',
    applies: 'rolling',
    says: 'Account identifier.',
  }),
  access_url: optionalText({
    env: ['SNOWFLAKE_ACCESS_URL'],
    pattern: /^https?:\/\/[^\s/]+\/?$/,
    hint: 'an http(s) address',
    applies: 'rolling',
    says: "Address of Snowflake when it is not the account's usual one (private link, an emulator).",
  }),
  user: optionalText({ env: ['SNOWFLAKE_USER'], applies: 'rolling', says: 'Login name.' }),
  password: optionalText({
    env: ['SNOWFLAKE_PASSWORD'],
    secret: true,
    applies: 'rolling',
    says: 'Password, for SNOWFLAKE, USERNAME_PASSWORD_MFA and Okta.',
  }),
  password_file: optionalPath({
    env: ['SNOWFLAKE_PASSWORD_FILE'],
    applies: 'rolling',
    says: 'File with the password, read at each login.',
  }),
  authenticator: choiceOrAddress(['auto', ...AUTHENTICATORS], {
    standard: 'auto',
    env: ['SNOWFLAKE_AUTHENTICATOR', 'SNOWFLAKE_AUTH_TYPE'],
    applies: 'rolling',
    says: 'How to log in; `auto` takes the key pair, token, OAuth client, workload identity or password that is configured, an https address is that of Okta.',
  }),
  passcode: optionalText({
    env: ['SNOWFLAKE_PASSCODE'],
    secret: true,
    applies: 'rolling',
    says: 'Passcode for USERNAME_PASSWORD_MFA, good for one login; without it Snowflake asks by push.',
  }),
  passcode_in_password: flag({
    standard: false,
    env: ['SNOWFLAKE_PASSCODE_IN_PASSWORD'],
    applies: 'rolling',
    says: 'Tells that the passcode stands at the end of the password.',
  }),
  private_key: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY'],
    secret: true,
    applies: 'rolling',
    says: 'Private key as PEM text.',
  }),
  private_key_path: optionalPath({
    env: ['SNOWFLAKE_PRIVATE_KEY_PATH'],
    applies: 'rolling',
    says: 'File with the private key, read at each login.',
  }),
  private_key_passphrase: optionalText({
    env: ['SNOWFLAKE_PRIVATE_KEY_PASSPHRASE'],
    secret: true,
    applies: 'rolling',
    says: 'Passphrase of an encrypted private key.',
  }),
  private_key_passphrase_file: optionalPath({
    env: ['SNOWFLAKE_PRIVATE_KEY_PASSPHRASE_FILE'],
    applies: 'rolling',
    says: 'File with the passphrase of the private key.',
  }),
  token: optionalText({
    env: ['SNOWFLAKE_TOKEN'],
    secret: true,
    applies: 'rolling',
    says: 'OAuth token, programmatic access token, or the token of workload identity provider OIDC.',
  }),
  token_file_path: optionalPath({
    env: ['SNOWFLAKE_TOKEN_FILE_PATH'],
    applies: 'rolling',
    says: 'File with the token, read at each login.',
  }),
  oauth_client_id: optionalText({ env: ['SNOWFLAKE_OAUTH_CLIENT_ID'], applies: 'rolling', says: 'OAuth client.' }),
  oauth_client_secret: optionalText({
    env: ['SNOWFLAKE_OAUTH_CLIENT_SECRET'],
    secret: true,
    applies: 'rolling',
    says: 'Secret of the OAuth client.',
  }),
  oauth_client_secret_file: optionalPath({
    env: ['SNOWFLAKE_OAUTH_CLIENT_SECRET_FILE'],
    applies: 'rolling',
    says: 'File with the secret of the OAuth client, read at each login.',
  }),
  oauth_token_request_url: optionalText({
    ...WEB_ADDRESS,
    env: ['SNOWFLAKE_OAUTH_TOKEN_REQUEST_URL'],
    applies: 'rolling',
    says: "Where OAuth tokens are asked for; without it the account's own address. Plain http only on this machine.",
  }),
  oauth_authorization_url: optionalText({
    ...WEB_ADDRESS,
    env: ['SNOWFLAKE_OAUTH_AUTHORIZATION_URL'],
    applies: 'rolling',
    says: "Where the browser logs in for OAUTH_AUTHORIZATION_CODE; without it the account's own address.",
  }),
  oauth_redirect_uri: optionalText({
    ...WEB_ADDRESS,
    env: ['SNOWFLAKE_OAUTH_REDIRECT_URI'],
    applies: 'rolling',
    says: 'Where the browser comes back to; without it a free port of 127.0.0.1.',
  }),
  oauth_scope: optionalText({
    env: ['SNOWFLAKE_OAUTH_SCOPE'],
    applies: 'rolling',
    says: 'OAuth scope; without it session:role:ROLE of the configured role.',
  }),
  workload_identity_provider: optionalText({
    pattern: /^(?:aws|azure|gcp|oidc)$/i,
    hint: 'AWS, AZURE, GCP or OIDC',
    env: ['SNOWFLAKE_WORKLOAD_IDENTITY_PROVIDER'],
    applies: 'rolling',
    says: 'Who vouches for this machine with WORKLOAD_IDENTITY: AWS, AZURE, GCP, or OIDC with a token.',
  }),
  workload_identity_entra_resource: optionalText({
    env: ['SNOWFLAKE_WORKLOAD_IDENTITY_ENTRA_RESOURCE'],
    applies: 'rolling',
    says: 'Entra ID resource for provider AZURE.',
  }),
  workload_identity_impersonation_path: list({
    standard: [],
    maxItems: 10,
    env: ['SNOWFLAKE_WORKLOAD_IDENTITY_IMPERSONATION_PATH'],
    applies: 'rolling',
    says: 'Roles (AWS) or service accounts (GCP) to go through, in order.',
  }),
  role: optionalText({
    env: ['SNOWFLAKE_ROLE'],
    applies: 'rolling',
    says: 'Role of every session; the surest fence against writes is a role that cannot write.',
  }),
  warehouse: optionalText({ env: ['SNOWFLAKE_WAREHOUSE'], applies: 'rolling', says: 'Warehouse of every session.' }),
  database: optionalText({ env: ['SNOWFLAKE_DATABASE'], applies: 'rolling', says: 'Database a call starts in.' }),
  schema: optionalText({ env: ['SNOWFLAKE_SCHEMA'], applies: 'rolling', says: 'Schema a call starts in.' }),
  identities: named(namedLogin, {
    maxItems: 100,
    unit: 'mapping of NAME to user, authenticator, its secrets or their files, role and warehouse',
    secret: true,
    applies: 'rolling',
    says: 'Further logins to the account, for client keys that name one (`keys create --identity NAME`), each with connections of its own. Nothing of the login above is used for them.',
  }),
  login_timeout: duration({
    min: '1s',
    max: '10m',
    standard: '60s',
    applies: 'rolling',
    says: 'A login that takes longer fails with SNOWFLAKE_UNREACHABLE.',
  }),
});
