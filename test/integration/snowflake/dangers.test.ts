/**
 * What snowflake-sdk does as it comes, and must not do here: hostile data, files, other hosts, settings from elsewhere.
 * raw-driver.test.ts shows each of them with the driver alone.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Config } from '../../../src/shared/config/schema.ts';
import { createLog } from '../../../src/shared/log.ts';
import { createSdkDriver } from '../../../src/worker/snowflake/sdk-driver.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';
import { wireCleanups } from '../../support/wires.ts';

const { add, wire } = wireCleanups();

const account = (url: string) => ({ account: 'a', user: 'u', password: 'p', access_url: url });

function service(url: string) {
  const made = testService({ snowflake: account(url) });
  add(() => made.service.close(500));
  return made;
}

const one = (type: string, ...cells: string[]) => ({
  columns: [{ name: 'C', type }],
  rows: cells.map((cell) => [cell]),
});

test('danger: a VARIANT cell that is code is returned as text and never runs', async () => {
  const hostile = '(globalThis.PWNED = 1, 42)';
  const server = await wire({ query: () => one('variant', hostile, '{"a":1}', 'undefined') });
  const { rows } = await service(server.url).service.run(ask('SELECT 1'), NEVER);
  expect(rows).toEqual([[hostile], ['{"a":1}'], ['undefined']]);
  expect((globalThis as { PWNED?: unknown }).PWNED).toBeUndefined();
});

test.each([
  ['boolean', 'maybe'],
  ['binary', 'AB01'],
  ['fixed', '12345678901234567890'],
  ['fixed', 'not a number'],
  ['object', '{broken'],
  ['date', 'tomorrow'],
  ['timestamp_tz', 'x 99999'],
  ['time', '-5'],
])('danger: a %s cell %j that no conversion can read comes out as its text', async (type, cell) => {
  const server = await wire({ query: () => one(type, cell) });
  expect((await service(server.url).service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[cell]]);
});

test.each([
  ['9007199254740993', 0],
  ['-99999999999999999999999999999999999999', 0],
  ['0.1234567890123456789012345678901234567', 37],
  ['12345678901234567.89', 2],
])('danger: the number %s keeps every digit', async (cell, scale) => {
  const server = await wire({ query: () => ({ columns: [{ name: 'C', type: 'fixed', scale }], rows: [[cell]] }) });
  expect((await service(server.url).service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[cell]]);
});

test('danger: dates are read at the speed of texts, not of the date formats of the driver', async () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => [`${1_700_000_000 + at}.123456789`]);
  const typeOf = (sql: string) => (sql.includes('text') ? 'text' : 'timestamp_ntz');
  const server = await wire({ query: (sql) => ({ columns: [{ name: 'C', type: typeOf(sql) }], rows }) });
  const made = testService({ snowflake: account(server.url), limits: { max_rows: 20_000 } });
  add(() => made.service.close(500));
  const timeOf = async (what: string) => {
    const startedAt = performance.now();
    const result = await made.service.run({ ...ask(`SELECT ${what}_column`), maxRows: 20_000 }, NEVER);
    expect(result.rows).toHaveLength(20_000);
    return performance.now() - startedAt;
  };
  const times: { text: number[]; timestamp: number[] } = { text: [], timestamp: [] };
  for (let round = 0; round < 6; round++) {
    times.text.push(await timeOf('text'));
    times.timestamp.push(await timeOf('timestamp'));
  }
  // The driver's own way takes fifteen times as long as its texts.
  expect(Math.min(...times.timestamp)).toBeLessThan(5 * Math.min(...times.text));
});

test('danger: a row with too few cells is filled with nulls', async () => {
  const columns = ['A', 'B'].map((name) => ({ name, type: 'text' }));
  const server = await wire({ query: () => ({ columns, rows: [['x']] }) });
  expect((await service(server.url).service.run(ask('SELECT 1'), NEVER)).rows).toEqual([['x', null]]);
});

async function inChild(url: string, env: Record<string, string> = {}, login: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'driver-danger-'));
  add(() => rmSync(dir, { recursive: true, force: true }));
  const child = fork(fileURLToPath(new URL('../../support/query-child.ts', import.meta.url)), {
    cwd: dir,
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      QUERY_CHILD: JSON.stringify({ sections: { snowflake: { ...account(url), ...login } }, sql: 'SELECT 1' }),
      ...env,
    },
  });
  let [stdout, stderr, told] = ['', '', { reached: [] as string[], answer: {} as unknown }];
  child.stdout?.on('data', (text) => (stdout += text));
  child.stderr?.on('data', (text) => (stderr += text));
  child.on('message', (message) => (told = message as typeof told));
  await new Promise((resolve) => child.once('close', resolve));
  return { dir, stdout, stderr, ...told };
}

test('danger: import, login and a query reach Snowflake and nothing else, print nothing and write no file', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const { dir, stdout, stderr, reached, answer } = await inChild(server.url);
  expect(answer).toMatchObject({ rows: [['ok']] });
  expect(new Set(reached)).toEqual(new Set([new URL(server.url).host]));
  expect(stdout).toBe('');
  expect(stderr).toBe('');
  expect(readdirSync(dir, { recursive: true })).toEqual([]);
});

test('danger: logging settings in a file near the driver or in the environment change nothing', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const dir = mkdtempSync(join(tmpdir(), 'driver-config-'));
  add(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'sf_client_config.json');
  writeFileSync(file, JSON.stringify({ common: { log_level: 'TRACE', log_path: dir } }), { mode: 0o600 });
  const good = await inChild(server.url, { SF_CLIENT_CONFIG_FILE: file, HOME: dir });
  expect(good.answer).toMatchObject({ rows: [['ok']] });
  expect(readdirSync(dir, { recursive: true }).filter((name) => /\.log$/.test(String(name)))).toEqual([]);
  writeFileSync(file, 'no json');
  const bad = await inChild(server.url, { SF_CLIENT_CONFIG_FILE: file, HOME: dir });
  expect(bad.answer).toMatchObject({ rows: [['ok']] });
});

test('danger: the token that a login has earned for further logins is in no file', async () => {
  const server = await wire({
    login: () => ({ parameters: [], mfaToken: 'earned-by-a-login' }),
    query: () => one('text', 'ok'),
  });
  const { dir, answer } = await inChild(server.url, {}, { passcode: '123456' });
  expect(answer).toMatchObject({ rows: [['ok']] });
  const login = server.requests.find(({ path }) => path.endsWith('login-request'));
  expect(login?.body.data).toMatchObject({
    PASSCODE: '123456',
    SESSION_PARAMETERS: { CLIENT_REQUEST_MFA_TOKEN: true },
  });
  expect(readdirSync(dir, { recursive: true })).toEqual([]);
});

test('danger: a proxy in the environment is not used for an account on this machine', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const { answer } = await inChild(server.url, { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' });
  expect(answer).toMatchObject({ rows: [['ok']] });
});

function driver(section: Partial<Config['snowflake']>) {
  const log = createLog({ level: 'error', format: 'text', stream: process.stderr });
  return createSdkDriver({ snowflake: { authenticator: 'auto', login_timeout: 5000, ...section } as never, log });
}

test.each(['PUT file:///etc/passwd @~', ' \n get @~/x file:///tmp', '\uFEFFPuT file:///a @~', 'PUT/**/file:///a @~'])(
  'danger: the door refuses %j before the driver can carry it out',
  async (sql) => {
    const server = await wire({ query: () => one('text', 'ok') });
    const connection = await driver(account(server.url)).connect();
    expect(() => connection.execute({ sql, parameters: {} })).toThrow(/put-get/);
    await expect(connection.submit({ sql, parameters: {} })).rejects.toThrow(/put-get/);
    expect(server.statements()).toEqual([]);
    await connection.destroy();
  },
);

