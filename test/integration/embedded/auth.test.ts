/** Who may log in, what tokens are good for, and what a login asks for and gets. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import {
  ACCOUNT,
  type Embedded,
  failure,
  login,
  logout,
  run,
  startTestEmbedded,
  USER,
} from '../../support/embedded-driver.ts';
import { rawLogin } from '../../support/embedded-raw.ts';

const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};
const key = newKey();
let now = 0;
/** The tests' own time: it moves only when a test moves it. */
const clock = { now: () => now, wall: () => new Date(Date.now() + now) };
let embedded: Embedded;

beforeAll(async () => {
  const options = {
    publicKeyPem: key.publicKeyPem,
    token: 'a-token',
    controlToken: 'control',
    tokenValidityMs: 60_000,
  };
  embedded = await startTestEmbedded(options, clock);
});

afterAll(() => embedded.close());

const jwt = (privateKey: string) => ({ authenticator: 'SNOWFLAKE_JWT', privateKey });

test('auth: the right password, key and token log in', async () => {
  for (const options of [
    { password: embedded.password },
    jwt(key.privateKey),
    { authenticator: 'OAUTH', token: 'a-token' },
  ]) {
    const connection = await login(embedded.url, options);
    expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
    await logout(connection);
  }
});

test('auth: a wrong password, user or account is refused with 390100', async () => {
  expect((await failure(login(embedded.url, { password: 'wrong' }))).code).toBe('390100');
  expect((await failure(login(embedded.url, { password: embedded.password, username: 'OTHER' }))).code).toBe('390100');
  expect((await failure(login(embedded.url, { password: embedded.password, account: 'other' }))).code).toBe('390100');
});

test('auth: a JWT of another key or another user is refused with 390144', async () => {
  expect((await failure(login(embedded.url, jwt(newKey().privateKey)))).code).toBe('390144');
  expect((await failure(login(embedded.url, { ...jwt(key.privateKey), username: 'OTHER' }))).code).toBe('390144');
});

test('auth: a JWT that has expired is refused', async () => {
  const later = await startTestEmbedded(
    { publicKeyPem: key.publicKeyPem },
    { now: () => 0, wall: () => new Date(Date.now() + 130_000) },
  );
  expect((await failure(login(later.url, jwt(key.privateKey)))).code).toBe('390144');
  await later.close();
});

test('auth: a wrong OAuth token is refused with 390303', async () => {
  expect((await failure(login(embedded.url, { authenticator: 'OAUTH', token: 'wrong' }))).code).toBe('390303');
});

test('auth: without a credential it does not start', async () => {
  await expect(startEmbedded({ account: ACCOUNT, user: USER })).rejects.toThrow(/needs a credential/);
});

test('auth: every call without a good token is refused with 390104', async () => {
  const { call } = await rawLogin(embedded);
  for (const [method, path] of [
    ['POST', '/queries/v1/query-request'],
    ['POST', '/queries/v1/abort-request'],
    ['GET', '/monitoring/queries/00000000-0000-0000-0000-000000000000'],
    ['GET', '/queries/00000000-0000-0000-0000-000000000000/result'],
    ['POST', '/session/heartbeat'],
    ['POST', '/session?delete=true'],
  ] as const) {
    expect(await call(method, path, method === 'POST' ? {} : undefined, 'guess')).toMatchObject({ code: '390104' });
  }
});

test('auth: the driver renews an expired session token by itself', async () => {
  const connection = await login(embedded.url, { password: embedded.password });
  now += 61_000;
  expect((await run(connection, 'SELECT 1 AS v')).rows).toEqual([{ V: 1 }]);
  await logout(connection);
});

test('auth: an old session token is good for nothing after a renewal, a wrong master token for no renewal', async () => {
  const raw = await rawLogin(embedded);
  const body = { requestType: 'RENEW', oldSessionToken: raw.token };
  const renewed = await raw.call('POST', '/session/token-request', body, raw.masterToken);
  expect(renewed.success).toBe(true);
  expect(await raw.call('POST', '/session/heartbeat', {})).toMatchObject({ code: '390104' });
  expect(await raw.call('POST', '/session/heartbeat', {}, String(renewed.data.sessionToken))).toMatchObject({
    success: true,
  });
  expect(await raw.call('POST', '/session/token-request', body, 'guess')).toMatchObject({ code: '390114' });
});

test('auth: after a logout the token is unknown', async () => {
  const raw = await rawLogin(embedded);
  expect(await raw.call('POST', '/session?delete=true', {})).toMatchObject({ success: true });
  expect(await raw.call('POST', '/session/heartbeat', {})).toMatchObject({ code: '390104' });
});

test('auth: a login with an unknown database succeeds without one, and an unset role and warehouse have defaults', async () => {
  const connection = await login(embedded.url, { password: embedded.password, database: 'NO_SUCH_DB', schema: 'NOPE' });
  const sql = 'SELECT CURRENT_DATABASE() AS d, CURRENT_ROLE() AS r, CURRENT_WAREHOUSE() AS w, CURRENT_USER() AS u';
  expect((await run(connection, sql)).rows).toEqual([{ D: null, R: 'DEMO_ROLE', W: 'DEMO_WH', U: USER }]);
  await logout(connection);
});

test('auth: sessions are bounded, and one that ends makes room', async () => {
  const small = await startTestEmbedded({ maxSessions: 1 });
  const first = await login(small.url, { password: small.password });
  expect((await failure(login(small.url, { password: small.password }))).message).toMatch(/1 sessions, its most/);
  await logout(first);
  const second = await login(small.url, { password: small.password });
  await logout(second);
  await small.close();
});

test('auth: the query log is for the holder of the control token', async () => {
  const get = (headers: Record<string, string>) => fetch(`${embedded.url}/embedded/queries`, { headers });
  const connection = await login(embedded.url, { password: embedded.password });
  await run(connection, "SELECT 'logged'", { parameters: { QUERY_TAG: 'a tag' } });
  await logout(connection);
  expect((await get({})).status).toBe(403);
  expect((await get({ authorization: 'Bearer wrong' })).status).toBe(403);
  const { queries } = (await (await get({ authorization: 'Bearer control' })).json()) as { queries: unknown[] };
  expect(queries.at(-1)).toMatchObject({ sqlText: "SELECT 'logged'", state: 'success', queryTag: 'a tag' });
});
