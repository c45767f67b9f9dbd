/** Requests of protocol version 2026-07-28 as plain HTTP: what a client writes itself, and what it should not. */

export const VERSION_2026 = '2026-07-28';
const META = 'io.modelcontextprotocol';

export interface ModernAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON-RPC answer; the last message of a stream. */
  readonly message: RpcMessage;
  /** Every message, notifications before the answer included. */
  readonly messages: readonly RpcMessage[];
}

export interface RpcMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

export interface ModernOptions {
  readonly id?: unknown;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** The body of a request that says all it has to. */
export function modernBody(method: string, params: Record<string, unknown> = {}, options: ModernOptions = {}) {
  const _meta = {
    [`${META}/protocolVersion`]: VERSION_2026,
    [`${META}/clientInfo`]: { name: 'raw', version: '1' },
    [`${META}/clientCapabilities`]: options.capabilities ?? {},
    ...options.meta,
  };
  return { jsonrpc: '2.0', id: 'id' in options ? options.id : 1, method, params: { ...params, _meta } };
}

/** The headers of it. */
export function modernHeaders(method: string, params: Record<string, unknown>, options: ModernOptions = {}) {
  const name = params.name ?? params.uri;
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': VERSION_2026,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    ...options.headers,
  };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}

/** Sends a request; the response is as it came. */
export function sendModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: ModernOptions = {},
) {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: modernHeaders(method, params, options),
    body: JSON.stringify(modernBody(method, params, options)),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Sends a request and reads its answer to the end. */
export async function askModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  options: ModernOptions = {},
): Promise<ModernAnswer> {
  return readAnswer(await sendModern(url, method, params, options));
}

/** Reads a JSON-RPC answer to the end, whether it is one object or a stream. */
export async function readAnswer(response: Response): Promise<ModernAnswer> {
  const text = await response.text();
  const isStream = (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
  const messages = isStream ? streamed(text) : [JSON.parse(text === '' ? '{}' : text) as RpcMessage];
  return { status: response.status, headers: response.headers, message: messages.at(-1) ?? {}, messages };
}

function streamed(text: string): RpcMessage[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line.length > 6)
    .map((line) => JSON.parse(line.slice(6)) as RpcMessage);
}

export interface Listening {
  readonly heard: readonly RpcMessage[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a listen stream and collects what comes. */
export async function listen(url: string, notifications: Record<string, unknown>): Promise<Listening> {
  const leave = new AbortController();
  const response = await sendModern(url, 'subscriptions/listen', { notifications }, { id: 7, signal: leave.signal });
  const heard: RpcMessage[] = [];
  const read = async () => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const [...frames] = (rest + Buffer.from(chunk).toString()).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) heard.push(...streamed(frame));
    }
  };
  return { heard, ended: read().catch(() => {}), close: () => leave.abort() };
}
