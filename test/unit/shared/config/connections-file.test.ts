import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireCredentials } from '../../../../src/shared/config/credentials.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { secretsOf } from '../../../../src/shared/config/secrets.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'connections-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const TOML = `
[default]
account = "other"

[prod]
account = "myorg-prod"
user = "REPORTER"
password = "s3cret-in-toml"
authenticator = "snowflake"
warehouse = "WH"
login_timeout = 30
client_session_keep_alive = true

[camel]
account = "A"
region = "eu-central-1"
username = "U"
privateKeyPath = "key.p8"
authenticator = "snowflake_jwt"

[private]
account = "A"
host = "a.privatelink.snowflakecomputing.com"
port = 8443

[okta]
account = "A"
authenticator = "https://corp.okta.com/"

[connections.nested]
account = "N"
`;

function write(text = TOML, mode = 0o600): string {
  const file = join(dir, 'connections.toml');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const load = (env: Record<string, string>, flags: Record<string, string> = {}, demo = false) =>
  loadConfig({ cwd: dir, flags, demo }, { SNOWFLAKE_HOME: dir, ...env });
const named = (name: string, more: Record<string, string> = {}) => load({ SNOWFLAKE_CONNECTION_NAME: name, ...more });

test('connections: a connection by name gives what is not set elsewhere, with its place', () => {
  const file = write();
  const { config, places, warnings, sources } = named('prod', { SNOWFLAKE_WAREHOUSE: 'OURS' });
  expect(config.snowflake).toMatchObject({
    account: 'myorg-prod',
    user: 'REPORTER',
    authenticator: 'SNOWFLAKE',
    warehouse: 'OURS',
    login_timeout: 30_000,
    connections_file: file,
  });
  expect(places.get('snowflake.account')).toBe(`[prod] in ${file}`);
  expect(sources.at(-1)).toBe(`[prod] in ${file}`);
  expect(warnings).toEqual([`[prod] in ${file}: client_session_keep_alive is not used here`]);
});

test('connections: a secret of the file is not part of the configuration, and is read anew each time', () => {
  write();
  const { config } = named('prod');
  expect(JSON.stringify(config)).not.toContain('s3cret');
  expect(() => requireCredentials(config)).not.toThrow();
  expect(secretsOf(config.snowflake).read('password')).toBe('s3cret-in-toml');
  write(TOML.replace('s3cret-in-toml', 'rotated'));
  expect(secretsOf(config.snowflake).read('password')).toBe('rotated');
  expect(secretsOf(named('prod', { SNOWFLAKE_PASSWORD: 'mine' }).config.snowflake).read('password')).toBe('mine');
});

test('connections: camelCase keys, old regions, hosts, Okta addresses and nested tables are understood', () => {
  write();
  expect(named('camel').config.snowflake).toMatchObject({
    account: 'A.eu-central-1',
    user: 'U',
    private_key_path: join(dir, 'key.p8'),
    authenticator: 'SNOWFLAKE_JWT',
  });
  expect(named('private').config.snowflake.access_url).toBe('https://a.privatelink.snowflakecomputing.com:8443');
  expect(named('okta').config.snowflake.authenticator).toBe('https://corp.okta.com');
  expect(named('nested').config.snowflake.account).toBe('N');
});

test.each([
  ['others may read it', TOML, 0o604],
  ['its group may write it', TOML, 0o620],
])('connections: a file is refused when %s', (_why, text, mode) => {
  write(text, mode);
  expect(() => named('prod')).toThrow(/others may read or change it.*chmod 600/);
});

test('connections: a group that may only read is let through, for services that run under a user of their own', () => {
  write(TOML, 0o640);
  expect(named('prod').config.snowflake.account).toBe('myorg-prod');
});

test('connections: what is wrong is told without a word of the file', () => {
  write();
  expect(() => named('nobody')).toThrow(/it has no connection nobody \(it has .*prod.*\)/);
  expect(() => named('__proto__')).toThrow(/no connection/);
  write('[prod]\npassword = "s3cret\n');
  expect(() => named('prod')).toThrow(/line 2: it is not TOML/);
  expect(() => named('prod')).not.toThrow(/s3cret/);
  expect(() => load({ SNOWFLAKE_CONNECTION_NAME: 'x', SNOWFLAKE_HOME: join(dir, 'none') })).toThrow(/no such file/);
  write('[prod]\nauthenticator = "typo"\n');
  expect(() => named('prod')).toThrow(/\[prod\] in .*snowflake.authenticator: "typo" is not one of/);
});

test('connections: the file may be named, and the demo reads none', () => {
  mkdirSync(join(dir, 'sub'), { recursive: true });
  const file = join(dir, 'sub', 'mine.toml');
  writeFileSync(file, '[x]\naccount = "Y"\n', { mode: 0o600 });
  const env = { SNOWFLAKE_CONNECTION_NAME: 'x', SNOWFLAKE_CONNECTIONS_FILE: 'sub/mine.toml' };
  expect(load(env).config.snowflake).toMatchObject({ account: 'Y', connections_file: file });
  expect(load({ SNOWFLAKE_CONNECTION_NAME: 'nobody' }, {}, true).config.snowflake.account).toBeUndefined();
});
