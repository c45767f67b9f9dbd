/** Logins through the real driver: what each method sends, and that a changed secret counts at the next login. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';
import type { WireScript, WireServer } from '../../support/wire-server.ts';
import { wireCleanups } from '../../support/wires.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'logins-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const { add, wire: wireOf } = wireCleanups();

const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
};

function wire(script: Partial<WireScript> = {}): Promise<WireServer> {
  const query = () => ({ columns: [{ name: 'C', type: 'text' }], rows: [['ok']] });
  return wireOf({ query, ...script });
}

function start(url: string, snowflake: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const made = testService({ snowflake: { account: 'a', access_url: url, ...snowflake }, ...more });
  add(() => made.service.close(500));
  return made;
}

const logins = (server: WireServer) =>
  server.requests
    .filter(({ path }) => path.endsWith('login-request'))
    .map(({ body }) => body.data as Record<string, unknown>);

test('login: an OAuth client gets a token from its server for each login and logs in with it', async () => {
  const tokens = ['token-1', 'token-2'];
  const forms: Readonly<Record<string, unknown>>[] = [];
  const server = await wire({
    token: (form) => {
      forms.push(form);
      return { status: 200, body: { access_token: tokens.shift(), token_type: 'bearer', expires_in: 600 } };
    },
  });
  const { service, logText } = start(server.url, {
    oauth_client_id: 'client',
    oauth_client_secret: 'client-s3cret',
    oauth_token_request_url: `${server.url}/oauth/token`,
    oauth_scope: 'session:role:R',
  });
  expect((await service.run(ask('SELECT 1'), NEVER)).rows).toEqual([['ok']]);
  service.replaceConnections();
  await service.run(ask('SELECT 1'), NEVER);
  expect(forms).toEqual([0, 1].map(() => expect.objectContaining({ grant_type: 'client_credentials' })));
  expect(forms[0]).toMatchObject({ client_id: 'client', client_secret: 'client-s3cret', scope: 'session:role:R' });
  expect(logins(server).map(({ AUTHENTICATOR, TOKEN }) => [AUTHENTICATOR, TOKEN])).toEqual([
    ['OAUTH', 'token-1'],
    ['OAUTH', 'token-2'],
  ]);
  expect(logText()).not.toMatch(/s3cret|token-1/);
});

test('login: a token server that refuses the client is a refused login that says so and names no secret', async () => {
  const server = await wire({ token: () => ({ status: 401, body: { error: 'invalid_client' } }) });
  const { service, logText } = start(server.url, {
    oauth_client_id: 'client',
    oauth_client_secret: 'client-s3cret',
    oauth_token_request_url: `${server.url}/oauth/token`,
  });
  const error = await service.run(ask('SELECT 1'), NEVER).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: expect.stringMatching(/^SNOWFLAKE_/) });
  expect(`${error}${logText()}`).not.toContain('s3cret');
  expect(logins(server)).toEqual([]);
});

test('login: the passcode is sent once, then the token that Snowflake gave for it, which no file ever holds', async () => {
  const server = await wire({ login: () => ({ parameters: [], mfaToken: 'mfa-1' }) });
  const { service } = start(server.url, { user: 'u', password: 'p', passcode: '123456' }, { pool: { max_size: 4 } });
  await service.run(ask('SELECT 1'), NEVER);
  service.replaceConnections();
  await service.run(ask('SELECT 1'), NEVER);
  const [first, second] = logins(server);
  expect(first).toMatchObject({ AUTHENTICATOR: 'USERNAME_PASSWORD_MFA', PASSCODE: '123456' });
  expect(second).toMatchObject({ AUTHENTICATOR: 'USERNAME_PASSWORD_MFA', TOKEN: 'mfa-1' });
  expect(service.figures().max).toBe(1);
});

test('login: by an authorization code, which a browser fetches and the token server takes', async () => {
  const forms: Readonly<Record<string, unknown>>[] = [];
  const server = await wire({
    token: (form) => {
      forms.push(form);
      return { status: 200, body: { access_token: 'from-code', token_type: 'bearer', expires_in: 600 } };
    },
  });
  const browser = file(
    'browser.mjs',
    `#!${process.execPath}
    const asked = new URL(process.argv[2]).searchParams;
    const back = new URL(asked.get('redirect_uri'));
    back.search = new URLSearchParams({ code: 'the-code', state: asked.get('state') }).toString();
    await fetch(back);
    `,
  );
  chmodSync(browser, 0o700);
  vi.stubEnv('BROWSER', browser);
  vi.stubEnv('DISPLAY', '');
  add(() => vi.unstubAllEnvs());
  const { service } = start(server.url, {
    authenticator: 'OAUTH_AUTHORIZATION_CODE',
    oauth_client_id: 'client',
    oauth_client_secret: 'cs',
    oauth_authorization_url: `${server.url}/authorize`,
    oauth_token_request_url: `${server.url}/oauth/token`,
    login_timeout: '10s',
  });
  expect((await service.run(ask('SELECT 1'), NEVER)).rows).toEqual([['ok']]);
  expect(forms).toEqual([
    expect.objectContaining({ grant_type: 'authorization_code', code: 'the-code', code_verifier: expect.any(String) }),
  ]);
  expect(logins(server)).toEqual([expect.objectContaining({ AUTHENTICATOR: 'OAUTH', TOKEN: 'from-code' })]);
});

test.each([
  ['the passcode in the password', { password: 'p123456', passcode_in_password: true }, { passcodeInPassword: true }],
  [
    'a push to the phone',
    { password: 'p', authenticator: 'USERNAME_PASSWORD_MFA' },
    { EXT_AUTHN_DUO_METHOD: 'push', PASSWORD: 'p' },
  ],
])('login: MFA with %s', async (_what, section, sent) => {
  const server = await wire();
  await start(server.url, { user: 'u', ...section }).service.run(ask('SELECT 1'), NEVER);
  expect(logins(server)).toEqual([expect.objectContaining({ AUTHENTICATOR: 'USERNAME_PASSWORD_MFA', ...sent })]);
});

test('login: workload identity by OIDC sends the token; addresses that are not of Snowflake get none', async () => {
  const server = await wire();
  const { service } = start(server.url, {
    workload_identity_provider: 'OIDC',
    token_file_path: file('oidc', 'jwt-s3cret\n'),
  });
  const error = await service.run(ask('SELECT 1'), NEVER).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ message: expect.stringMatching(/recognized Snowflake host/) });
  expect(JSON.stringify(server.requests)).not.toContain('s3cret');
});

test('login: a rotated token file counts at the next login, without a restart', async () => {
  const engine = await startEmbedded({ account: 'a', user: 'u', token: 'second' });
  add(() => engine.close());
  const token = file('token', 'first');
  const { service } = start(engine.url, { authenticator: 'OAUTH', token_file_path: token });
  await expect(service.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  file('token', 'second\n');
  service.replaceConnections();
  expect((await service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[1]]);
});

test('login: a rotated key counts at the next login', async () => {
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'phrase' },
    });
  const [old, next] = [pair(), pair()];
  let engine = await startEmbedded({ account: 'a', user: 'u', publicKeyPem: old.publicKey });
  const { port } = engine;
  add(() => engine.close());
  const path = file('key.p8', old.privateKey);
  const passphrase = file('phrase', 'phrase\n');
  const { service } = start(engine.url, { user: 'u', private_key_path: path, private_key_passphrase_file: passphrase });
  expect((await service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[1]]);
  await engine.close();
  engine = await startEmbedded({ account: 'a', user: 'u', publicKeyPem: next.publicKey, port });
  file('key.p8', next.privateKey);
  expect((await service.run(ask('SELECT 2'), NEVER)).rows).toEqual([[2]]);
});

test('login: a connection of connections.toml by name, its password rotated in the file', async () => {
  const server = await wire({
    login: (count) => (count === 0 ? { code: '390100', message: 'Incorrect password' } : undefined),
  });
  const toml = (password: string) => file('connections.toml', `[prod]\npassword = "${password}"\n`);
  const { service } = start(server.url, { user: 'u', connection_name: 'prod', connections_file: toml('old') });
  await expect(service.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  toml('new');
  service.replaceConnections();
  await service.run(ask('SELECT 1'), NEVER);
  expect(logins(server).map(({ PASSWORD }) => PASSWORD)).toEqual(['old', 'new']);
});
