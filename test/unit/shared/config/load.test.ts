import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig, loadLocation } from '../../../../src/shared/config/load.ts';
import { AppError } from '../../../../src/shared/errors.ts';
import type { LaunchSpec } from '../../../../src/shared/launch.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const load = (spec: Partial<LaunchSpec> = {}, env: Record<string, string> = {}) =>
  loadConfig({ cwd: dir, flags: {}, demo: false, ...spec }, env);

/** The faults a load ends with. */
function faults(spec: Partial<LaunchSpec> = {}, env: Record<string, string> = {}): readonly string[] {
  try {
    load(spec, env);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID') {
      return (error.details as { faults: readonly string[] }).faults;
    }
    throw error;
  }
  return [];
}

function unreadable(spec: Partial<LaunchSpec>): string {
  try {
    load(spec);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_UNREADABLE') return error.message;
    throw error;
  }
  return '';
}

test('load: without any source the defaults hold, complete and deeply frozen', () => {
  const { config, warnings, sources, places } = load();
  expect(config.server).toMatchObject({ host: 'localhost', port: 8000, keep_alive_timeout: 5000 });
  expect(config.workers).toMatchObject({ restart_delay: 4000, max_restarts: 10, max_memory_restart: 500 * 1024 ** 2 });
  expect([warnings, sources, places.size]).toEqual([[], [], 0]);
  expect(Object.isFrozen(config) && Object.isFrozen(config.pool) && Object.isFrozen(config.auth.api_keys)).toBe(true);
});

test('load: flags beat the environment, .env, the file of --env, the file of --config and the default, in this order', () => {
  const configFile = write('base.yaml', 'server:\n  port: 1001\n');
  const layers: { spec: Partial<LaunchSpec>; env: Record<string, string>; port: number }[] = [
    { spec: {}, env: {}, port: 8000 },
    { spec: { configFile }, env: {}, port: 1001 },
  ];
  for (const { spec, env, port } of layers) expect(load(spec, env).config.server.port).toBe(port);
  write('config/mine.yaml', 'server:\n  port: 1002\n');
  expect(load({ configFile, environment: 'mine' }).config.server.port).toBe(1002);
  write('.env', 'SERVER_PORT=1003\n');
  expect(load({ configFile, environment: 'mine' }).config.server.port).toBe(1003);
  const env = { SERVER_PORT: '1004' };
  expect(load({ configFile, environment: 'mine' }, env).config.server.port).toBe(1004);
  const all = load({ configFile, environment: 'mine', flags: { 'server.port': '1005' } }, env);
  expect(all.config.server.port).toBe(1005);
  expect(all.sources).toEqual(['flags', 'environment', join(dir, '.env'), join(dir, 'config/mine.yaml'), configFile]);
  expect(all.places.get('server.port')).toBe('--port');
});

test('load: snowflake-mcp.yaml in the current directory is the file when none is named', () => {
  write('snowflake-mcp.yaml', 'pool:\n  max_size: 3\n');
  expect(load().config.pool.max_size).toBe(3);
  expect(load({ configFile: write('other.json', '{"pool": {"max_size": 4}}') }).config.pool.max_size).toBe(4);
});

test('load: ENVIRONMENT chooses a file, NODE_ENV only with a name of this package and a warning', () => {
  expect(load({}, { ENVIRONMENT: 'production' }).config.pool.max_size).toBe(50);
  const old = load({}, { NODE_ENV: 'staging' });
  expect(old.config.pool.max_size).toBe(10);
  expect(old.warnings).toEqual([expect.stringContaining('ENVIRONMENT')]);
  const other = load({}, { NODE_ENV: 'test' });
  expect([other.config.pool.max_size, other.warnings]).toEqual([8, []]);
  expect(load({ environment: 'development' }, { ENVIRONMENT: 'production' }).config.logging.level).toBe('debug');
  expect(faults({}, { ENVIRONMENT: 'prod' })).toEqual([expect.stringMatching(/ENVIRONMENT: .*config\/prod.yaml/)]);
  expect(faults({ environment: '../etc' })).toHaveLength(1);
});

test('load: the shipped environments are valid', () => {
  for (const environment of ['development', 'staging', 'production', 'default']) {
    expect(load({ environment }).warnings).toEqual([]);
  }
});

test('load: every fault of every source is named at once, each with its place', () => {
  const configFile = write(
    'c.yaml',
    'server:\n  prot: 8000\npool:\n  min_size: 9\n  max_size: 3\nworkers:\n  kill_timeout: soon\nsever:\n  port: 1\n',
  );
  write('.env', '# comment\nQUERY_TIMEOUT_SECONDS=never\n');
  const found = faults({ configFile, flags: { 'metrics.port': 'x' } }, { LOG_LEVEL: 'loud' });
  expect(found).toEqual(
    expect.arrayContaining([
      expect.stringContaining('c.yaml:2: server.prot is not a key (did you mean port?)'),
      expect.stringContaining('c.yaml:8: sever is not a section (did you mean server?)'),
      expect.stringContaining('c.yaml:7: workers.kill_timeout: "soon" is not a duration'),
      expect.stringMatching(/c\.yaml:4 and .*c\.yaml:5: pool\.min_size 9 is above pool\.max_size 3/),
      expect.stringContaining(`QUERY_TIMEOUT_SECONDS in ${join(dir, '.env')}:2: limits.query_timeout: "never"`),
      expect.stringContaining('LOG_LEVEL in the environment: logging.level: "loud" is not one of debug, info'),
      expect.stringMatching(/--metrics-port: metrics.port: .*is not a whole number/),
    ]),
  );
  expect(found).toHaveLength(7);
});