test('danger: an unknown authenticator is refused without a login', async () => {
  const server = await wire({ query: () => one('text', 'ok') });
  const wrong = driver({ ...account(server.url), authenticator: 'SNOWFLAKE_TYPO' as never });
  await expect(wrong.connect()).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
  expect(server.requests).toEqual([]);
});

test("danger: Snowflake's code, state and query id survive, its message loses the values", async () => {
  const message = "Numeric value 's3cret' is not recognized";
  const server = await wire({ query: () => ({ code: '100038', sqlState: '22018', message }) });
  const failed = service(server.url).service.run(ask('SELECT 1'), NEVER);
  await expect(failed).rejects.toMatchObject({
    code: 'SQL_ERROR',
    details: { snowflakeCode: '100038', sqlState: '22018', queryId: expect.stringMatching(/^[\w-]{36}$/) },
  });
  await expect(failed).rejects.not.toThrow(/s3cret/);
});

test("danger: Snowflake's code of a refused login reaches every call that waited for it", async () => {
  const server = await wire({ login: () => ({ code: '390189', message: 'no such role' }), query: () => one('text') });
  const { service: queries } = service(server.url);
  const calls = await Promise.allSettled([1, 2, 3].map((n) => queries.run(ask(`SELECT ${n}`), NEVER)));
  for (const call of calls) {
    expect(call).toMatchObject({ reason: { code: 'SNOWFLAKE_AUTH', details: { snowflakeCode: '390189' } } });
  }
});

