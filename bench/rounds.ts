/** Contestants in turns: each round gives every one of them the same number of calls, one after the other. */
import { Agent } from 'node:http';
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';
import { type Answer, isGood, openSession, post } from '../test/support/load.ts';
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

/** MCP clients, each with a connection and a session of its own, that call the tool `execute_query`. */
export async function mcpClients(url: string, count: number, statement: string): Promise<Clients> {
  const sessions = await Promise.all(Array.from({ length: count }, () => openSession(url)));
  const calls = sessions.map((session) => async () => {
    refuseBad(await session.call('execute_query', { query: statement }));
  });
  return {
    calls,
    close: () => {
      for (const session of sessions) session.close();
    },
  };
}

/** As `mcpClients`, asking for the list of tools. */
export async function listingClients(url: string, count: number): Promise<Clients> {
  const sessions = await Promise.all(Array.from({ length: count }, () => openSession(url)));
  const calls = sessions.map(({ agent, id }) => async () => {
    const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-06-18' };
    refuseBad(await post(url, agent, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers));
  });
  return {
    calls,
    close: () => {
      for (const session of sessions) session.close();
    },
  };
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};

/** Clients, each with a connection of its own, that begin one session after the other. */
export function beginningClients(url: string, count: number): Clients {
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  return {
    calls: agents.map((agent) => async () => refuseBad(await post(url, agent, INITIALIZE))),
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}

function refuseBad(answer: Answer): void {
  if (!isGood(answer)) throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
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
