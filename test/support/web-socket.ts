/** WebSockets of `ws` for tests: raw ones, whose frames and end are kept, and the SDK's client over them. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { type ClientOptions, WebSocket } from 'ws';
import { eventually } from './eventually.ts';

interface Frame {
  readonly id?: string | number | null;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly code: string } };
}

export interface RawSocket extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** Code and reason, once it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  send(message: unknown): void;
  answer(id: string | number | null): Promise<Frame>;
}

const addressOf = (url: string) => `${url.replace(/^http/, 'ws')}/mcp`;

/** Resolves when it is open; a refusal rejects with the HTTP status in its message. */
export async function openSocket(url: string, options: ClientOptions = {}, protocol = 'mcp'): Promise<RawSocket> {
  const socket = new WebSocket(addressOf(url), protocol, options);
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Frame));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return {
    socket,
    frames,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    answer: (id) => eventually(() => frames.find((frame) => frame.id === id) ?? false, { what: `the answer to ${id}` }),
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed;
    },
  };
}

/** Status, headers and body of a refused upgrade. */
export function refusedUpgrade(
  url: string,
  options: ClientOptions & { path?: string } = {},
  protocol = 'mcp',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  const address = `${url.replace(/^http/, 'ws')}${options.path ?? '/mcp'}`;
  const { path: _path, ...rest } = options;
  return new Promise((resolve, reject) => {
    const socket = protocol === '' ? new WebSocket(address, rest) : new WebSocket(address, protocol, rest);
    socket.on('error', () => {});
    socket.once('open', () => {
      socket.terminate();
      reject(new Error('it was let in'));
    });
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
  });
}

/** The SDK's client; Node 20 has no WebSocket of its own. */
export async function connectSocketClient(url: string): Promise<{ client: Client; closed: Promise<void> }> {
  const globals = globalThis as { WebSocket?: unknown };
  globals.WebSocket ??= WebSocket;
  const client = new Client({ name: 'socket-client', version: '1.0.0' });
  const closed = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  await client.connect(new WebSocketClientTransport(new URL(addressOf(url))) as Parameters<Client['connect']>[0]);
  return { client, closed };
}
