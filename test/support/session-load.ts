/**
 * Many sessions of the official SDK client that call without end and look at each answer: it must carry the token that this
 * session asked for in this call. A call that fails is sent again until it succeeds, and its times are kept.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { connectClient, type McpClient, textOf } from './mcp-client.ts';

export interface FailedCall {
  /** By performance.now(). */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly reason: string;
  /** Which try of this call it was, from 1. */
  readonly attempt: number;
}

export interface SessionLoadResult {
  readonly ok: number;
  readonly failed: readonly FailedCall[];
  /** Answers with another token than asked for. */
  readonly foreign: readonly string[];
  /** Sessions of calls that failed each time they were sent. */
  readonly givenUp: readonly string[];
  /** Sessions that answered nothing in the end, under the id they began with. */
  readonly lost: readonly string[];
}

export interface SessionLoad {
  ok(): number;
  stop(): Promise<SessionLoadResult>;
}

export interface SessionLoadOptions {
  readonly sessions: number;
  /** Between two calls of a session. */
  readonly thinkMs: number;
  /** A statement that answers the token as its first cell. */
  readonly statement?: (token: string) => string;
}

/** The next worker may be killed under the same call again, and the one after it. */
const ATTEMPTS = 6;
/** A client that has given up coming back hears nothing more. */
const CALL_MS = 20_000;
/** Before a call is sent again; what is left of the connections to a dead worker has been noticed by then. */
const PAUSE_MS = 200;
const AT_ONCE = 10;

export async function startSessionLoad(url: string, options: SessionLoadOptions): Promise<SessionLoad> {
  const { statement = (token) => `SELECT '${token}' AS T` } = options;
  const clients: McpClient[] = [];
  while (clients.length < options.sessions) {
    const some = Math.min(AT_ONCE, options.sessions - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => connectClient(url)))));
  }
  const failed: FailedCall[] = [];
  const foreign: string[] = [];
  const givenUp: string[] = [];
  const stopped = new AbortController();
  setMaxListeners(options.sessions, stopped.signal);
  const think = (ms: number) => sleep(ms, undefined, { signal: stopped.signal }).catch(() => {});
  let ok = 0;

  const callOnce = async (client: McpClient): Promise<void> => {
    const token = randomUUID();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const startedAt = performance.now();
      const reason = await client.call('execute_query', { query: statement(token) }, AbortSignal.timeout(CALL_MS)).then(
        (result) => check(result, token, foreign),
        (error: unknown) => reasonOf(error),
      );
      if (reason === undefined) {
        ok += 1;
        return;
      }
      failed.push({ startedAt, endedAt: performance.now(), reason, attempt });
      await sleep(PAUSE_MS);
    }
    givenUp.push(client.sessionId);
  };
  const loops = clients.map(async (client) => {
    await think(Math.random() * options.thinkMs);
    while (!stopped.signal.aborted) {
      await callOnce(client);
      await think(options.thinkMs * (0.5 + Math.random()));
    }
  });
  return {
    ok: () => ok,
    stop: async () => {
      stopped.abort();
      await Promise.all(loops);
      const lost: string[] = [];
      const end = async (client: McpClient): Promise<void> => {
        const answer = await client.call('execute_query', { query: "SELECT 'end' AS T" }).catch(reasonOf);
        if (typeof answer === 'string' || answer.isError === true) lost.push(client.sessionId);
        await client.close().catch(() => {});
      };
      for (let at = 0; at < clients.length; at += AT_ONCE) {
        await Promise.all(clients.slice(at, at + AT_ONCE).map(end));
      }
      return { ok, failed, foreign, givenUp, lost };
    },
  };
}

/** What is wrong with an answer. */
function check(result: CallToolResult, token: string, foreign: string[]): string | undefined {
  if (result.isError === true) return textOf(result).slice(0, 300);
  const rows = (result.structuredContent as { rows?: unknown[][] } | undefined)?.rows;
  if (rows?.[0]?.[0] === token) return undefined;
  foreign.push(`asked for ${token}, got ${JSON.stringify(rows)?.slice(0, 100)}`);
  return 'the answer of another call';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