test('load: JSON files have lines too', () => {
  const configFile = write('c.json', '{\n\t"server": {\n\t\t"port": 70000\n\t}\n}\n');
  expect(faults({ configFile })).toEqual([
    expect.stringContaining('c.json:3: server.port: 70000 is outside 0 to 65535'),
  ]);
});

test.each([
  [{ 'workers.hang_suspect': '10s' }, 'workers.hang_suspect'],
  [{ 'limits.default_rows': 500, 'limits.max_rows': 400 }, 'limits.default_rows 500'],
  [{ 'server.port': 8001 }, 'both 8001'],
  [{ 'workers.exp_backoff_restart_delay': '20s' }, 'exp_backoff_max'],
  [{ 'workers.stop_exit_codes': 'one' }, 'stop_exit_codes'],
  [{ 'snowflake.authenticator': 'snowflake_jwt' }, 'private_key'],
  [{ 'snowflake.authenticator': 'oauth' }, 'token'],
  [{ 'snowflake.authenticator': 'snowflake' }, 'password'],
])('load: %j cannot hold together', (flags, words) => {
  expect(faults({ flags: flags as Record<string, string | number> })).toEqual([expect.stringContaining(words)]);
});

test('load: two free ports are no clash, and --demo needs no credential', () => {
  expect(faults({ flags: { 'server.port': 0, 'metrics.port': 0 } })).toEqual([]);
  expect(faults({ demo: true, flags: { 'snowflake.authenticator': 'SNOWFLAKE' } })).toEqual([]);
});

test('load: old environment names work, each with one warning that names the new one', () => {
  const { config, warnings } = load(
    {},
    { MCP_HTTP_HOST: '127.0.0.1', MAX_QUERY_LIMIT: '77777', VALID_API_KEYS: 'a, b' },
  );
  expect([config.server.host, config.limits.max_rows, config.auth.api_keys]).toEqual(['127.0.0.1', 77777, ['a', 'b']]);
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toBe('MCP_HTTP_HOST is an old name: use SERVER_HOST (server.host)');
  expect(load({}, { SERVER_PORT: '1', MCP_PORT: '2' })).toMatchObject({
    config: { server: { port: 1 } },
    warnings: ['MCP_PORT is ignored: SERVER_PORT is set and means the same'],
  });
});

test('load: bare numbers of environment names are in the unit the name says, other values keep theirs', () => {
  const { config } = load(
    {},
    {
      SNOWFLAKE_POOL_MAX_INACTIVE_MINUTES: '2',
      SNOWFLAKE_CONN_REFRESH_HOURS: '3',
      QUERY_TIMEOUT_SECONDS: '4',
      KEEPALIVE_TIMEOUT: '5',
      SNOWFLAKE_POOL_CONNECTION_TIMEOUT: '1500ms',
    },
  );
  expect(config.pool).toMatchObject({ max_inactive: 120_000, max_age: 10_800_000, acquire_timeout: 1500 });
  expect([config.limits.query_timeout, config.server.keep_alive_timeout]).toEqual([4000, 5000]);
});

test('load: old forms of the authenticator and a path in SNOWFLAKE_PRIVATE_KEY work', () => {
  expect(load({}, { SNOWFLAKE_AUTH_TYPE: 'external_browser' }).config.snowflake.authenticator).toBe('EXTERNALBROWSER');
  const { config, warnings } = load({}, { SNOWFLAKE_AUTH_TYPE: 'private_key', SNOWFLAKE_PRIVATE_KEY: 'keys/rsa.p8' });
  expect(config.snowflake).toMatchObject({
    authenticator: 'SNOWFLAKE_JWT',
    private_key_path: join(dir, 'keys/rsa.p8'),
  });
  expect(config.snowflake.private_key).toBeUndefined();
  expect(warnings).toContainEqual(expect.stringContaining('SNOWFLAKE_PRIVATE_KEY_PATH'));
});

test('load: a private key may come as PEM, as PEM with written-out line ends, or as base64 of DER', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const der = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ type, format: 'der' }).toString('base64');
  for (const text of [pem, pem.replaceAll('\n', '\\n'), der('pkcs8'), der('pkcs1')]) {
    expect(load({}, { SNOWFLAKE_PRIVATE_KEY: text }).config.snowflake.private_key).toBe(pem);
  }
});

test('load: an empty variable counts as not set', () => {
  write('.env', 'SNOWFLAKE_ROLE=READER\nSERVER_PORT=\n');
  const { config } = load({}, { SNOWFLAKE_ROLE: '', LOG_LEVEL: ' ' });
  expect([config.snowflake.role, config.server.port, config.logging.level]).toEqual(['READER', 8000, 'info']);
});