test('danger: settings that one account sends do not reach the statements of this process', async () => {
  const parameters = [
    { name: 'MULTI_STATEMENT_COUNT', value: 0 },
    { name: 'JS_TREAT_INTEGER_AS_BIGINT', value: true },
    { name: 'SERVICE_NAME', value: 'elsewhere' },
    { name: 'CLIENT_SESSION_KEEP_ALIVE', value: true },
  ];
  const server = await wire({
    login: () => ({ parameters }),
    query: () => ({ ...one('fixed', '7'), parameters }),
  });
  const { service: queries } = service(server.url);
  expect((await queries.run(ask('SELECT 1'), NEVER)).rows).toEqual([[7]]);
  expect((await queries.run(ask('SELECT 2'), NEVER)).rows).toEqual([[7]]);
  const sent = server.requests.filter(({ path }) => path.endsWith('query-request'));
  expect(sent).toHaveLength(2);
  for (const { body, headers } of sent) {
    expect(body.parameters).toMatchObject({ MULTI_STATEMENT_COUNT: 1, ABORT_DETACHED_QUERY: true });
    expect(headers['x-snowflake-service']).toBeUndefined();
  }
  const login = server.requests.find(({ path }) => path.endsWith('login-request'))?.body.data as Record<
    string,
    unknown
  >;
  expect(login.SESSION_PARAMETERS).toMatchObject({
    CLIENT_SESSION_KEEP_ALIVE: false,
    CLIENT_STORE_TEMPORARY_CREDENTIAL: false,
    CLIENT_REQUEST_MFA_TOKEN: false,
  });
});

test.each(['390104', '390111'])(
  'danger: after %s the session is replaced and the read runs once more',
  async (code) => {
    const server = await wire({
      query: (_sql, count) => (count === 1 ? { code, message: 'gone' } : one('text', `answer ${count}`)),
    });
    const { service: queries } = service(server.url);
    expect((await queries.run(ask('SELECT 1'), NEVER)).rows).toEqual([['answer 0']]);
    expect((await queries.run(ask('SELECT 2'), NEVER)).rows).toEqual([['answer 2']]);
    expect(server.requests.filter(({ path }) => path.endsWith('login-request'))).toHaveLength(2);
    expect(queries.health()).toBe('healthy');
  },
);

test.each(['390110', '390113', '390114'])(
  'danger: a session whose token cannot be renewed (%s) is replaced, and the read runs once more',
  async (code) => {
    const server = await wire({
      query: (_sql, count) => (count === 0 ? { code: '390112', message: 'expired' } : one('text', 'ok')),
      renew: () => ({ code, message: 'the master token has expired' }),
    });
    const { service: queries } = service(server.url);
    expect((await queries.run(ask('SELECT 1'), NEVER)).rows).toEqual([['ok']]);
    expect(server.statements()).toHaveLength(2);
    expect(server.requests.filter(({ path }) => path.endsWith('login-request'))).toHaveLength(2);
  },
);

test('danger: a session that is gone twice is an error, not a loop', async () => {
  const server = await wire({ query: () => ({ code: '390104', message: 'gone' }) });
  const { service: queries } = service(server.url);
  await expect(queries.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(server.statements()).toHaveLength(2);
});

test.each([
  ['damaged', '["seco'],
  ['empty', ''],
  ['short of rows', '["second"]'],
  ['too long', '["second"],["third"],["fourth"]'],
])('danger: a part of the result that is %s ends the call at once in an error that says so', async (_what, chunk) => {
  const whole = '["second"],["third"]';
  const server = await wire({
    query: (_sql, count) => ({ ...one('text', 'first'), chunks: [count === 1 ? chunk : whole], chunkRows: 2 }),
  });
  const { service: queries } = service(server.url);
  const rows = [['first'], ['second'], ['third']];
  expect((await queries.run(ask('SELECT 1'), NEVER)).rows).toEqual(rows);
  await expect(queries.run(ask('SELECT 2'), NEVER)).rejects.toMatchObject({
    code: 'RESULT_UNREADABLE',
    details: { queryId: expect.stringMatching(/^[\w-]{36}$/) },
  });
  expect((await queries.run(ask('SELECT 3'), NEVER)).rows).toEqual(rows);
});

test('danger: rows that are none and cells that are no texts come out as what they are', async () => {
  const rows = [null, [7], [{ a: 1 }]] as never;
  const server = await wire({ query: () => ({ columns: [{ name: 'C', type: 'text' }], rows }) });
  expect((await service(server.url).service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[null], ['7'], ['{"a":1}']]);
});

test('danger: a statement that Snowflake never answers ends at its time limit and its connection is closed', async () => {
  const server = await wire({ query: (_sql, count) => (count === 0 ? 'silence' : one('text', 'ok')) });
  const { service: queries } = testService({
    snowflake: account(server.url),
    limits: { query_timeout: '1s' },
    pool: { max_size: 1 },
  });
  add(() => queries.close(500));
  await expect(queries.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  expect((await queries.run(ask('SELECT 2'), NEVER)).rows).toEqual([['ok']]);
  expect(server.requests.some(({ path }) => path === '/queries/v1/abort-request')).toBe(true);
  expect(server.requests.filter(({ path }) => path.endsWith('login-request'))).toHaveLength(2);
});
