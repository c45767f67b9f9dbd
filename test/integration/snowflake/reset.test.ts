/** No call meets what an earlier one has left in its session, nor the end of a session that was idle too long. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';
import { startWire, type WireServer } from '../../support/wire-server.ts';

let engine: EmbeddedSnowflake;
beforeAll(async () => {
  engine = await startEmbedded({ account: 'a', user: 'u', password: 'p' });
});
afterAll(() => engine.close());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function start(url: string) {
  const { service } = testService({
    snowflake: { account: 'a', user: 'u', password: 'p', access_url: url },
    pool: { max_size: 1 },
    policy: { allowed_sql_commands: ['select', 'use'] },
  });
  cleanups.push(() => service.close(500));
  return service;
}

test.each([
  ['its role', 'USE ROLE ACCOUNTADMIN', 'CURRENT_ROLE()'],
  ['its warehouse', 'USE WAREHOUSE DEMO_WH', 'CURRENT_WAREHOUSE()'],
  ['its secondary roles', 'USE SECONDARY ROLES NONE', 'CURRENT_ROLE()'],
  ['its database', 'USE DATABASE DEMO_DB', 'CURRENT_DATABASE()'],
  ['its schema', 'USE SCHEMA DEMO_DB.SALES', 'CURRENT_SCHEMA()'],
])('reset: a statement that changes %s has a session of its own', async (_what, change, where) => {
  const service = start(engine.url);
  const look = async () => (await service.run(ask(`SELECT ${where}`), NEVER)).rows;
  const before = await look();
  const sessionOf = () => engine.queries().at(-1)?.sessionId;
  const first = sessionOf();
  await service.run(ask(change), NEVER).catch((error: { code: string }) => expect(error.code).toBe('SQL_ERROR'));
  const second = await look();
  expect(second).toEqual(before);
  expect(sessionOf()).not.toBe(first);
});

async function wire(state: (count: number) => Record<string, string>): Promise<WireServer> {
  const server = await startWire({
    query: (_sql, count) => ({ columns: [{ name: 'C', type: 'text' }], rows: [['ok']], state: state(count) }),
  });
  cleanups.push(() => server.close());
  return server;
}
const logins = (server: WireServer) => server.requests.filter(({ path }) => path.endsWith('login-request')).length;

test.each([['finalRoleName'], ['finalWarehouseName']])(
  'reset: a session whose reply tells another %s than logins have is not used again, whatever the statement was',
  async (name) => {
    const server = await wire((count): Record<string, string> => (count === 1 ? { [name]: 'ELSEWHERE' } : {}));
    const service = start(server.url);
    for (let count = 0; count < 4; count++) await service.run(ask(`SELECT ${count}`), NEVER);
    expect(logins(server)).toBe(2);
  },
);

test('reset: when logins stand elsewhere from now on, their sessions are used again after one look', async () => {
  const defaults = { finalRoleName: 'NEW', finalWarehouseName: 'NEW_WH', finalDatabaseName: 'NEW_DB' };
  const server = await wire((count): Record<string, string> => (count === 0 ? {} : defaults));
  const service = start(server.url);
  await service.run(ask('SELECT 0'), NEVER);
  service.replaceConnections();
  for (let count = 1; count < 6; count++) await service.run(ask(`SELECT ${count}`), NEVER);
  expect(logins(server)).toBe(3);
});

function writer(url: string) {
  const { service } = testService({
    snowflake: { account: 'a', user: 'u', password: 'p', access_url: url },
    pool: { max_size: 1 },
    policy: { write_sql_commands: ['insert', 'create table'] },
  });
  cleanups.push(() => service.close(500));
  return service;
}

test('check: an idle session is asked over the heartbeat address, and no statement is sent that could wake a warehouse', async () => {
  const server = await wire(() => ({}));
  const { service } = testService({
    snowflake: { account: 'a', user: 'u', password: 'p', access_url: server.url },
    pool: { max_size: 1, health_check: '1s' },
  });
  cleanups.push(() => service.close(500));
  await service.run(ask('SELECT 1'), NEVER);
  await eventually(() => expect(server.requests.map(({ path }) => path)).toContain('/session/heartbeat'));
  expect(server.statements()).toEqual(['SELECT 1']);
  expect(logins(server)).toBe(1);
});

test('reset: a change of rows is committed, whatever the AUTOCOMMIT of its user, and its session is used again', async () => {
  const server = await wire(() => ({}));
  const service = writer(server.url);
  await service.write(ask('INSERT INTO DB.PUBLIC.T VALUES (1)'), NEVER);
  await service.run(ask('SELECT 1'), NEVER);
  await service.write(ask('CREATE TABLE DB.PUBLIC.U (A INT)'), NEVER);
  expect(server.statements()).toEqual([
    'INSERT INTO DB.PUBLIC.T VALUES (1)',
    'COMMIT',
    'SELECT 1',
    'CREATE TABLE DB.PUBLIC.U (A INT)',
  ]);
  expect(logins(server)).toBe(1);
});

test.each([
  ['a change of rows that fails', 'INSERT'],
  ['a change whose COMMIT fails', 'COMMIT'],
])('reset: the session of %s is not used again, since it may hold an open transaction', async (_what, failing) => {
  const server = await startWire({
    query: (sql) =>
      sql.startsWith(failing)
        ? { code: '100072', sqlState: '22000', message: 'NULL result in a non-nullable column' }
        : { columns: [{ name: 'C', type: 'text' }], rows: [['ok']] },
  });
  cleanups.push(() => server.close());
  const service = writer(server.url);
  const write = service.write(ask('INSERT INTO DB.PUBLIC.T VALUES (1)'), NEVER);
  await expect(write).rejects.toMatchObject({ code: 'SQL_ERROR' });
  await service.run(ask('SELECT 1'), NEVER);
  expect(logins(server)).toBe(2);
});

/** The engine's time, which the tests move. */
function movableClock() {
  let movedMs = 0;
  return {
    now: () => systemClock.now() + movedMs,
    wall: () => new Date(systemClock.wall().getTime() + movedMs),
    move: (ms: number) => {
      movedMs += ms;
    },
  };
}

const MINUTE = 60_000;

test('expiry: an expired token is renewed within its session, whose caller notices nothing', async () => {
  const clock = movableClock();
  const own = await startEmbedded({ account: 'a', user: 'u', password: 'p', tokenValidityMs: MINUTE }, clock);
  cleanups.push(() => own.close());
  const service = start(own.url);
  for (let count = 0; count < 3; count++) {
    expect((await service.run(ask(`SELECT ${count}`), NEVER)).rows).toEqual([[count]]);
    clock.move(2 * MINUTE);
  }
  expect(new Set(own.queries().map((query) => query.sessionId)).size).toBe(1);
});
