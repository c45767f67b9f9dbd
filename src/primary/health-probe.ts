/**
 * The door to a worker's health: asks one incarnation over its own unix socket, so that no other answers in its place.
 *
 * A path is asked with GET and must answer below 400. A WebSocket address asks whether MCP is served: a session is opened
 * and ended again, which, unlike a bare GET, leaves no error in the metrics.
 */
import { request } from 'node:http';
import type { HealthTarget } from '../shared/health-target.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'snowflake-mcp-health-check', version: '1' },
  },
});

/** Why the check failed, undefined when it passed. Never throws. */
export async function probeHealth(
  socketPath: string,
  target: HealthTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { status } = await (target.wants === 'success'
      ? ask(socketPath, { method: 'GET', path: target.path }, signal)
      : askMcp(socketPath, target.path, signal));
    return status < 400 ? undefined : `${target.path} answers ${status}`;
  } catch (error) {
    if (signal.aborted) return `${target.path} does not answer within ${timeoutMs} ms`;
    const { code, message } = error as NodeJS.ErrnoException;
    return `${target.path} cannot be asked: ${code ?? message}`;
  }
}

interface Answer {
  readonly status: number;
  readonly session: string | undefined;
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function askMcp(socketPath: string, path: string, signal: AbortSignal): Promise<Answer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const answer = await ask(socketPath, { method: 'POST', path, headers, body: INITIALIZE }, signal);
  if (answer.session === undefined) return answer;
  return ask(socketPath, { method: 'DELETE', path, headers: { 'mcp-session-id': answer.session } }, signal);
}

function ask(socketPath: string, question: Question, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers = {}, body } = question;
    const call = request({
      socketPath,
      method,
      path,
      headers: { host: 'localhost', ...headers },
      agent: false,
      signal,
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let bytes = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('its answer is too long'));
      });
      response.on('end', () => {
        const session = response.headers['mcp-session-id'];
        resolve({ status: response.statusCode ?? 500, session: typeof session === 'string' ? session : undefined });
      });
    });
    call.end(body);
  });
}
