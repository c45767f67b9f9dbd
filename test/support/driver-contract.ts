/**
 * What every driver behind src/worker/snowflake/driver.ts must do against every Snowflake, embedded or real.
 *
 * Statements are such that both understand them and none needs an object or writes; a warehouse is needed.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { Connection, Driver, StatementRequest } from '../../src/worker/snowflake/driver.ts';
import { SLOW_SQL } from './embedded-driver.ts';
import { eventually } from './eventually.ts';

const NEVER = new AbortController().signal;

/** @param open a driver whose login works */
export function driverContract(name: string, open: () => Promise<Driver> | Driver): void {
  async function connect(): Promise<Connection> {
    const driver = await open();
    await driver.load();
    const connection = await driver.connect();
    onTestFinished(() => connection.destroy());
    return connection;
  }

  async function rowsOf(connection: Connection, sql: string, more: Partial<StatementRequest> = {}, maxRows = 1000) {
    const reply = await connection.execute({ sql, parameters: {}, ...more }).reply;
    const rows: (string | null)[][] = [];
    await reply.readRows(maxRows, (row) => rows.push([...row]) > 0, NEVER);
    return { reply, rows };
  }

  const fault = (promise: Promise<unknown>) =>
    promise.then(
      () => {
        throw new Error('it did not fail');
      },
      (error: { fault?: unknown }) => error.fault,
    );

  test(`${name}: a connection answers, and its heartbeat tells whether its session lives`, async () => {
    const connection = await connect();
    expect((await rowsOf(connection, 'SELECT 1 AS ONE')).rows).toEqual([['1']]);
    expect([connection.isUp(), await connection.heartbeat()]).toEqual([true, true]);
    await connection.destroy();
    expect(connection.isUp()).toBe(false);
    expect(await connection.heartbeat()).toBe(false);
  });

  test(`${name}: cells are the texts of the wire, columns tell name, type, precision and scale`, async () => {
    const sql = `SELECT 12345678901234567890123456789012345678::NUMBER(38,0) AS BIG, 1.50::NUMBER(10,2) AS D,
      'x' AS T, TRUE AS B, '2026-01-02'::DATE AS DT, PARSE_JSON('{"a":1}') AS V, NULL::VARCHAR AS N`;
    const { reply, rows } = await rowsOf(await connect(), sql);
    const [big, decimal, text, flag, date, variant, none] = rows[0] ?? [];
    expect([big, Number(decimal), text, flag, date, none]).toEqual([
      '12345678901234567890123456789012345678',
      1.5,
      'x',
      expect.stringMatching(/^(?:1|true)$/),
      String(Date.UTC(2026, 0, 2) / 86_400_000),
      null,
    ]);
    expect(JSON.parse(variant ?? '')).toEqual({ a: 1 });
    expect(reply.columns.map((column) => [column.name, column.type])).toEqual([
      ['BIG', 'FIXED'],
      ['D', 'FIXED'],
      ['T', 'TEXT'],
      ['B', 'BOOLEAN'],
      ['DT', 'DATE'],
      ['V', 'VARIANT'],
      ['N', 'TEXT'],
    ]);
    expect(reply.columns[1]).toMatchObject({ precision: expect.any(Number), scale: 2 });
    expect(reply.queryId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test(`${name}: binds are values, whatever is in them`, async () => {
    const binds = ["x'; SELECT 2; --", 7, null];
    const { rows } = await rowsOf(await connect(), 'SELECT ?, ?, ?', { binds });
    expect(rows).toEqual([["x'; SELECT 2; --", '7', null]]);
  });

  test(`${name}: a result of many parts comes whole and in order, and reading stops where it is told to`, async () => {
    const sql = 'SELECT ROW_NUMBER() OVER (ORDER BY SEQ4()) AS N FROM TABLE(GENERATOR(ROWCOUNT => 50000)) ORDER BY 1';
    const connection = await connect();
    const { reply, rows } = await rowsOf(connection, sql, {}, 50_000);
    expect([reply.rowCount, rows.length, rows.every(([n], at) => n === String(at + 1))]).toEqual([
      50_000,
      50_000,
      true,
    ]);
    expect((await rowsOf(connection, sql, {}, 3)).rows).toEqual([['1'], ['2'], ['3']]);
  });

  test(`${name}: ROWS_PER_RESULTSET of one statement cuts its result and no other`, async () => {
    const sql = 'SELECT 1 FROM TABLE(GENERATOR(ROWCOUNT => 10))';
    const connection = await connect();
    const cut = await rowsOf(connection, sql, { parameters: { ROWS_PER_RESULTSET: 4 } });
    expect(cut.rows).toHaveLength(4);
    expect((await rowsOf(connection, sql)).rows).toHaveLength(10);
  });

  test.each([
    ['a table that is not there', 'SELECT * FROM NO_SUCH_DB_X.NO_SUCH_SCHEMA.NO_SUCH_TABLE', '002003'],
    ['a column that is not there', 'SELECT NO_SUCH_COLUMN FROM (SELECT 1 AS A)', '000904'],
    ['bad syntax', 'SELECT FROM WHERE', '001003'],
    ['a text that is no number', "SELECT 'x'::NUMBER", '100038'],
    ['two statements', 'SELECT 1; SELECT 2', '000008'],
  ])(`${name}: %s is refused with Snowflake's code, and the session goes on`, async (_what, sql, code) => {
    const connection = await connect();
    expect(await fault(connection.execute({ sql, parameters: {} }).reply)).toMatchObject({
      stage: expect.stringMatching(/^(?:statement|rows)$/),
      code,
      sqlState: expect.stringMatching(/^\w{5}$/),
    });
    expect((await rowsOf(connection, 'SELECT 1')).rows).toEqual([['1']]);
  });

  test(`${name}: a cancelled statement ends with 000604, and the session goes on`, async () => {
    const connection = await connect();
    const execution = connection.execute({ sql: SLOW_SQL, parameters: {} });
    const ended = fault(execution.reply);
    let isOver = false;
    void ended.finally(() => (isOver = true));
    // A cancel may arrive before the statement does.
    const tryCancel = async () => {
      if (!isOver) await execution.cancel().catch(() => undefined);
      return isOver;
    };
    await eventually(tryCancel, { what: 'it is cancelled', everyMs: 200 });
    expect(await ended).toMatchObject({ code: '000604', sqlState: '57014' });
    expect((await rowsOf(connection, 'SELECT 1')).rows).toEqual([['1']]);
  });

  test(`${name}: a statement's own time limit ends it with 000630`, async () => {
    const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 1 };
    const ended = fault((await connect()).execute({ sql: SLOW_SQL, parameters }).reply);
    expect(await ended).toMatchObject({ code: '000630' });
  });

  test(`${name}: replies tell where the session stands`, async () => {
    const connection = await connect();
    const { reply, rows } = await rowsOf(connection, 'SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE()');
    const { role, warehouse, database } = reply.state;
    expect(rows[0]).toEqual([role, warehouse, database].map((value) => value ?? null));
  });

  test(`${name}: files of this machine are out of reach`, async () => {
    const connection = await connect();
    for (const sql of ['PUT file:///etc/hostname @~', 'get @~/x file:///tmp']) {
      expect(() => connection.execute({ sql, parameters: {} })).toThrow(/put-get/);
    }
  });
}
