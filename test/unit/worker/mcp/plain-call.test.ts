/** Calls that go round the SDK's layer: they answer what its server answers, and whatever needs that layer goes to it. */
import { PassThrough } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/shared/clock.ts';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createLog } from '../../../../src/shared/log.ts';
import type { Principal } from '../../../../src/shared/principal.ts';
import { ONE_WIRE, Wishes } from '../../../../src/worker/mcp/era-2025/wishes.ts';
import { createMcpService } from '../../../../src/worker/mcp-service.ts';
import { fakeQueryService, fakeResult } from '../../../support/fake-query-service.ts';

const PRINCIPAL: Principal = { id: 'reader', scopes: ['read'] };
const SESSION = 'session-1';

function service() {
  const audit: unknown[] = [];
  const query = fakeQueryService(({ sql }) => fakeResult(['N', 'T'], [[1, sql]], { durationMs: 0 }));
  const mcp = createMcpService({
    config: configSchema.parse({ policy: { write_sql_commands: ['insert'] } }),
    version: '1.2.3',
    query,
    handleStore: undefined,
    bus: { publish: () => {}, subscribe: () => () => {} },
    log: createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() }),
    audit: (line) => audit.push(line),
    recorder: { count: () => {}, set: () => {}, observe: () => {} },
    clock: systemClock,
  });
  return { ...mcp, audit, query };
}

const request = (name: unknown, more: Record<string, unknown> = {}) => ({
  jsonrpc: '2.0' as const,
  id: 1,
  method: 'tools/call',
  params: { name, ...more } as Record<string, unknown>,
});

const origin = { requestId: 'r', principal: PRINCIPAL };

async function sdkResult(makeServer: ReturnType<typeof service>['makeServer'], message: object): Promise<unknown> {
  const server = makeServer({ wishes: new Wishes(ONE_WIRE), started: () => {}, ended: () => {}, cancelled: () => {} });
  let answer: (message: JSONRPCMessage) => void = () => {};
  const answered = new Promise<JSONRPCMessage>((resolve) => {
    answer = resolve;
  });
  const transport: Transport = {
    sessionId: SESSION,
    start: async () => {},
    close: async () => {},
    send: async (sent) => answer(sent),
  };
  await server.connect(transport);
  const authInfo = { token: '', clientId: PRINCIPAL.id, scopes: [], extra: origin };
  transport.onmessage?.(message as JSONRPCMessage, { authInfo });
  return (JSON.parse(JSON.stringify(await answered)) as { result: unknown }).result;
}

test.each([
  ['a query', request('execute_query', { arguments: { query: 'SELECT 1' } })],
  ['one with an empty _meta', request('execute_query', { arguments: { query: 'SELECT 1', format: 'csv' }, _meta: {} })],
  ['one without arguments', request('whoami')],
  ['bad arguments', request('execute_query', { arguments: { query: 7, other: true } })],
])('%s: answered and recorded as by the server of the SDK', async (_what, message) => {
  const { plain, makeServer, audit } = service();
  const run = plain(message);
  const result = await run?.(origin, SESSION, new AbortController().signal);
  const recorded = audit.splice(0);
  expect(result).toBeDefined();
  expect(JSON.parse(JSON.stringify(result))).toEqual(await sdkResult(makeServer, message));
  const withoutTime = (lines: unknown[]) => lines.map((line) => ({ ...(line as object), duration_ms: 0 }));
  expect(withoutTime(recorded)).toEqual(withoutTime(audit));
});

test.each([
  ['progress is asked for', request('execute_query', { _meta: { progressToken: 1 } })],
  ['it may have to ask a person', request('execute_statement', { arguments: { statement: 'x' } })],
  ['it is to become a task', request('execute_query', { task: { ttl: 1000 } })],
  ['there is no such tool', request('no_such_tool', { arguments: {} })],
  ['it is malformed', request(7)],
  ['its arguments are no object', request('execute_query', { arguments: [1] })],
  ['another method is asked for', { ...request('execute_query'), method: 'prompts/get' }],
])('left to the SDK when %s', (_why, message) => {
  expect(service().plain(message)).toBeUndefined();
});
