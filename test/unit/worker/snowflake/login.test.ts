import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asksPerson, requireCredentials } from '../../../../src/shared/config/credentials.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { loginOptions } from '../../../../src/worker/snowflake/login.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'login-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return name;
};

function section(keys: Record<string, string>) {
  const env = Object.fromEntries(Object.entries(keys).map(([key, value]) => [`SNOWFLAKE_${key.toUpperCase()}`, value]));
  return loadConfig({ cwd: dir, flags: {}, demo: false }, { SNOWFLAKE_ACCOUNT: 'a', ...env }).config;
}

/** As the daemon does it: checked before the start, then asked for at a login. */
function options(keys: Record<string, string>) {
  const config = section(keys);
  requireCredentials(config);
  const { account, ...rest } = loginOptions(config.snowflake);
  expect(account).toBe('a');
  return rest;
}

const PASSPHRASE = 'correct horse';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE },
});
const plain = createPrivateKey({ key: privateKey, passphrase: PASSPHRASE }).export({ type: 'pkcs8', format: 'pem' });
const pat = `x.${Buffer.from('{"iss":"SF:1014"}').toString('base64url')}.y`;
const client = { oauth_client_id: 'id', oauth_client_secret: 'cs' };

test.each<[string, Record<string, string>, Record<string, unknown>]>([
  ['a password', { user: 'u', password: 'p' }, { authenticator: 'SNOWFLAKE', username: 'u', password: 'p' }],
  [
    'MFA with a passcode',
    { user: 'u', password: 'p', authenticator: 'username_password_mfa', passcode: '123456' },
    {
      authenticator: 'USERNAME_PASSWORD_MFA',
      username: 'u',
      password: 'p',
      passcode: '123456',
      clientRequestMFAToken: true,
    },
  ],
  [
    'MFA with the passcode in the password, found by itself',
    { user: 'u', password: 'p123456', passcode_in_password: 'true' },
    {
      authenticator: 'USERNAME_PASSWORD_MFA',
      username: 'u',
      password: 'p123456',
      passcodeInPassword: true,
      clientRequestMFAToken: true,
    },
  ],
  [
    'an encrypted key, which the driver gets opened',
    { user: 'u', private_key: privateKey, private_key_passphrase: PASSPHRASE },
    { authenticator: 'SNOWFLAKE_JWT', username: 'u', privateKey: plain },
  ],
  ['an OAuth token', { token: 't' }, { authenticator: 'OAUTH', token: 't' }],
  [
    'a programmatic access token, known by its issuer',
    { token: pat },
    { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: pat },
  ],
  [
    'an OAuth client',
    { ...client, oauth_token_request_url: 'https://idp.example/token', oauth_scope: 's' },
    {
      authenticator: 'OAUTH_CLIENT_CREDENTIALS',
      oauthClientId: 'id',
      oauthClientSecret: 'cs',
      oauthTokenRequestUrl: 'https://idp.example/token',
      oauthScope: 's',
    },
  ],
  [
    'an authorization code',
    {
      ...client,
      authenticator: 'oauth_authorization_code',
      oauth_authorization_url: 'https://idp.example/authorize',
      oauth_token_request_url: 'https://idp.example/token',
      oauth_redirect_uri: 'http://127.0.0.1:8765/',
    },
    {
      authenticator: 'OAUTH_AUTHORIZATION_CODE',
      oauthClientId: 'id',
      oauthClientSecret: 'cs',
      oauthAuthorizationUrl: 'https://idp.example/authorize',
      oauthTokenRequestUrl: 'https://idp.example/token',
      oauthRedirectUri: 'http://127.0.0.1:8765/',
      browserActionTimeout: 60_000,
      clientStoreTemporaryCredential: true,
    },
  ],
  [
    'a browser',
    { user: 'u', authenticator: 'externalbrowser' },
    {
      authenticator: 'EXTERNALBROWSER',
      username: 'u',
      browserActionTimeout: 60_000,
      clientStoreTemporaryCredential: true,
    },
  ],
  [
    'Okta',
    { user: 'u', password: 'p', authenticator: 'https://corp.okta.com' },
    { authenticator: 'https://corp.okta.com', username: 'u', password: 'p' },
  ],
  [
    'workload identity on AWS',
    { workload_identity_provider: 'aws', workload_identity_impersonation_path: 'arn:1,arn:2' },
    {
      authenticator: 'WORKLOAD_IDENTITY',
      workloadIdentityProvider: 'AWS',
      workloadIdentityImpersonationPath: ['arn:1', 'arn:2'],
    },
  ],
  [
    'workload identity on Azure',
    { workload_identity_provider: 'AZURE', workload_identity_entra_resource: 'api://x' },
    {
      authenticator: 'WORKLOAD_IDENTITY',
      workloadIdentityProvider: 'AZURE',
      workloadIdentityAzureEntraIdResource: 'api://x',
    },
  ],
  [
    'workload identity by OIDC',
    { authenticator: 'workload_identity', workload_identity_provider: 'OIDC', token: 'jwt' },
    { authenticator: 'WORKLOAD_IDENTITY', workloadIdentityProvider: 'OIDC', token: 'jwt' },
  ],
])('login: by %s', (_what, keys, expected) => {
  expect(options(keys)).toEqual(expected);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['no user with a password', { password: 'p' }, /snowflake\.user \(SNOWFLAKE_USER\)$/],
  ['no user with Okta', { password: 'p', authenticator: 'https://corp.okta.com' }, /snowflake\.user/],
  ['no password with Okta', { user: 'u', authenticator: 'https://corp.okta.com' }, /snowflake\.password/],
  ['no client', { authenticator: 'oauth_client_credentials' }, /oauth_client_id.*oauth_client_secret/],
  ['no secret of the client', { authenticator: 'oauth_client_credentials', oauth_client_id: 'i' }, /client_secret/],
  ['no provider', { authenticator: 'workload_identity' }, /workload_identity_provider/],
  ['no token for OIDC', { workload_identity_provider: 'oidc' }, /snowflake\.token/],
  ['an unknown provider', { workload_identity_provider: 'ibm' }, /does not look like AWS, AZURE, GCP or OIDC/],
  ['a secret over plain http', { ...client, oauth_token_request_url: 'http://idp.example/t' }, /must be an https/],
  ['a password twice', { user: 'u', password: 'p', password_file: 'x' }, /are both set/],
  ['an http address as method', { user: 'u', authenticator: 'http://corp.okta.com' }, /is not one of/],
])('login: %s is told by the key before anything starts', (_what, keys, words) => {
  const attempt = () => requireCredentials(section(keys));
  expect(attempt).toThrow(words);
});

