import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANONYMOUS } from '../../../../src/shared/principal.ts';
import { servePlain } from '../../../../src/worker/http/modern-endpoint.ts';
import type { Handler2026 } from '../../../../src/worker/mcp/era-2026/handler.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function scene(plain: Handler2026['plain'], accept: string, destroyed = false) {
  const sent: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    destroyed,
    headersSent: false,
    writeHead: (_status: number, headers: Record<string, unknown>) => {
      response.headersSent = true;
      sent.push(String(headers['Content-Type']));
    },
    write: (text: string) => sent.push(text),
    end: (text: string) => sent.push(text),
  });
  const request = { headers: { 'mcp-method': 'tools/call', accept } } as unknown as IncomingMessage;
  const served = servePlain(
    { modern: { plain } as unknown as Handler2026 },
    {
      request,
      response: response as unknown as ServerResponse,
      message: {},
      requestId: 'r',
      principal: ANONYMOUS,
      isInternal: false,
      isRemote: false,
    },
  );
  return { sent, served };
}

/** Answered after so long. */
const slow =
  (ms: number): Handler2026['plain'] =>
  () =>
  async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return '{"id":1}';
  };

test('2026: the call of a client that left while it was let in is cancelled from the start', async () => {
  let isCancelled = false;
  const plain: Handler2026['plain'] = () => async (_caller, gone) => {
    isCancelled = gone.signal.aborted;
    return '{}';
  };
  const { sent, served } = scene(plain, 'application/json', true);
  expect([await served, isCancelled, sent]).toEqual([true, true, []]);
});

test('2026: a quick call is answered as JSON, a long one by a stream with signs of life', async () => {
  const both = 'application/json, text/event-stream';
  const [quick, long] = [scene(slow(10_000), both), scene(slow(40_000), both)];
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await quick.served, quick.sent]).toEqual([true, ['application/json', '{"id":1}']]);
  expect(long.sent).toEqual([
    'text/event-stream',
    ': keepalive\n\n',
    ': keepalive\n\n',
    'event: message\ndata: {"id":1}\n\n',
  ]);
});

test('2026: a client that takes no streams gets JSON, however late', async () => {
  const { sent, served } = scene(slow(40_000), 'application/json');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await served, sent]).toEqual([true, ['application/json', '{"id":1}']]);
});
