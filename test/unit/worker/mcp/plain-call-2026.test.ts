/** Calls of 2026-07-28 that no server of the SDK is made for: the same answers; what is not plain goes to the SDK. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/shared/clock.ts';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createLog } from '../../../../src/shared/log.ts';
import { createMcpService } from '../../../../src/worker/mcp-service.ts';
import { fakeQueryService, fakeResult } from '../../../support/fake-query-service.ts';
import { type ModernOptions, modernBody, modernHeaders } from '../../../support/modern-client.ts';

const CALLER = { requestId: 'r', principal: 'reader', scopes: ['read'] as const };

function modern() {
  const query = fakeQueryService(({ sql }) => fakeResult(['N', 'T'], [[1, sql]], { durationMs: 0 }));
  return createMcpService({
    config: configSchema.parse({ policy: { write_sql_commands: ['insert'] } }),
    version: '1.2.3',
    query,
    handleStore: undefined,
    bus: { publish: () => {}, subscribe: () => () => {} },
    log: createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() }),
    audit: () => {},
    recorder: { count: () => {}, set: () => {}, observe: () => {} },
    clock: systemClock,
  }).modern;
}

const QUERY = { name: 'execute_query', arguments: { query: 'SELECT 1' } };
const META = 'io.modelcontextprotocol';

function asked(params: Record<string, unknown>, options: ModernOptions = {}) {
  const headers = modernHeaders('tools/call', params, options);
  const message: Record<string, unknown> = modernBody('tools/call', params, options);
  return { headers, message, header: (name: string) => headers[name] };
}

test.each([
  ['a query', asked(QUERY)],
  ['one whose client can ask its person', asked(QUERY, { capabilities: { elicitation: { form: {} } }, id: 'x"y' })],
  ['one without arguments', asked({ name: 'whoami' })],
  ['bad arguments', asked({ name: 'execute_query', arguments: { query: 7, other: true } })],
])('2026, %s: answered as by the SDK', async (_what, request) => {
  const handler = modern();
  const plain = await handler.plain(request)?.(CALLER, new AbortController());
  const { headers, message } = request;
  const web = new Request('http://localhost/mcp', { method: 'POST', headers });
  const answer = await handler.answer(web, message, CALLER);
  expect(answer.status).toBe(200);
  expect(JSON.parse(plain ?? '')).toEqual(await answer.json());
});

const withMeta = (meta: Record<string, unknown>) => asked(QUERY, { meta });

test.each([
  ['progress is asked for', withMeta({ progressToken: 1 })],
  ['log messages are asked for', withMeta({ [`${META}/logLevel`]: 'info' })],
  ['the client does not say who it is', withMeta({ [`${META}/clientInfo`]: undefined })],
  ['the client says nothing of what it can', withMeta({ [`${META}/clientCapabilities`]: undefined })],
  ['the version of the body is another', withMeta({ [`${META}/protocolVersion`]: '2025-11-25' })],
  ['a header names another tool', asked(QUERY, { headers: { 'mcp-name': 'whoami' } })],
  ['a header is missing', asked(QUERY, { headers: { 'mcp-method': undefined } })],
  ['a header has another version', asked(QUERY, { headers: { 'mcp-protocol-version': '2025-11-25' } })],
  ['it may have to ask a person', asked({ name: 'execute_statement', arguments: { statement: 'x' } })],
  ['there is no such tool', asked({ name: 'no_such_tool' })],
  ['it comes with an answer of a person', asked({ ...QUERY, requestState: 'x', inputResponses: {} })],
  ['its id is none', asked(QUERY, { id: null })],
  ['it is a notification', { ...asked(QUERY), message: { ...modernBody('tools/call', QUERY), id: undefined } }],
])('2026, left to the SDK when %s', (_why, request) => {
  expect(modern().plain(request)).toBeUndefined();
});

test('2026: a call that runs when the service closes is cancelled', async () => {
  const handler = modern();
  const gone = new AbortController();
  const running = handler.plain(asked(QUERY))?.(CALLER, gone);
  await handler.close();
  expect(gone.signal.aborted).toBe(true);
  await running;
});