test('load: .env values cut at a # are told', () => {
  write('.env', 'SNOWFLAKE_PASSWORD=abc#def\nSNOWFLAKE_USER="a#b" # fine\n');
  const { config, warnings } = load();
  expect(config.snowflake.user).toBe('a#b');
  expect(warnings).toEqual([expect.stringMatching(/\.env:1: the value of SNOWFLAKE_PASSWORD ends at #/)]);
  expect(warnings.join()).not.toContain('abc');
});

test('load: values of secrets and text of broken files never show in a message', () => {
  const secret = 'hunter2';
  const texts = [
    `snowflake:\n  password: *${secret}\n`,
    `snowflake:\n  password: "${secret}\\q"\n  a: [\n`,
    `snowflake:\n  password: [${secret}]\n`,
    `auth:\n  api_keys: {k: ${secret}}\n`,
    `${secret}\n`,
  ];
  for (const text of texts) {
    const configFile = write('c.yaml', text);
    expect(() => load({ configFile })).toThrow(AppError);
    expect(() => load({ configFile })).not.toThrow(new RegExp(secret));
  }
  const configFile = write('c.json', `{"snowflake": {"password": ${secret}}}`);
  expect(unreadable({ configFile })).not.toContain(secret);
});

test('load: keys that would reach into objects are only unknown keys', () => {
  const configFile = write(
    'c.yaml',
    '__proto__:\n  polluted: 1\nserver:\n  __proto__: {polluted: 1}\n  constructor: 1\n',
  );
  expect(faults({ configFile })).toHaveLength(3);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(faults({}, { SNOWFLAKE_AUTH_TYPE: 'constructor' })).toHaveLength(1);
});

test('load: files that cannot be checked are refused with the reason', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => [...pair] as [string, string])) {
    bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(',')}]`);
  }
  expect(unreadable({ configFile: write('bomb.yaml', bomb.join('\n')) })).toContain('multiply');
  expect(unreadable({ configFile: write('big.yaml', '#'.repeat(1024 * 1024 + 1)) })).toContain('larger than');
  expect(unreadable({ configFile: write('two.yaml', 'pool:\n  max_size: 1\n  max_size: 2\n') })).toContain('line 3');
  expect(unreadable({ configFile: write('c.toml', 'a=1') })).toContain('.yaml');
  expect(unreadable({ configFile: join(dir, 'missing.yaml') })).toContain('there is no such file');
  mkdirSync(join(dir, 'd.yaml'));
  expect(unreadable({ configFile: 'd.yaml' })).toContain('not a regular file');
});

test('load: an empty file and empty sections set nothing', () => {
  expect(load({ configFile: write('c.yaml', '') }).places.size).toBe(0);
  expect(load({ configFile: write('c.yaml', 'server:\npool:\n  max_size:\n') }).places.size).toBe(0);
});

test('load: relative paths start in the working directory, those of flags in the current one, ~ is home', () => {
  const { config } = load(
    { flags: { 'logging.file': 'log/d.log' } },
    { WORKING_DIR: 'var', PID_FILE: 'd.pid', STATE_DIR: '~/state' },
  );
  expect(config.server).toMatchObject({ working_dir: join(dir, 'var'), pid_file: join(dir, 'var/d.pid') });
  expect([config.logging.file, config.state.dir]).toEqual([join(dir, 'log/d.log'), join(homedir(), 'state')]);
});

test('load: kill_timeout is raised above the keep-alive time, with a warning when somebody set it', () => {
  expect(load().config.workers.kill_timeout).toBe(6000);
  const { config, warnings } = load({ configFile: write('c.yaml', 'workers:\n  kill_timeout: 2s\n') });
  expect([config.workers.kill_timeout, warnings]).toEqual([6000, [expect.stringMatching(/c\.yaml:2: .*raised to 6s/)]]);
  const short = load({ configFile: write('short.yaml', 'workers:\n  kill_timeout: 500\n') });
  expect(short.config.workers.kill_timeout).toBe(6000);
});

test('load: a metrics address that others reach is told', () => {
  expect(load({}, { METRICS_HOST: '0.0.0.0' }).warnings).toEqual([expect.stringContaining('metrics.host 0.0.0.0')]);
  expect(load({}, { METRICS_HOST: '0.0.0.0', METRICS_TOKEN: 't'.repeat(32) }).warnings).toEqual([]);
});

test('location: is found in a configuration that is wrong elsewhere', () => {
  const configFile = write('c.yaml', 'server:\n  pid_file: x.pid\n  prot: 1\npool:\n  max_size: none\n');
  const found = loadLocation({ cwd: dir, configFile, flags: {}, demo: false }, {});
  expect(found.config.server.pid_file).toBe(join(dir, 'x.pid'));
  const broken = loadLocation({ cwd: dir, configFile: write('b.yaml', 'a: ['), flags: {}, demo: false }, {});
  expect(broken.warnings).toHaveLength(1);
});
