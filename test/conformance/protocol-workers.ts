/** Two workers in this process whose statements do what their text says, for tests of the protocol alone. */
import { AppError } from '../../src/shared/errors.ts';
import { type FakeQueryService, fakeQueryService, fakeResult } from '../support/fake-query-service.ts';
import { createTestCluster } from '../support/http-workers.ts';

export interface ProtocolWorkers {
  /** Addresses of the two. */
  readonly one: string;
  readonly two: string;
  readonly query: FakeQueryService;
  /** Statements that were cancelled. */
  readonly cancelled: readonly string[];
  /** Ends the listen streams of the first, as a drain does. */
  endStreams(): void;
  /** A third worker with other tools. */
  addOther(): Promise<void>;
  close(): Promise<void>;
}

const POLICY = { policy: { write_sql_commands: ['insert', 'create table'] } };

/** `hang...` waits for its cancellation, `steps` tells its progress, no object exists but KNOWN, anything else answers one row. */
export async function startProtocolWorkers(): Promise<ProtocolWorkers> {
  const cluster = createTestCluster();
  const cancelled: string[] = [];
  const query = fakeQueryService((request, signal) => {
    if (request.sql.startsWith('steps')) {
      request.report?.('waiting', 0);
      request.report?.('running', 0);
      request.report?.('reading', 1);
    }
    if (request.sql.startsWith('DESCRIBE') && !request.sql.includes('KNOWN'))
      throw new AppError('OBJECT_NOT_FOUND', { kind: 'TABLE', name: 'MISSING' });
    if (request.sql.startsWith('SHOW DATABASES')) {
      return fakeResult(
        ['name'],
        Array.from({ length: 150 }, (_, at) => [`DB_${at}`]),
      );
    }
    if (!request.sql.startsWith('hang')) return fakeResult(['N'], [[1]]);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        cancelled.push(request.sql);
        reject(new AppError('QUERY_CANCELLED', {}));
      });
    });
  });
  const [one, two] = [await cluster.start(query, POLICY), await cluster.start(query, POLICY)];
  return {
    one: one.url,
    two: two.url,
    query,
    cancelled,
    endStreams: () => one.service.mcp.endStreams(),
    addOther: async () => void (await cluster.start(fakeQueryService())),
    close: () => cluster.close(),
  };
}
