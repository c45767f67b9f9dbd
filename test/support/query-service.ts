/** A query service on an account of the test's choice, with everything it records at hand. */
import { setMaxListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/shared/clock.ts';
import { configSchema } from '../../src/shared/config/schema.ts';
import { createLog, type Facts } from '../../src/shared/log.ts';
import type { Recorder } from '../../src/shared/metrics.ts';
import { createQueryService, type QueryRequest, type QueryService } from '../../src/worker/query/service.ts';

interface Recorded {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface TestService {
  readonly service: QueryService;
  readonly audit: Facts[];
  readonly counted: Recorded[];
  logText(): string;
}

function listRecorder(counted: Recorded[]): Recorder {
  return { count: (name, labels = {}) => void counted.push({ name, labels }), set: () => {}, observe: () => {} };
}

/** @param sections as in a configuration file */
export function testService(sections: Readonly<Record<string, unknown>>): TestService {
  const audit: Facts[] = [];
  const counted: Recorded[] = [];
  const lines: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const service = createQueryService({
    config: configSchema.parse(sections),
    log: createLog({ level: 'debug', format: 'json', stream }),
    audit: (line) => audit.push(line),
    recorder: listRecorder(counted),
    clock: systemClock,
    version: '0.0.0',
  });
  return { service, audit, counted, logText: () => lines.join('') };
}

/** Shared by as many calls as a test likes. */
export const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

export function ask(sql: string, more: Partial<QueryRequest> = {}): QueryRequest {
  return {
    sql,
    maxRows: 100,
    caller: { tool: 'test', requestId: 'r-1', session: 's-1', principal: 'tester' },
    ...more,
  };
}
