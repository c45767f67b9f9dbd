/**
 * The dangers of dangers.test.ts with snowflake-sdk as it comes: each happens here. Should one of these tests fail after
 * an update of the driver, the test beside it proves nothing any more, and its line of the disarming may go.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { wireCleanups } from '../../support/wires.ts';

const { add, wire } = wireCleanups();

const one = (type: string, ...cells: string[]) => ({
  columns: [{ name: 'C', type }],
  rows: cells.map((cell) => [cell]),
});

function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'raw-driver-'));
  add(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Raw {
  readonly options?: Record<string, unknown>;
  readonly statements?: readonly string[];
  readonly isPooled?: boolean;
  readonly env?: Record<string, string>;
  readonly dir?: string;
}

async function raw(url: string, { options = {}, statements = ['SELECT 1'], isPooled, env = {}, dir = tempDir() }: Raw) {
  const login = { account: 'a', username: 'u', password: 'p', accessUrl: url, sfRetryMaxLoginRetries: 1, ...options };
  const child = fork(fileURLToPath(new URL('../../support/raw-driver-child.ts', import.meta.url)), {
    cwd: dir,
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      RAW_CHILD: JSON.stringify({ options: login, statements, isPooled }),
      ...env,
    },
  });
  let stdout = '';
  let told = { reached: [] as string[], outcomes: [] as unknown[], pwned: undefined as unknown, uncaught: '' };
  child.stdout?.on('data', (text) => (stdout += text));
  child.on('message', (message) => (told = { ...told, ...(message as object) }));
  await new Promise((resolve) => child.once('close', resolve));
  return { dir, stdout, ...told };
}

/** Without the noise of the import, where that is not what the test is about. */
const QUIET = { SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true', SNOWFLAKE_DISABLE_MINICORE: '1' };

test('raw driver: a VARIANT cell that is code runs', async () => {
  const server = await wire({ query: () => one('variant', '(globalThis.PWNED = 1, 42)') });
  expect(await raw(server.url, { env: QUIET })).toMatchObject({ pwned: 1, outcomes: [{ rows: [{ C: 42 }] }] });
});

test('raw driver: a cell that cannot be converted ends the process, and its caller hears nothing', async () => {
  const server = await wire({ query: () => one('boolean', 'maybe') });
  const { uncaught, outcomes } = await raw(server.url, { env: QUIET, options: { streamResult: false } });
  expect([uncaught, outcomes]).toEqual([expect.stringContaining('maybe'), []]);
});

test('raw driver: it prints, and writes a log with user and account into the current directory', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const { dir, stdout } = await raw(server.url, { env: QUIET });
  expect(stdout).not.toBe('');
  expect(readFileSync(join(dir, 'snowflake.log'), 'utf8')).toContain('account');
});

test('raw driver: its import probes the metadata services of clouds and makes a directory at home', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const { dir, reached } = await raw(server.url, { env: { SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: '1' } });
  expect(reached.filter((address) => !address.startsWith('127.0.0.1'))).toContainEqual(
    expect.stringMatching(/169\.254\.169\.254|metadata/),
  );
  expect(existsSync(join(dir, '.cache', 'snowflake'))).toBe(true);
});

test('raw driver: the token of an MFA login lands in a file', async () => {
  const server = await wire({ login: () => ({ parameters: [], mfaToken: 'earned' }), query: () => one('text', 'ok') });
  const options = {
    authenticator: 'USERNAME_PASSWORD_MFA',
    passcode: '123456',
    clientRequestMFAToken: true,
    clientStoreTemporaryCredential: true,
  };
  const { dir } = await raw(server.url, { env: QUIET, options });
  const files = readdirSync(dir, { recursive: true }).map(String);
  expect(files).toContainEqual(expect.stringMatching(/credential_cache/));
});

test('raw driver: a whole number beyond 2^53 loses digits', async () => {
  const server = await wire({ query: () => one('fixed', '9007199254740993') });
  expect(await raw(server.url, { env: QUIET })).toMatchObject({ outcomes: [{ rows: [{ C: 9007199254740992 }] }] });
});

