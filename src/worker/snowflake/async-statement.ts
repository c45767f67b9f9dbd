/**
 * Statements that go on in Snowflake while nobody waits for them, and their results, found again by query id.
 *
 * The driver's own getResultsFromQueryId is not used: it polls without an end that a caller could set, and a failed
 * statement loses its code there. Here the state is asked for, and a failed statement's result gives the real error.
 * Types of the driver only: it is opened in sdk-driver.ts.
 */
import type * as Sdk from 'snowflake-sdk';
import { type Connection, DriverError, type Execution, type StatementReply, type StatementRequest } from './driver.ts';
import { toDriverError } from './sdk-errors.ts';

interface Parts {
  /** @throws AppError SQL_REFUSED for a text that must not reach the driver */
  check(sql: string): void;
  readReply(statement: Sdk.RowStatement): StatementReply;
  /** Session parameters that every statement gets, whatever the request says. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

const NOTHING_KNOWN = 'NO_QUERY_DATA';
/** What a query id looks like; the driver asks for nothing else. */
const QUERY_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function asyncStatements(
  connection: Sdk.Connection,
  parts: Parts,
): Pick<Connection, 'submit' | 'attach' | 'queryStatus'> {
  return {
    submit: async (request) => {
      parts.check(request.sql);
      return submit(connection, request, parts.parameters);
    },
    attach: (queryId) => attach(connection, queryId, parts),
    queryStatus: (queryId) => queryStatus(connection, queryId),
  };
}

function submit(
  connection: Sdk.Connection,
  { sql, binds, parameters }: StatementRequest,
  always: Parts['parameters'],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const complete: Sdk.StatementCallback = (error, statement) => {
      const queryId = statement?.getQueryId() as string | undefined;
      if (error) reject(toDriverError(error, 'statement', queryId));
      else if (queryId === undefined) reject(toDriverError({ message: 'no query id' }, 'statement'));
      else resolve(queryId);
    };
    try {
      connection.execute({
        sqlText: sql,
        ...(binds === undefined ? {} : { binds: [...binds] }),
        parameters: { ABORT_DETACHED_QUERY: false, ...parameters, ...always },
        asyncExec: true,
        streamResult: true,
        complete,
      });
    } catch (error) {
      reject(toDriverError(error, 'statement'));
    }
  });
}

function attach(connection: Sdk.Connection, queryId: string, { readReply }: Parts): Execution {
  let started: Sdk.RowStatement | undefined;
  const reply = new Promise<StatementReply>((resolve, reject) => {
    const complete: Sdk.StatementCallback = (error, statement) => {
      try {
        if (error) reject(toDriverError(error, 'statement', queryId));
        else resolve(readReply(statement as Sdk.RowStatement));
      } catch (unexpected) {
        reject(toDriverError(unexpected, 'rows', queryId));
      }
    };
    try {
      const options = { queryId, sqlText: '', streamResult: true, complete };
      started = connection.fetchResult(options) as Sdk.RowStatement;
    } catch (error) {
      reject(toDriverError(error, 'statement', queryId));
    }
  });
  reply.catch(() => undefined);
  return {
    reply,
    queryId: () => queryId,
    cancel: () => cancelStarted(started, queryId),
  };
}

async function queryStatus(connection: Sdk.Connection, queryId: string): Promise<string | undefined> {
  if (!QUERY_ID.test(queryId)) return undefined;
  try {
    const status = await connection.getQueryStatus(queryId);
    if (status !== NOTHING_KNOWN) return status;
    // An expired session is answered with the same nothing; the heartbeat renews it, or tells that it is gone.
    if (!(await connection.isValidAsync())) throw sessionGone(queryId);
    const again = await connection.getQueryStatus(queryId);
    return again === NOTHING_KNOWN ? undefined : again;
  } catch (error) {
    throw toDriverError(error, 'statement', queryId);
  }
}

function sessionGone(queryId: string): DriverError {
  return new DriverError({ stage: 'statement', code: '407002', message: 'the session does not answer', queryId });
}

/** Cancels a statement of the driver. @throws DriverError when nothing runs, or Snowflake refuses */
export function cancelStarted(started: Sdk.RowStatement | undefined, queryId?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (started === undefined) return reject(toDriverError({ message: 'nothing runs' }, 'statement', queryId));
    started.cancel((error) => (error ? reject(toDriverError(error, 'statement', queryId)) : resolve()));
  });
}
