/** Answers that are ready say what the SDK's own server says, and leave to the session what depends on more. */
import { PassThrough } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/shared/config/schema.ts';
import { createLog } from '../../../../src/shared/log.ts';
import type { Principal } from '../../../../src/shared/principal.ts';
import { createReadyAnswers } from '../../../../src/worker/mcp/era-2025/ready-answers.ts';
import { era2025Servers } from '../../../../src/worker/mcp/era-2025/server.ts';
import { ONE_WIRE, Wishes } from '../../../../src/worker/mcp/era-2025/wishes.ts';
import { createOffer } from '../../../../src/worker/mcp/offer.ts';
import { createResources } from '../../../../src/worker/mcp/resources.ts';
import { createToolTable } from '../../../../src/worker/mcp/tool-table.ts';
import { toolSettings } from '../../../../src/worker/mcp/tools/tool-settings.ts';
import { fakeQueryService } from '../../../support/fake-query-service.ts';

const settings = toolSettings(configSchema.parse({ policy: { write_sql_commands: ['insert'] } }));
const offer = createOffer(createToolTable(settings), '1.2.3');
const ready = createReadyAnswers(offer);
const READER: Principal = { id: 'reader', scopes: ['read'] };
const WRITER: Principal = { id: 'writer', scopes: ['read', 'write'] };

/** What the SDK's server answers to one message. */
async function sdkAnswer(message: object, principal: Principal): Promise<unknown> {
  const makeServer = era2025Servers({
    offer,
    call: async () => {
      throw new Error('no tool is called here');
    },
    resources: createResources(fakeQueryService(), settings),
    changes: { publish: () => {}, subscribe: () => () => {} },
    maxSubscriptions: 1,
    toolsDigest: 'd',
    log: createLog({ level: 'error', format: 'json', stream: new PassThrough().resume() }),
  });
  const server = makeServer({ wishes: new Wishes(ONE_WIRE), started: () => {}, ended: () => {}, cancelled: () => {} });
  let answer: (message: JSONRPCMessage) => void = () => {};
  const answered = new Promise<JSONRPCMessage>((resolve) => {
    answer = resolve;
  });
  const transport: Transport = { start: async () => {}, close: async () => {}, send: async (sent) => answer(sent) };
  await server.connect(transport);
  const authInfo = { token: '', clientId: principal.id, scopes: [], extra: { requestId: 'r', principal } };
  transport.onmessage?.(message as JSONRPCMessage, { authInfo });
  return JSON.parse(JSON.stringify(await answered));
}

const request = (method: string, params?: Record<string, unknown>) => ({
  jsonrpc: '2.0' as const,
  id: 'a"1',
  method,
  ...(params && { params }),
});

test.each([...SUPPORTED_PROTOCOL_VERSIONS, '1999-01-01'])(
  'initialize %s: the ready answer is that of the SDK',
  async (version) => {
    const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const message = { ...request('initialize'), method: 'initialize' as const, params };
    expect(JSON.parse(ready.initialize(message).toString())).toEqual(await sdkAnswer(message, READER));
  },
);

test.each(['tools/list', 'prompts/list', 'resources/templates/list', 'ping'])(
  '%s: the ready answer is that of the SDK',
  async (method) => {
    for (const principal of [READER, WRITER]) {
      const answer = ready.to(request(method, { _meta: {} }), principal);
      expect(JSON.parse(String(answer))).toEqual(await sdkAnswer(request(method), principal));
    }
  },
);

test('tools/list: the ready answer has the tools of its caller', () => {
  const names = (principal: Principal) => {
    const answer = JSON.parse(String(ready.to(request('tools/list'), principal))) as {
      result: { tools: { name: string }[] };
    };
    return answer.result.tools.map(({ name }) => name);
  };
  expect(names(WRITER)).toContain('execute_statement');
  expect(names(READER)).not.toContain('execute_statement');
});

test('a page, a call and what is unknown are left to the session', () => {
  expect(ready.to(request('tools/list', { cursor: 'x' }), READER)).toBeUndefined();
  expect(ready.to(request('tools/call', { name: 'whoami' }), READER)).toBeUndefined();
  expect(ready.to(request('no/such'), READER)).toBeUndefined();
});
