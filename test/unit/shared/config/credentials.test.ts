import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireCredentials } from '../../../../src/shared/config/credentials.ts';
import { withEmbedded } from '../../../../src/shared/config/embedded-account.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'credentials-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const config = (env: Record<string, string>, demo = false) => loadConfig({ cwd: dir, flags: {}, demo }, env).config;
const account = { SNOWFLAKE_ACCOUNT: 'A', SNOWFLAKE_USER: 'U' };
const rsa = (bits: number, passphrase?: string) =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: {
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    },
  }).privateKey;

test('credentials: everything that is missing is named at once', () => {
  expect(() => requireCredentials(config({}))).toThrow(/SNOWFLAKE_ACCOUNT.*SNOWFLAKE_USER.*SNOWFLAKE_PASSWORD/);
  expect(() => requireCredentials(config(account))).toThrow(/one of/);
  expect(() => requireCredentials(config({ ...account, SNOWFLAKE_PASSWORD: 'x' }))).not.toThrow();
  expect(() => requireCredentials(config({ ...account, SNOWFLAKE_TOKEN: 'x' }))).not.toThrow();
});

test('credentials: a key is opened with its passphrase, and the reason is told when it does not open', () => {
  const key = rsa(2048, 'right');
  const check = (more: Record<string, string>) => () => requireCredentials(config({ ...account, ...more }));
  expect(check({ SNOWFLAKE_PRIVATE_KEY: key, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'right' })).not.toThrow();
  expect(check({ SNOWFLAKE_PRIVATE_KEY: key })).toThrow('it is encrypted and no passphrase is set');
  expect(check({ SNOWFLAKE_PRIVATE_KEY: key, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'wr0ng' })).toThrow(
    'passphrase is wrong',
  );
  expect(check({ SNOWFLAKE_PRIVATE_KEY: key, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'wr0ng' })).not.toThrow('wr0ng');
  expect(check({ SNOWFLAKE_PRIVATE_KEY: rsa(1024) })).toThrow('1024 bits');
  expect(check({ SNOWFLAKE_PRIVATE_KEY_PATH: 'missing.p8' })).toThrow('there is no such file');
  writeFileSync(join(dir, 'text.p8'), 'not a key');
  expect(check({ SNOWFLAKE_PRIVATE_KEY_PATH: 'text.p8' })).toThrow('it is not PEM text');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ec = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(check({ SNOWFLAKE_PRIVATE_KEY: ec })).toThrow('kind ec');
  const der = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  expect(check({ SNOWFLAKE_PRIVATE_KEY: der })).toThrow('kind ec');
});

test('credentials: an encrypted key may come as base64 of DER', () => {
  const pem = rsa(2048, 'right');
  const base64 = pem.replace(/-----[^-]+-----|\s/g, '');
  const env = { ...account, SNOWFLAKE_PRIVATE_KEY: base64, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'right' };
  expect(() => requireCredentials(config(env))).not.toThrow();
});

test('embedded: replaces the whole account, so that nothing of a real one is left', () => {
  const real = config({ ...account, SNOWFLAKE_PASSWORD: 'x', SNOWFLAKE_DATABASE: 'PROD', SNOWFLAKE_ROLE: 'R' }, true);
  const demo = withEmbedded(real, { url: 'http://127.0.0.1:9', account: 'e', user: 'demo', privateKeyPem: 'PEM' });
  expect(JSON.parse(JSON.stringify(demo.snowflake))).toEqual({
    account: 'e',
    access_url: 'http://127.0.0.1:9',
    user: 'demo',
    authenticator: 'SNOWFLAKE_JWT',
    private_key: 'PEM',
    identities: {},
    login_timeout: 60_000,
  });
  expect(Object.isFrozen(demo.snowflake)).toBe(true);
  expect(demo.pool).toBe(real.pool);
});
