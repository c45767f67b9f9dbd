/** The official SDK client against an address, and a raw one for what the SDK does not let one say. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface ConnectedClient {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  close(): Promise<void>;
}

/** @param firstUrl where its POSTs of the beginning go; it comes back to `url` once that is gone */
export async function connectClient(
  url: string,
  headers: Record<string, string> = {},
  firstUrl = url,
): Promise<ConnectedClient> {
  const client = new Client({ name: 'test-client', version: '1.0.0' });
  const turn = (init?: RequestInit) => (init?.method === 'POST' ? firstUrl : url);
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers },
    fetch: (_url, init) => fetch(`${turn(init)}/mcp`, init),
  });
  // The SDK's transport types are not exact about optional properties.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return { client, transport, close: () => client.close() };
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

/** One POST to /mcp as it is given. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Starts a session with plain requests and tells its id. */
export async function rawSession(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await post(url, INITIALIZE, headers);
  await response.text();
  const id = response.headers.get('mcp-session-id');
  if (id === null) throw new Error(`no session (${response.status})`);
  return id;
}

/** A call whose answer is read bit by bit. */
export interface OpenCall {
  /** The next event id. */
  nextId(): Promise<string>;
  /** What comes until the end, however it ends. */
  rest(): Promise<string>;
  /** The client is gone, without a word. */
  leave(): void;
}

export async function openCall(
  url: string,
  session: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<OpenCall> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  if (response.status !== 200 || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    nextId: async () => {
      for (;;) {
        const id = /^id: (.*)$/m.exec(text)?.[1];
        if (id !== undefined) return id;
        const { done, value } = await reader.read();
        if (done) throw new Error('the stream ended without an event id');
        text += value;
      }
    },
    rest: async () => {
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return text;
          text += value;
        }
      } catch {
        return text;
      }
    },
    leave: () => leaving.abort(),
  };
}