test('raw driver: a proxy in the environment gets the login of an account on this machine', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const { reached } = await raw(server.url, { env: { ...QUIET, HTTP_PROXY: 'http://127.0.0.1:9' } });
  expect(reached).toContain('127.0.0.1:9');
  expect(server.requests).toEqual([]);
});

test('raw driver: a PUT reads a file of this machine and carries it where the reply says', async () => {
  const [source, stage] = [tempDir(), tempDir()];
  writeFileSync(join(source, 'secret.txt'), 's3cret');
  const data = {
    command: 'UPLOAD',
    src_locations: [join(source, 'secret.txt')],
    stageInfo: { locationType: 'LOCAL_FS', location: stage, creds: {} },
    autoCompress: false,
    sourceCompression: 'auto_detect',
    parallel: 1,
    overwrite: true,
  };
  const server = await wire({ query: () => ({ data }) });
  await raw(server.url, { env: QUIET, statements: [` \n PuT file://${source}/secret.txt @~`] });
  expect(readFileSync(join(stage, 'secret.txt'), 'utf8')).toBe('s3cret');
});

test('raw driver: a settings file in the environment turns its logging on, a bad one ends the login', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const logs = tempDir();
  const file = join(logs, 'sf_client_config.json');
  writeFileSync(file, JSON.stringify({ common: { log_level: 'TRACE', log_path: logs } }), { mode: 0o600 });
  await raw(server.url, { env: { ...QUIET, SF_CLIENT_CONFIG_FILE: file } });
  expect(readdirSync(logs, { recursive: true }).filter((name) => /\.log$/.test(String(name)))).not.toEqual([]);
  writeFileSync(file, 'no json');
  const bad = await raw(server.url, { env: { ...QUIET, SF_CLIENT_CONFIG_FILE: file } });
  expect(bad.outcomes).toEqual([expect.objectContaining({ error: expect.any(String) })]);
});

test('raw driver: for an unknown authenticator it sends the password', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  await raw(server.url, { env: QUIET, options: { authenticator: 'SNOWFLAKE_TYPO' } });
  const login = server.requests.find(({ path }) => path.endsWith('login-request'));
  expect(login?.body.data).toMatchObject({ PASSWORD: 'p' });
});

test('raw driver: its pool loses the code of a refused login', async () => {
  const server = await wire({ login: () => ({ code: '390100', message: 'refused' }), query: () => one('text', 'ok') });
  const { outcomes } = await raw(server.url, { env: QUIET, isPooled: true });
  expect(outcomes).toHaveLength(1);
  expect(outcomes[0]).not.toHaveProperty('code');
});

test('raw driver: a setting in a reply rules all further requests of the process', async () => {
  const server = await wire({
    login: () => ({ parameters: [{ name: 'SERVICE_NAME', value: 'elsewhere' }] }),
    query: () => one('text', 'ok'),
  });
  await raw(server.url, { env: QUIET });
  const sent = server.requests.filter(({ path }) => path.endsWith('query-request'));
  expect(sent.map(({ headers }) => headers['x-snowflake-service'])).toEqual(['elsewhere']);
});

test('raw driver: a connection whose session is gone fails for ever', async () => {
  const server = await wire({
    query: (_sql, count) => (count === 0 ? { code: '390111', message: 'gone' } : one('text', 'ok')),
  });
  const { outcomes } = await raw(server.url, { env: QUIET, statements: ['SELECT 1', 'SELECT 2', 'SELECT 3'] });
  expect(outcomes.map((outcome) => (outcome as { code?: unknown }).code)).toEqual([expect.anything(), 407002, 407002]);
});

test('raw driver: a damaged part of a result leaves its caller without any answer', async () => {
  const server = await wire({ query: () => ({ ...one('text', 'first'), chunks: ['["seco'] }) });
  const { outcomes, uncaught } = await raw(server.url, { env: QUIET });
  expect([outcomes, uncaught]).toEqual([['silence'], '']);
});
