/** Contestants in turns: each round gives every one of them the same number of calls, one after the other. */
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';
import { isGood, openSession } from '../test/support/load.ts';
import { type Sample, type Summary, summarise } from './stats.ts';

export type Call = () => Promise<void>;

export interface Contestant {
  readonly name: string;
  /** One for each client; they run side by side. */
  readonly calls: readonly Call[];
}

async function measure(calls: readonly Call[], perCall: number): Promise<Sample> {
  const latenciesMs: number[] = [];
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
  return { latenciesMs, seconds: (performance.now() - startedAt) / 1000 };
}

/** Summaries of each round by contestant, after a round that does not count. */
export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
  perCall: number,
): Promise<Map<string, Summary[]>> {
  const results = new Map<string, Summary[]>(contestants.map(({ name }) => [name, []]));
  for (const { calls } of contestants) await measure(calls, Math.max(20, Math.ceil(perCall / 4)));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, calls } of contestants) results.get(name)?.push(summarise(await measure(calls, perCall)));
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
    const answer = await session.call('execute_query', { query: statement });
    if (!isGood(answer)) throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
  });
  return {
    calls,
    close: () => {
      for (const session of sessions) session.close();
    },
  };
}

/** The environment of a daemon that uses this engine as its Snowflake account. */
export function accountEnv({ endpoint }: EmbeddedChild, more: Readonly<Record<string, string>> = {}) {
  const { url, account, user, privateKeyPem } = endpoint;
  return {
    SNOWFLAKE_ACCESS_URL: url,
    SNOWFLAKE_ACCOUNT: account,
    SNOWFLAKE_USER: user,
    SNOWFLAKE_PRIVATE_KEY: privateKeyPem,
    ...more,
  };
}