test('login: plain http to this machine is allowed for the token server', () => {
  const url = 'http://127.0.0.1:9/token';
  expect(options({ ...client, oauth_token_request_url: url })).toMatchObject({ oauthHttpAllowed: true });
});

test('login: every secret may stand in a file, and is read anew at each login', () => {
  const key = file('key.p8', privateKey);
  const keys = { user: 'u', private_key_path: key, private_key_passphrase_file: file('pass', `${PASSPHRASE}\n`) };
  expect(options(keys)).toMatchObject({ privateKey: plain });
  const { snowflake } = section({ user: 'u', password_file: file('pw', ' one \r\n') });
  expect(loginOptions(snowflake)).toMatchObject({ authenticator: 'SNOWFLAKE', password: ' one ' });
  file('pw', 'two');
  expect(loginOptions(snowflake)).toMatchObject({ password: 'two' });
  const token = section({ token_file_path: file('t', ' first\n') }).snowflake;
  expect(loginOptions(token)).toMatchObject({ authenticator: 'OAUTH', token: 'first' });
  file('t', `${pat}\n`);
  expect(loginOptions(token)).toMatchObject({ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: pat });
  const secret = { oauth_client_id: 'id', oauth_client_secret_file: file('cs', 'from-file') };
  expect(options(secret)).toMatchObject({ oauthClientSecret: 'from-file' });
});

test('login: a file that is gone or empty is told by its name, before the start and at a login', () => {
  const config = section({ user: 'u', password_file: file('gone', 'x') });
  requireCredentials(config);
  rmSync(join(dir, 'gone'));
  for (const attempt of [() => requireCredentials(config), () => loginOptions(config.snowflake)]) {
    expect(attempt).toThrow(/snowflake\.password cannot be read from .*gone: there is no such file/);
  }
  file('gone', '\n');
  expect(() => loginOptions(config.snowflake)).toThrow(/it is empty/);
});

test('login: methods that ask a person are known', () => {
  const asks = (keys: Record<string, string>) => asksPerson(section(keys).snowflake);
  expect(asks({ authenticator: 'externalbrowser' })).toBe(true);
  expect(asks({ authenticator: 'oauth_authorization_code' })).toBe(true);
  expect(asks({ user: 'u', password: 'p', passcode: '1' })).toBe(true);
  expect(asks({ user: 'u', password: 'p' })).toBe(false);
});
