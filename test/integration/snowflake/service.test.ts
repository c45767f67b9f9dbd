/** Statements through gate, pool and the real driver to an embedded Snowflake; its query log says what came of them. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { patient } from '../../support/patience.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

const PASSPHRASE = 'correct horse';
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE },
});

let engine: EmbeddedSnowflake;
beforeAll(async () => {
  const login = { account: 'embedded', user: 'TESTER', password: 'pa55-word', token: 'token-1' };
  engine = await startEmbedded({ ...login, publicKeyPem: publicKey, longPollMs: 50 });
});
afterAll(() => engine.close());

const services: ReturnType<typeof testService>[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map(({ service }) => service.close(1000)));
});

function start(more: Record<string, Record<string, unknown>> = {}) {
  const account = { account: 'embedded', user: 'TESTER', access_url: engine.url, password: 'pa55-word' };
  const made = testService({ ...more, snowflake: { ...account, ...more.snowflake } });
  services.push(made);
  return made;
}

const entry = (mark: string) => engine.queries().findLast((query) => query.sqlText.includes(mark));
const slow = (mark: string) => SLOW_SQL.replace('COUNT(*)', `COUNT(*) AS ${mark}`);

test.each([
  ['a password', {}],
  ['an encrypted key pair', { password: '', private_key: privateKey, private_key_passphrase: PASSPHRASE }],
  ['an OAuth token', { password: '', token: 'token-1', authenticator: 'OAUTH' }],
  ['a programmatic access token', { password: '', token: 'token-1', authenticator: 'PROGRAMMATIC_ACCESS_TOKEN' }],
])('login: by %s', async (_what, snowflake) => {
  const { service } = start({ snowflake });
  expect(await service.probe(NEVER)).toMatchObject({ account: 'EMBEDDED', user: 'TESTER', warehouse: 'DEMO_WH' });
  expect(service.health()).toBe('healthy');
});

test.each([
  ['a wrong password', { password: 'wr0ng-secret' }, 'SNOWFLAKE_AUTH', /password is wrong/],
  ['a wrong token', { token: 'other-secret', authenticator: 'OAUTH' }, 'SNOWFLAKE_AUTH', /token/i],
  [
    'a wrong passphrase',
    { private_key: privateKey, private_key_passphrase: 'no-secret' },
    'PRIVATE_KEY_INVALID',
    /passphrase/,
  ],
  ['a role that is not there', { role: 'NOBODY' }, 'SNOWFLAKE_AUTH', /role/i],
  [
    'a token file that is not there',
    { token_file_path: '/nonexistent/t', authenticator: 'OAUTH' },
    'CREDENTIALS_UNREADABLE',
    /there is no such file/,
  ],
  ['nothing that answers', { access_url: 'http://127.0.0.1:9' }, 'SNOWFLAKE_UNREACHABLE', /ECONNREFUSED/],
])(
  'login: with %s the error says so, names no secret, and the service lives',
  async (_what, snowflake, code, words) => {
    const { service, logText, counted } = start({ snowflake });
    const error = await service.run(ask('SELECT 1'), NEVER).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(service.health()).toBe('unhealthy');
    expect(counted).toContainEqual({ name: 'mcp_failed_connections_total', labels: { reason: code } });
    expect(`${String(error)}${logText()}`).not.toContain('secret');
  },
);

test('login: while Snowflake is away calls fail at once with the reason, and it is used again when it is back', async () => {
  const away = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word' });
  const { service } = start({ snowflake: { access_url: away.url } });
  await away.close();
  await expect(service.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  const startedAt = performance.now();
  await expect(service.run(ask('SELECT 1'), NEVER)).rejects.toMatchObject({ code: 'SNOWFLAKE_UNREACHABLE' });
  expect(performance.now() - startedAt).toBeLessThan(patient(500));
  const back = await startEmbedded({ account: 'embedded', user: 'TESTER', password: 'pa55-word', port: away.port });
  await eventually(async () => (await service.run(ask('SELECT 1'), NEVER)).rows.length === 1, {
    what: 'it works again',
  });
  await service.close(1000);
  await back.close();
});

test('cells: every type keeps its value, and NULL is null', async () => {
  const { service } = start();
  const sql = `SELECT 9007199254740991 AS I, 9007199254740992 AS BIG, 1.10::NUMBER(10,2) AS D, 0.1::FLOAT AS F,
    'NaN'::FLOAT AS NF, TRUE AS B, '1969-12-31'::DATE AS DT, '23:59:59.123456'::TIME AS T,
    '1969-12-31 23:59:59.5'::TIMESTAMP_NTZ AS TN, TO_BINARY('00FF', 'HEX') AS BN, PARSE_JSON('{"a":[1,null]}') AS V,
    NULL AS N, 'pipe | "quote"' AS S`;
  const { rows, columns } = await service.run(ask(sql), NEVER);
  expect(rows[0]).toEqual([
    9007199254740991,
    '9007199254740992',
    1.1,
    0.1,
    'NaN',
    true,
    '1969-12-31',
    '23:59:59.123456',
    '1969-12-31T23:59:59.5',
    '00FF',
    expect.stringMatching(/^\{\s*"a"/),
    null,
    'pipe | "quote"',
  ]);
  expect(columns.map((column) => column.type)).toContain('VARIANT');
});

test('limits: rows are cut with a mark, Snowflake sends no more of them, exactly as many are not cut', async () => {
  const { service } = start();
  const lines = 'SELECT L_ORDERKEY AS CUT_HERE FROM SNOWFLAKE_SAMPLE_DATA.TPCH_SF001.LINEITEM';
  const cut = await service.run(ask(lines, { maxRows: 3 }), NEVER);
  expect(cut.rows).toHaveLength(3);
  expect(cut.truncated).toEqual({ limit: 'rows', max: 3 });
  const whole = await service.run(ask('SELECT * FROM VALUES (1), (2), (3)', { maxRows: 3 }), NEVER);
  expect(whole.rows).toHaveLength(3);
  expect(whole.truncated).toBeUndefined();
  const small = start({ limits: { max_result_bytes: '1K', max_rows: 50_000 } }).service;
  const bytes = await small.run(ask(lines, { maxRows: 50_000 }), NEVER);
  expect(bytes.truncated).toEqual({ limit: 'bytes', max: 1024 });
  expect(bytes.rows.length).toBeGreaterThan(50);
});

test('limits: a configured maximum wins over what a call asks for', async () => {
  const { service } = start({ limits: { max_rows: 2 } });
  const { rows, truncated } = await service.run(ask('SELECT * FROM VALUES (1), (2), (3)'), NEVER);
  expect([rows.length, truncated]).toEqual([2, { limit: 'rows', max: 2 }]);
});

test('place: each call runs in its own database and schema, whatever ran before on the connection', async () => {
  const { service } = start({ pool: { max_size: 1 } });
  const where = async (place: { database?: string; schema?: string }) =>
    (await service.run(ask('SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()', place), NEVER)).rows[0];
  expect(await where({})).toEqual([null, null]);
  expect(await where({ database: 'demo_db' })).toEqual(['DEMO_DB', 'PUBLIC']);
  expect(await where({ database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'tpch_sf001' })).toEqual([
    'SNOWFLAKE_SAMPLE_DATA',
    'TPCH_SF001',
  ]);
  expect(await where({ database: '"DEMO_DB"' })).toEqual(['DEMO_DB', 'PUBLIC']);
  expect(await where({})).toEqual([null, null]);
  expect(service.figures().total).toBe(1);
  await expect(where({ schema: 'PUBLIC' })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(where({ database: 'x"; DROP DATABASE DEMO_DB; --' })).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
  });
});

test('place: with a configured database a call without one comes home on the same session', async () => {
  const home = { database: 'SNOWFLAKE_SAMPLE_DATA', schema: 'TPCH_SF001' };
  const { service } = start({ pool: { max_size: 1 }, snowflake: home });
  const where = async (place: { database?: string; schema?: string }) =>
    (await service.run(ask('SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()', place), NEVER)).rows[0];
  expect(await where({})).toEqual(Object.values(home));
  const sessions = () => new Set(engine.queries().map((query) => query.sessionId)).size;
  const before = sessions();
  expect(await where({ database: 'DEMO_DB' })).toEqual(['DEMO_DB', 'PUBLIC']);
  expect(await where({})).toEqual(Object.values(home));
  expect(await where({ schema: 'tpch_sf001' })).toEqual(Object.values(home));
  expect(sessions()).toBe(before);
});

test('place: a USE that the policy allows does not outlive its call', async () => {
  const { service } = start({ pool: { max_size: 1 }, policy: { allowed_sql_commands: ['select', 'use'] } });
  await service.run(ask('USE DATABASE DEMO_DB'), NEVER);
  expect((await service.run(ask('SELECT CURRENT_DATABASE()'), NEVER)).rows).toEqual([[null]]);
});

test('cancel: an aborted call ends at once, Snowflake ends the statement, the connection is used again', async () => {
  const { service, counted } = start({ pool: { max_size: 1 } });
  const controller = new AbortController();
  const call = service.run(ask(slow('ABORTED_ONE')), controller.signal).catch((error: Error) => error);
  await eventually(() => entry('ABORTED_ONE')?.state === 'running', { what: 'it runs' });
  controller.abort();
  expect(await call).toMatchObject({ code: 'QUERY_CANCELLED' });
  await eventually(() => entry('ABORTED_ONE')?.state === 'aborted', { what: 'it is cancelled in Snowflake' });
  expect((await service.run(ask('SELECT 1'), NEVER)).rows).toEqual([[1]]);
  expect(counted).toContainEqual({ name: 'mcp_queries_cancelled_total', labels: { reason: 'client' } });
});

test('cancel: a call that is aborted while it waits for a connection leaves the line', async () => {
  const { service, counted } = start({ pool: { max_size: 1 } });
  const [first, second] = [new AbortController(), new AbortController()];
  const running = service.run(ask(slow('HOLDS_IT')), first.signal).catch((error: Error) => error);
  await eventually(() => entry('HOLDS_IT')?.state === 'running');
  const waiting = service.run(ask('SELECT 2'), second.signal).catch((error: Error) => error);
  await eventually(() => service.figures().waiting === 1);
  second.abort();
  expect(await waiting).toMatchObject({ code: 'QUERY_CANCELLED' });
  expect(service.figures().waiting).toBe(0);
  expect(counted).not.toContainEqual(expect.objectContaining({ name: 'mcp_queries_cancelled_total' }));
  first.abort();
  await running;
});

test('timeout: the statement is cancelled in Snowflake and the error names the limit', async () => {
  const { service } = start({ limits: { query_timeout: '1s' } });
  const error = await service.run(ask(slow('TOO_LONG')), NEVER).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({
    code: 'QUERY_TIMEOUT',
    details: { limitMs: 1000, queryId: entry('TOO_LONG')?.queryId },
  });
  await eventually(() => entry('TOO_LONG')?.state === 'aborted', { what: 'it is cancelled in Snowflake' });
});

test('timeout: a submitted statement of a caller with a shorter limit is ended by Snowflake at that limit', async () => {
  const { service } = start();
  const caller = { tool: 'test', requestId: 'r-1', principal: 'tester', limits: { queryTimeoutMs: 1000 } };
  const { queryId } = await service.submit(ask(slow('SUBMITTED_SHORT'), { caller }), NEVER);
  await eventually(async () => /failed|cancelled/.test(await service.submitted.state(queryId, NEVER)), {
    what: 'it is ended',
  });
  expect(await service.submitted.failure(queryId, NEVER, undefined, 1000)).toMatchObject({
    code: 'QUERY_TIMEOUT',
    details: { limitMs: 1000 },
  });
});

test('cancel: a submit that is aborted on its way leaves neither its statement nor its session to others', async () => {
  const { service } = start({ pool: { max_size: 1 } });
  await service.run(ask('SELECT 1'), NEVER);
  engine.faults.add({ match: { sqlPattern: 'SUBMIT_GONE' }, fault: 'slow', delayMs: 500 });
  const controller = new AbortController();
  const submitted = service.submit(ask(slow('SUBMIT_GONE')), controller.signal).catch((error: Error) => error);
  await eventually(() => engine.faults.list().some(({ hits }) => hits === 1));
  controller.abort();
  expect(await submitted).toMatchObject({ code: 'QUERY_CANCELLED' });
  engine.faults.clear();
  await eventually(() => entry('SUBMIT_GONE')?.state === 'aborted', { what: 'it is cancelled in Snowflake' });
  await eventually(() => service.figures().active === 0);
  expect((await service.run(ask('SELECT 2 AS NEXT_ONE'), NEVER)).rows).toEqual([[2]]);
  expect(entry('NEXT_ONE')?.sessionId).not.toBe(entry('SUBMIT_GONE')?.sessionId);
});

test('drain: short statements end, long ones are cancelled in Snowflake, nothing new is taken, no session stays', async () => {
  const { service } = start();
  await service.run(ask('SELECT 1'), NEVER);
  const long = service.run(ask(slow('DRAINED_ONE')), NEVER).catch((error: Error) => error);
  await eventually(() => entry('DRAINED_ONE')?.state === 'running');
  const closing = service.close(2500);
  await expect(service.run(ask('SELECT 2'), NEVER)).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  expect(await long).toMatchObject({ code: 'POOL_CLOSED' });
  await closing;
  expect(entry('DRAINED_ONE')?.state).toBe('aborted');
  expect(service.figures()).toMatchObject({ total: 0, active: 0, waiting: 0 });
});

test('pool: a wait in vain says what holds the connections', async () => {
  const { service } = start({ pool: { max_size: 1, acquire_timeout: '200ms' } });
  const controller = new AbortController();
  const long = service.run(ask(slow('HOLDER')), controller.signal).catch((error: Error) => error);
  await eventually(() => entry('HOLDER')?.state === 'running');
  const late = service.run(ask('SELECT 2'), NEVER);
  await expect(late).rejects.toMatchObject({
    code: 'POOL_TIMEOUT',
    message: expect.stringMatching(/all 1 are running/),
  });
  controller.abort();
  await long;
});

test('pool: fifty calls at once share few connections, and each gets its own answer', async () => {
  const { service } = start({ pool: { max_size: 3 } });
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const place = n % 2 === 0 ? {} : { database: 'DEMO_DB' };
      return (await service.run(ask(`SELECT ${n}, CURRENT_DATABASE()`, place), NEVER)).rows[0];
    }),
  );
  expect(answers).toEqual(answers.map((_, n) => [n, n % 2 === 0 ? null : 'DEMO_DB']));
  expect(service.figures()).toMatchObject({ active: 0, waiting: 0, peak: 3 });
});

test('records: tag, audit and log say who asked and hold no literal; a refused statement never reaches Snowflake', async () => {
  const { service, audit, counted, logText } = start();
  await service.run(ask("SELECT 'S3CRET-1' AS TAGGED_ONE"), NEVER);
  await expect(service.run(ask("DELETE FROM T WHERE A = 'S3CRET-2'"), NEVER)).rejects.toMatchObject({
    code: 'SQL_REFUSED',
    details: { reason: 'statement-kind' },
  });
  expect(JSON.parse(entry('TAGGED_ONE')?.queryTag ?? '')).toEqual({
    app: 'snowflake-mcp-daemon',
    version: '0.0.0',
    principal: 'tester',
    session: 's-1',
    tool: 'test',
    request_id: 'r-1',
  });
  expect(entry('S3CRET-2')).toBeUndefined();
  expect(audit.map((line) => [line.event, line.decision, line.reason])).toEqual([
    ['statement', 'allow', undefined],
    ['statement.ended', undefined, undefined],
    ['statement', 'refuse', 'statement-kind'],
  ]);
  expect(audit[1]).toMatchObject({ rows: 1, query_id: entry('TAGGED_ONE')?.queryId, principal: 'tester' });
  expect(counted).toContainEqual({ name: 'mcp_queries_refused_total', labels: { reason: 'statement-kind' } });
  expect(logText()).toContain('"event":"query"');
  expect(`${JSON.stringify(audit)}${logText()}`).not.toContain('S3CRET');
});

test('catalog: binds reach Snowflake as binds, and the statement is not gated', async () => {
  const { service } = start();
  const request = ask('SELECT ? AS A, ? AS B, ? AS C', { binds: ["x'; --", 7, null] });
  expect((await service.catalog(request, NEVER)).rows).toEqual([["x'; --", 7, null]]);
});

test('identity: a caller with a role of its own gets sessions of that role, which no other caller is lent', async () => {
  const { service, audit } = start();
  const asked = (role?: string) =>
    service.run(
      ask('SELECT CURRENT_ROLE(), CURRENT_SESSION()', {
        caller: { tool: 'test', requestId: 'r-1', principal: 'tester', ...(role === undefined ? {} : { role }) },
      }),
      NEVER,
    );
  const [configured, own, again] = [await asked(), await asked('SYSADMIN'), await asked()];
  expect(own.rows[0]?.[0]).toBe('SYSADMIN');
  expect(configured.rows[0]?.[0]).not.toBe('SYSADMIN');
  expect(own.rows[0]?.[1]).not.toBe(configured.rows[0]?.[1]);
  expect(again.rows).toEqual(configured.rows);
  expect(audit.at(2)).toMatchObject({ event: 'statement', role: 'SYSADMIN' });
  await expect(asked('NOBODY')).rejects.toMatchObject({ code: 'SNOWFLAKE_AUTH' });
});
