/**
 * The same commands without --demo: the only difference is the address. An embedded engine of the test's own stands for
 * the account, so that its query log can be read.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { slowSql } from '../../support/account-daemon.ts';
import { daemonHome, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { run } from '../../support/process.ts';

const PASSPHRASE = 'correct horse';
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE },
});

let account: EmbeddedSnowflake;
let env: Record<string, string>;
beforeAll(async () => {
  account = await startEmbedded({
    account: 'TESTACCOUNT',
    user: 'ALICE',
    password: 'pa55-word-XYZ',
    publicKeyPem: publicKey,
  });
  env = { SNOWFLAKE_ACCESS_URL: account.url, SNOWFLAKE_ACCOUNT: 'TESTACCOUNT', SNOWFLAKE_USER: 'ALICE' };
});
afterAll(() => account.close());

test('password from the environment: queries run, the health turns healthy, the password is in no log', async () => {
  await using daemon = await startDaemon({
    demo: false,
    workers: 1,
    env: { ...env, SNOWFLAKE_PASSWORD: 'pa55-word-XYZ' },
  });
  const mcp = await connectClient(daemon.url);
  expect(textOf(await mcp.call('execute_query', { query: 'SELECT CURRENT_USER() AS U' }))).toContain('ALICE');
  await eventually(
    async () =>
      ((await (await fetch(`${daemon.url}/health`)).json()) as { snowflake_connection: string })
        .snowflake_connection === 'healthy',
  );
  await mcp.close();
  for (const file of ['daemon.log', 'application.log', 'audit.log', 'worker-0.log'])
    expect(daemon.logText(file)).not.toContain('pa55-word');
});

test('encrypted key in a file, named in a YAML file: queries run under a tag that says who asked', async () => {
  const home = daemonHome();
  writeFileSync(join(home.dir, 'key.p8'), privateKey, { mode: 0o600 });
  writeFileSync(
    join(home.dir, 'c.yaml'),
    `snowflake:\n  account: TESTACCOUNT\n  user: ALICE\n  access_url: ${account.url}\n  private_key_path: ${join(home.dir, 'key.p8')}\n  private_key_passphrase: ${PASSPHRASE}\n`,
  );
  await using daemon = await startDaemon({ demo: false, workers: 1, args: ['--config', join(home.dir, 'c.yaml')] });
  const mcp = await connectClient(daemon.url);
  expect((await mcp.call('execute_query', { query: 'SELECT 41 + 1 AS TAGGED' })).isError ?? false).toBe(false);
  await mcp.close();
  const entry = account.queries().find((query) => query.sqlText.includes('TAGGED'));
  expect(JSON.parse(entry?.queryTag ?? '{}')).toMatchObject({ tool: 'execute_query' });
});

test('cancellation by the client: the statement is cancelled in Snowflake', async () => {
  await using daemon = await startDaemon({
    demo: false,
    workers: 1,
    env: { ...env, SNOWFLAKE_PASSWORD: 'pa55-word-XYZ' },
  });
  const mcp = await connectClient(daemon.url);
  const controller = new AbortController();
  const call = mcp
    .call('execute_query', { query: slowSql('SLOW_ONE') }, controller.signal)
    .catch((error: Error) => error.message);
  const state = () => account.queries().find((entry) => entry.sqlText.includes('SLOW_ONE'))?.state;
  await eventually(() => state() === 'running', { what: 'the statement runs' });
  controller.abort('enough');
  await call;
  await eventually(() => state() === 'aborted', { what: 'the statement is cancelled' });
  await eventually(async () => sum(samples(await daemon.metrics(), 'mcp_queries_cancelled_total')) > 0, {
    what: 'the cancel is counted',
  });
  await mcp.close();
});

test('query timeout: the statement is cancelled in Snowflake and the answer says so', async () => {
  await using daemon = await startDaemon({
    demo: false,
    workers: 1,
    env: { ...env, SNOWFLAKE_PASSWORD: 'pa55-word-XYZ', QUERY_TIMEOUT_SECONDS: '1' },
  });
  const mcp = await connectClient(daemon.url);
  const query = slowSql('TIMED_OUT');
  const result = await mcp.call('execute_query', { query });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toContain('QUERY_TIMEOUT');
  await mcp.close();
});

test('Snowflake away: the service starts, says so, answers tools/list, and errors name the reason', async () => {
  await using daemon = await startDaemon({
    demo: false,
    workers: 1,
    env: {
      SNOWFLAKE_ACCESS_URL: 'http://127.0.0.1:9',
      SNOWFLAKE_ACCOUNT: 'X',
      SNOWFLAKE_USER: 'Y',
      SNOWFLAKE_PASSWORD: 'z',
    },
  });
  const mcp = await connectClient(daemon.url);
  expect((await mcp.client.listTools()).tools.length).toBeGreaterThanOrEqual(5);
  const result = await mcp.call('execute_query', { query: 'SELECT 1' });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toMatch(/SNOWFLAKE_UNREACHABLE|POOL_TIMEOUT/);
  await eventually(
    async () =>
      ((await (await fetch(`${daemon.url}/health`)).json()) as { snowflake_connection: string })
        .snowflake_connection === 'unhealthy',
  );
  await mcp.close();
});

test('wrong password: the error says that the login was refused, without the password', async () => {
  await using daemon = await startDaemon({
    demo: false,
    workers: 1,
    env: { ...env, SNOWFLAKE_PASSWORD: 'wr0ng-secret' },
  });
  const mcp = await connectClient(daemon.url);
  const result = await mcp.call('execute_query', { query: 'SELECT 1' });
  expect(textOf(result)).toContain('SNOWFLAKE_AUTH');
  expect(textOf(result)).not.toContain('wr0ng-secret');
  await mcp.close();
  expect(daemon.logText('application.log')).not.toContain('wr0ng-secret');
});

test.each([
  ['no credentials', {}, /CREDENTIALS|credentials are incomplete/],
  [
    'a key file that is missing',
    { SNOWFLAKE_ACCOUNT: 'A', SNOWFLAKE_USER: 'U', SNOWFLAKE_PRIVATE_KEY_PATH: '/nonexistent/key.p8' },
    /private_key.*key\.p8/,
  ],
  [
    'a bad passphrase',
    {
      SNOWFLAKE_ACCOUNT: 'A',
      SNOWFLAKE_USER: 'U',
      SNOWFLAKE_PRIVATE_KEY: privateKey,
      SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: 'wrong',
    },
    /passphrase/i,
  ],
])('start with %s: one message, exit 78, nothing left running', async (_name, more, words) => {
  const home = daemonHome();
  const start = await run(
    'bin/snowflake-mcp-daemon.js',
    ['start', '--port', '0', '--metrics-port', '0', ...home.flags],
    { env: { ...home.env, ...more }, cwd: home.dir },
  );
  expect(start.code).toBe(78);
  expect(start.stderr).toMatch(words);
  expect(start.stderr).not.toMatch(/\n\s+at /);
  const status = await run('bin/snowflake-mcp-daemon.js', ['status', ...home.flags], { env: home.env, cwd: home.dir });
  expect(status.code).toBe(3);
});
