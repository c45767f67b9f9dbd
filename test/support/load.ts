/**
 * Keep-alive MCP load over plain node:http: each client holds one connection and one session and calls in a loop.
 *
 * A failure is a call without a good JSON-RPC result: a reset, a refusal, a status other than 200, an error body.
 */
import { Agent, type IncomingMessage, request } from 'node:http';

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'load', version: '1' } },
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export function post(
  url: string,
  agent: Agent,
  payload: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(payload);
    const req = request(
      `${url}/mcp`,
      { method: 'POST', agent, headers: { ...HEADERS, ...headers, 'content-length': Buffer.byteLength(text) } },
      (res) => {
        let body = '';
        res.setEncoding('utf8');
        res.on('data', (part: string) => {
          body += part;
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
        res.on('error', reject);
      },
    );
    req.setTimeout(30_000, () => req.destroy(new Error('no answer in 30 s')));
    req.on('error', reject);
    req.end(text);
  });
}

export interface RawSession {
  readonly agent: Agent;
  readonly id: string;
  call(name: string, args: Record<string, unknown>): Promise<Answer>;
  close(): void;
}

export async function openSession(url: string): Promise<RawSession> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const opened = await post(url, agent, INITIALIZE);
  const id = String(opened.headers['mcp-session-id'] ?? '');
  if (opened.status !== 200 || id === '') throw new Error(`initialize: ${opened.status} ${opened.body}`);
  const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-06-18' };
  await post(url, agent, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  let next = 1;
  return {
    agent,
    id,
    call: (name, args) =>
      post(
        url,
        agent,
        { jsonrpc: '2.0', id: next++, method: 'tools/call', params: { name, arguments: args } },
        headers,
      ),
    close: () => agent.destroy(),
  };
}

export interface LoadResult {
  readonly ok: number;
  /** Reasons by client. */
  readonly failures: readonly (readonly string[])[];
}

export interface Load {
  /** Calls that have succeeded so far. */
  ok(): number;
  stop(): Promise<LoadResult>;
}

/** A result that a client can use, whatever the framing (JSON or one SSE event). */
export function isGood(answer: Pick<Answer, 'status' | 'body'>): boolean {
  return answer.status === 200 && answer.body.includes('"result"') && !answer.body.includes('"isError":true');
}

export async function startLoad(url: string, clients: number, query = 'SELECT 1 AS N'): Promise<Load> {
  const sessions = await Promise.all(Array.from({ length: clients }, () => openSession(url)));
  let running = true;
  let ok = 0;
  const loops = sessions.map(async (session) => {
    const failures: string[] = [];
    while (running) {
      try {
        const answer = await session.call('execute_query', { query });
        if (isGood(answer)) ok += 1;
        else failures.push(`${answer.status} ${answer.body.slice(0, 300)}`);
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    session.close();
    return failures;
  });
  return {
    ok: () => ok,
    stop: async () => {
      running = false;
      const failures = await Promise.all(loops);
      return { ok, failures };
    },
  };
}
