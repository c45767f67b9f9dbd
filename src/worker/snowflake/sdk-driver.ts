/**
 * The door to snowflake-sdk: the only file that imports it, and only after it has been disarmed.
 *
 * Cells leave as Snowflake's own texts: the columns' conversions, which throw on odd data out of reach of any caller and
 * evaluate VARIANTs, are replaced by reads of the raw value. PUT and GET, which the driver would carry out on this
 * machine's files, are refused here too. Callbacks only settle promises, since the driver loses what they throw.
 */
import type { Readable } from 'node:stream';
import type * as Sdk from 'snowflake-sdk';
import type { Config } from '../../shared/config/schema.ts';
import { AppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { asyncStatements, cancelStarted } from './async-statement.ts';
import {
  type Column,
  type Connection,
  type Driver,
  DriverError,
  type Execution,
  type RawCell,
  type RawRow,
  RESULT_CUT,
  type SessionState,
  type StatementReply,
  type StatementRequest,
} from './driver.ts';
import { loginOptions } from './login.ts';
import {
  disarmEnvironment,
  globalOptions,
  SAFE_CONNECTION_OPTIONS,
  SAFE_STATEMENT_PARAMETERS,
  SYNCHRONOUS_PARAMETERS,
} from './sdk-disarm.ts';
import { toDriverError } from './sdk-errors.ts';
import { guardDriver } from './sdk-guards.ts';
import { shortenRequests } from './sdk-http.ts';

const HEARTBEAT_MS = 10_000;
const DESTROY_MS = 3000;

export function createSdkDriver(options: { snowflake: Config['snowflake']; log: Log }): Driver {
  const { snowflake, log } = options;
  let loading: Promise<typeof Sdk> | undefined;

  async function load(): Promise<typeof Sdk> {
    disarmEnvironment(process.env, snowflake.access_url);
    const { default: sdk } = (await import('snowflake-sdk')) as unknown as { default: typeof Sdk };
    sdk.configure(globalOptions(log));
    guardDriver();
    shortenRequests();
    return sdk;
  }

  return {
    async load() {
      loading ??= load();
      await loading;
    },
    async connect(as = snowflake) {
      loading ??= load();
      const sdk = await loading;
      const login = loginOptions(as);
      return connect(sdk, { ...SAFE_CONNECTION_OPTIONS, ...login }, snowflake.login_timeout);
    },
  };
}

async function connect(sdk: typeof Sdk, options: Sdk.ConnectionOptions, timeoutMs: number): Promise<Connection> {
  let connection: Sdk.Connection | undefined;
  try {
    const created = sdk.createConnection(options);
    connection = created;
    const done = new Promise<void>((resolve, reject) => {
      created.connect((error) => (error ? reject(error) : resolve()));
    });
    await within(done, timeoutMs, () => {
      throw new DriverError({
        stage: 'login',
        code: '401001',
        message: `no answer to the login in ${Math.round(timeoutMs / 1000)} s`,
      });
    });
    return wrap(created);
  } catch (error) {
    if (connection !== undefined) void destroy(connection);
    throw toDriverError(error, 'login');
  }
}

function wrap(connection: Sdk.Connection): Connection {
  return {
    isUp: () => connection.isUp(),
    heartbeat: () =>
      within(
        connection.isValidAsync().catch(() => false),
        HEARTBEAT_MS,
        () => false,
      ),
    execute: (statement) => execute(connection, statement),
    ...asyncStatements(connection, { check: refuseFileCommands, readReply, parameters: SAFE_STATEMENT_PARAMETERS }),
    destroy: () => destroy(connection),
  };
}

function destroy(connection: Sdk.Connection): Promise<void> {
  const done = new Promise<void>((resolve) => {
    try {
      connection.destroy(() => resolve());
    } catch {
      resolve();
    }
  });
  return within(done, DESTROY_MS, () => undefined);
}

function execute(connection: Sdk.Connection, request: StatementRequest): Execution {
  refuseFileCommands(request.sql);
  let started: Sdk.RowStatement | undefined;
  const reply = new Promise<StatementReply>((resolve, reject) => {
    const complete: Sdk.StatementCallback = (error, statement) => {
      const finished = statement as Sdk.RowStatement;
      if (error) reject(toDriverError(error, 'statement', finished.getQueryId()));
      else {
        try {
          resolve(readReply(finished));
        } catch (unexpected) {
          reject(toDriverError(unexpected, 'rows', finished.getQueryId()));
        }
      }
    };
    try {
      started = connection.execute({
        sqlText: request.sql,
        ...(request.binds === undefined ? {} : { binds: request.binds }),
        parameters: { ...SYNCHRONOUS_PARAMETERS, ...request.parameters, ...SAFE_STATEMENT_PARAMETERS },
        streamResult: true,
        complete,
      }) as Sdk.RowStatement;
    } catch (error) {
      reject(toDriverError(error, 'statement'));
    }
  });
  // A caller that has stopped waiting must not turn a late failure into an unhandled one.
  reply.catch(() => undefined);
  return {
    reply,
    queryId: () => started?.getQueryId(),
    cancel: () => cancelStarted(started),
  };
}

/** By the driver's own test of a text. @throws AppError SQL_REFUSED */
function refuseFileCommands(sql: string): void {
  const command = /^\s*(put|get)/i.exec(sql)?.[1];
  if (command !== undefined) throw new AppError('SQL_REFUSED', { reason: 'put-get', detail: command.toUpperCase() });
}

/** What a column of snowflake-sdk 3.3.0 holds beside its public methods; not in its types. */
interface ColumnInside {
  _getRowValue: (row: RowInside) => unknown;
}
interface RowInside {
  readonly values: unknown;
}

function readReply(statement: Sdk.RowStatement): StatementReply {
  const columns = statement.getColumns() ?? [];
  columns.forEach((column, index) => {
    const inside = column as unknown as ColumnInside;
    if (typeof inside._getRowValue !== 'function') {
      throw new Error('this version of snowflake-sdk has other columns');
    }
    inside._getRowValue = (row) => asCell(Array.isArray(row.values) ? row.values[index] : undefined);
  });
  const queryId = statement.getQueryId();
  return {
    queryId,
    columns: columns.map(describe),
    state: sessionState(statement),
    rowCount: statement.getNumRows() ?? 0,
    readRows: (maxRows, take, signal, start = 0) => {
      const due = Math.max(0, Math.min(maxRows, (statement.getNumRows() ?? 0) - start));
      const rows = statement.streamRows({ start, end: start + maxRows - 1 }) as Readable;
      return readRows(rows, take, signal, { due, queryId });
    },
  };
}

/** Cells are texts or null by the protocol; whatever else came is made one, since a throw here would reach nobody. */
function asCell(value: unknown): RawCell {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? null : String(JSON.stringify(value));
}

function describe(column: Sdk.Column): Column {
  const [precision, scale] = [column.getPrecision() as number | null, column.getScale() as number | null];
  return {
    name: column.getName(),
    type: String(column.getType()).toUpperCase(),
    nullable: column.isNullable(),
    ...(typeof precision === 'number' ? { precision } : {}),
    ...(typeof scale === 'number' ? { scale } : {}),
  };
}

function sessionState(statement: Sdk.RowStatement): SessionState {
  const state = statement.getSessionState() as Partial<Record<string, () => string | null | undefined>> | undefined;
  return {
    database: state?.getCurrentDatabase?.() ?? undefined,
    schema: state?.getCurrentSchema?.() ?? undefined,
    warehouse: state?.getCurrentWarehouse?.() ?? undefined,
    role: state?.getCurrentRole?.() ?? undefined,
  };
}

function readRows(
  stream: Readable,
  take: (row: RawRow) => boolean,
  signal: AbortSignal,
  { due, queryId }: { due: number; queryId: string },
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let seen = 0;
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      settle();
      stream.destroy();
    };
    const onAbort = () => end(() => reject(signal.reason));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stream
      .on('data', (row: RawRow) => {
        seen++;
        try {
          if (!take(row)) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      })
      .once('end', () => {
        if (seen >= due) return end(resolve);
        const message = `the result ended after ${seen} of ${due} rows`;
        end(() => reject(new DriverError({ stage: 'rows', code: RESULT_CUT, message, queryId })));
      })
      .on('error', (error) => end(() => reject(toDriverError(error, 'rows', queryId))));
  });
}

/** `promise`, or what `late` returns or throws when it has not settled in time. */
async function within<T>(promise: Promise<T>, ms: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
