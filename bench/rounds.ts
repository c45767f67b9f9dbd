/** Contestants in turns: each round gives every one of them the same number of calls, one after the other. */
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';
import { INITIALIZE, isGood } from '../test/support/load.ts';
import { type LightAnswer, type LightConnection, lightConnection } from './light-client.ts';
import { cpuMsOf } from './process-figures.ts';
import { type Sample, type Summary, summarise } from './stats.ts';

export type Call = () => Promise<void>;

export interface Contestant {
  readonly name: string;
  /** One for each client; they run side by side. */
  readonly calls: readonly Call[];
  /** Processes that serve it, whose processor time is counted. */
  readonly pids?: readonly number[];
}

async function measure({ calls, pids }: Contestant, perCall: number): Promise<Sample> {
  const latenciesMs: number[] = [];
  const cpuBefore = pids && cpuMsOf(pids);
  const startedAt = performance.now();
  await Promise.all(
    calls.map(async (call) => {
      for (let i = 0; i < perCall; i += 1) {
        const before = performance.now();
        await call();
        latenciesMs.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { latenciesMs, seconds, ...(cpuBefore === undefined ? {} : { cpuMs: cpuMsOf(pids ?? []) - cpuBefore }) };
}

/** Summaries of each round by contestant, after a round of `warmUp` calls that does not count. */
export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
  perCall: number,
  warmUp = Math.ceil(perCall / 4),
): Promise<Map<string, Summary[]>> {
  const results = new Map<string, Summary[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) await measure(contestant, warmUp);
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of contestants) {
      results.get(contestant.name)?.push(summarise(await measure(contestant, perCall)));
    }
  }
  return results;
}

export interface Clients {
  readonly calls: readonly Call[];
  close(): void;
}

const BEGIN = JSON.stringify(INITIALIZE);
const HEADERS = 'content-type: application/json\r\naccept: application/json, text/event-stream\r\n';
const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

/** Clients, each with a connection and a session of its own, that ask the same again and again. */
async function sessionClients(url: string, count: number, body: string): Promise<Clients> {
  const connections = Array.from({ length: count }, () => lightConnection(url));
  const calls = connections.map(async (connection): Promise<Call> => {
    const { head } = refuseBad(await connection.post(BEGIN, HEADERS));
    const id = /\r\nmcp-session-id: *(\S+)/i.exec(head)?.[1];
    const headers = `${HEADERS}mcp-session-id: ${id}\r\nmcp-protocol-version: 2025-06-18\r\n`;
    await connection.post(INITIALIZED, headers);
    return async () => void refuseBad(await connection.post(body, headers));
  });
  return { calls: await Promise.all(calls), close: () => closeAll(connections) };
}

/** MCP clients that call the tool `execute_query`. */
export function mcpClients(url: string, count: number, statement: string): Promise<Clients> {
  const params = { name: 'execute_query', arguments: { query: statement } };
  return sessionClients(url, count, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }));
}

export function listingClients(url: string, count: number): Promise<Clients> {
  return sessionClients(url, count, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
}

/** Clients that begin one session after the other. */
export function beginningClients(url: string, count: number): Clients {
  return repeatingClients(url, count, BEGIN);
}

/** Clients, each with a connection of its own. @param headers whole lines, each with its line end */
export function repeatingClients(url: string, count: number, body: string, headers = HEADERS): Clients {
  const connections = Array.from({ length: count }, () => lightConnection(url));
  const calls = connections.map((connection) => async () => void refuseBad(await connection.post(body, headers)));
  return { calls, close: () => closeAll(connections) };
}

function closeAll(connections: readonly LightConnection[]): void {
  for (const connection of connections) connection.close();
}

function refuseBad(answer: LightAnswer): LightAnswer {
  if (!isGood(answer)) throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
  return answer;
}

/** The environment of a daemon that uses this engine as its Snowflake account, and keeps connections through the turns of others. */
export function accountEnv({ endpoint }: EmbeddedChild, more: Readonly<Record<string, string>> = {}) {
  const { url, account, user, privateKeyPem } = endpoint;
  return {
    SNOWFLAKE_ACCESS_URL: url,
    SNOWFLAKE_ACCOUNT: account,
    SNOWFLAKE_USER: user,
    SNOWFLAKE_PRIVATE_KEY: privateKeyPem,
    KEEPALIVE_TIMEOUT: '10m',
    ...more,
  };
}
