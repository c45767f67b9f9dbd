/**
 * The real snowflake-sdk against an embedded Snowflake, with promises and without its side effects.
 *
 * The driver probes clouds, loads a native module and writes ./snowflake.log unless it is told not to before it is
 * imported, so it is imported here only, after the environment is set. Its VARIANT parser evaluates code and is replaced.
 */
import { randomBytes } from 'node:crypto';
import type { Connection, ConnectionOptions, RowStatement, StatementOption } from 'snowflake-sdk';
import { type EmbeddedSnowflake, startEmbedded } from '../../src/embedded/start.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import type { EmbeddedStartOptions } from '../../src/shared/embedded-ipc.ts';

process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SNOWFLAKE_DISABLE_MINICORE = '1';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';
process.env.NO_PROXY = '127.0.0.1';
const { default: sdk } = await import('snowflake-sdk');

const silent = () => {};
const customLogger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };
sdk.configure({
  customLogger,
  jsonColumnVariantParser: (text: string) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
} as unknown as Parameters<typeof sdk.configure>[0]);

export const ACCOUNT = 'embedded';
export const USER = 'TESTER';

/** What a failed call of the driver carries. */
export interface DriverError extends Error {
  readonly code?: string | number;
  readonly sqlState?: string;
}

export interface Rows {
  readonly rows: Record<string, unknown>[];
  readonly statement: RowStatement;
}

export interface Embedded extends EmbeddedSnowflake {
  readonly password: string;
}

/** Runs for minutes unless something stops it. */
export const SLOW_SQL =
  'SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 10000000)) a, TABLE(GENERATOR(ROWCOUNT => 10000000)) b';
/** Where tests may create objects. */
export const HOME = { database: 'DEMO_DB', schema: 'PUBLIC' };

/** An embedded Snowflake in this process, with a random password; the test closes it. */
export async function startTestEmbedded(
  options: Partial<EmbeddedStartOptions> = {},
  clock: Clock = systemClock,
): Promise<Embedded> {
  const password = randomBytes(16).toString('hex');
  const embedded = await startEmbedded({ account: ACCOUNT, user: USER, password, ...options }, clock);
  return { ...embedded, password };
}

/** Logs in; rejects with the driver's error. */
export async function login(accessUrl: string, options: Partial<ConnectionOptions>): Promise<Connection> {
  const connection = sdk.createConnection({ account: ACCOUNT, username: USER, accessUrl, ...options });
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  return connection;
}

export function logout(connection: Connection): Promise<void> {
  return new Promise((resolve) => connection.destroy(() => resolve()));
}

/** All rows of a statement; rejects with the driver's error. */
export function run(
  connection: Connection,
  sqlText: string,
  options: Partial<StatementOption> & { asyncExec?: boolean; describeOnly?: boolean } = {},
): Promise<Rows> {
  return start(connection, sqlText, options).done;
}

/** As `run`, with the statement at hand while it runs. */
export function start(
  connection: Connection,
  sqlText: string,
  options: Partial<StatementOption> & { asyncExec?: boolean; describeOnly?: boolean } = {},
): { readonly statement: RowStatement; readonly done: Promise<Rows> } {
  let settle: (error: unknown, statement: RowStatement, rows: Record<string, unknown>[] | undefined) => void = silent;
  const done = new Promise<Rows>((resolve, reject) => {
    settle = (error, statement, rows) => (error ? reject(error) : resolve({ rows: rows ?? [], statement }));
  });
  const statement = connection.execute({
    sqlText,
    ...options,
    complete: (error, ended, rows) =>
      settle(error, ended as RowStatement, rows as Record<string, unknown>[] | undefined),
  }) as RowStatement;
  return { statement, done };
}

/** The rows of a query that was submitted before, perhaps by another session. */
export async function resultOf(connection: Connection, queryId: string): Promise<Record<string, unknown>[]> {
  const statement = await connection.getResultsFromQueryId({ sqlText: '', queryId });
  return streamed(statement);
}

/** Rows of a finished statement; with a window only those from `start` to `end`, inclusive. */
export function streamed(
  statement: RowStatement,
  window: { start?: number; end?: number } = {},
): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = [];
    statement
      .streamRows(window)
      .on('data', (row: Record<string, unknown>) => rows.push(row))
      .on('error', reject)
      .on('end', () => resolve(rows));
  });
}

export function cancel(statement: RowStatement): Promise<void> {
  return new Promise((resolve, reject) => {
    statement.cancel((error) => (error ? reject(error) : resolve()));
  });
}

/** The error of a promise that must fail. */
export async function failure(promise: Promise<unknown>): Promise<DriverError> {
  try {
    await promise;
  } catch (error) {
    return error as DriverError;
  }
  throw new Error('it did not fail');
}
