/**
 * Counts what is asked of Snowflake and what fails, whoever asks: logins, statements, checks of sessions.
 *
 * A statement that was cancelled or ran out of its time is no failure of Snowflake. `statement` is one that Snowflake
 * refused as it was written; `rows` a result that could not be read to its end.
 */
import type { ErrorCode } from '../../shared/errors.ts';
import type { Recorder } from '../../shared/metrics.ts';
import type { Connection, Driver, Execution, StatementReply } from './driver.ts';
import { mapDriverError } from './errors-map.ts';

const KINDS: Partial<Record<ErrorCode, string>> = {
  SNOWFLAKE_UNREACHABLE: 'unreachable',
  SNOWFLAKE_AUTH: 'login',
  CONNECTION_LOST: 'session',
  SQL_ERROR: 'statement',
  OBJECT_NOT_FOUND: 'statement',
  RESULT_UNREADABLE: 'rows',
};
const NO_FAILURES: ReadonlySet<ErrorCode> = new Set(['QUERY_CANCELLED', 'QUERY_TIMEOUT', 'SQL_REFUSED']);

export function countedDriver(driver: Driver, recorder: Recorder): Driver {
  const failed = (error: unknown) => {
    const { code } = mapDriverError(error, 0);
    if (!NO_FAILURES.has(code)) recorder.count('mcp_snowflake_errors_total', { kind: KINDS[code] ?? 'other' });
  };
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    recorder.count('mcp_snowflake_requests_total');
    try {
      return await work;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  const readable = (reply: StatementReply): StatementReply => ({
    ...reply,
    readRows: (maxRows, take, signal, start) =>
      reply.readRows(maxRows, take, signal, start).catch((error: unknown) => {
        if (!signal.aborted) failed(error);
        throw error;
      }),
  });
  const watched = (execution: Execution): Execution => {
    const reply = execution.reply.then(readable);
    reply.catch(failed);
    return { reply, queryId: () => execution.queryId(), cancel: () => execution.cancel() };
  };
  const wrap = (connection: Connection): Connection => ({
    isUp: () => connection.isUp(),
    heartbeat: async () => {
      recorder.count('mcp_snowflake_requests_total');
      const isAlive = await connection.heartbeat();
      if (!isAlive) recorder.count('mcp_snowflake_errors_total', { kind: 'session' });
      return isAlive;
    },
    execute: (statement) => {
      recorder.count('mcp_snowflake_requests_total');
      return watched(connection.execute(statement));
    },
    submit: (statement) => counted(connection.submit(statement)),
    attach: (queryId) => watched(connection.attach(queryId)),
    queryStatus: (queryId) => counted(connection.queryStatus(queryId)),
    destroy: () => connection.destroy(),
  });
  return {
    load: () => driver.load(),
    connect: async (role) => wrap(await counted(driver.connect(role))),
  };
}
