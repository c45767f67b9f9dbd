/**
 * Protocol version 2026-07-28 beside the versions with sessions, calls a second through one worker: with SELECT 1 on the
 * embedded engine, and with statements that are answered from memory, there also beside the official SDK used plainly.
 */
import { fork } from 'node:child_process';
import { Agent } from 'node:http';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startEmbeddedChild } from '../dist/shared/embedded-child.js';
import { createLog } from '../src/shared/log.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { isGood, post } from '../test/support/load.ts';
import { modernBody, modernHeaders } from '../test/support/modern-client.ts';
import { writeResults } from './results.ts';
import { accountEnv, type Clients, type Contestant, interleave, mcpClients } from './rounds.ts';
import { median, printTable, ratioText, type Summary, spread } from './stats.ts';

const CLIENTS = 16;
const STATEMENT = 'SELECT 1 AS N';
const SESSIONS = '2025-06-18, a session on its owner';
const MODERN = '2026-07-28';
const PLAIN = '2026-07-28, createMcpHandler as documented';
const PROGRAM = fileURLToPath(new URL('./era-server.ts', import.meta.url));

function modernClients(url: string, count: number): Clients {
  const call = { name: 'execute_query', arguments: { query: STATEMENT } };
  const [body, headers] = [modernBody('tools/call', call), modernHeaders('tools/call', call)];
  const agents = Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  return {
    calls: agents.map((agent) => async () => {
      const answer = await post(url, agent, body, headers);
      if (!isGood(answer)) throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
    }),
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}

async function startServer(kind: 'ours' | 'plain'): Promise<{ url: string } & AsyncDisposable> {
  const env = { ...process.env, ERA_SERVER: kind };
  const child = fork(PROGRAM, { env, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** Calls a second of each, and as a share of the first's, round by round. */
function rows(what: string, results: ReadonlyMap<string, readonly Summary[]>): string[][] {
  const [base] = results.values();
  return [...results].map(([name, rounds]) => {
    const ratios = rounds.map((round, at) => round.callsPerSecond / (base?.[at]?.callsPerSecond ?? Number.NaN));
    const each = rounds.map((round) => round.callsPerSecond);
    const p50 = median(rounds.map((round) => round.p50));
    return [
      what,
      name,
      median(each).toFixed(0),
      p50.toFixed(2),
      ratioText(median(ratios)),
      `±${(spread(ratios) * 100).toFixed(0)} %`,
    ];
  });
}

async function withEngine(rounds: number, perCall: number): Promise<string[][]> {
  const log = createLog({ level: 'error', format: 'text', stream: new PassThrough().resume() });
  const engine = await startEmbeddedChild({ log });
  try {
    const env = accountEnv(engine, { SNOWFLAKE_POOL_MAX_SIZE: String(CLIENTS) });
    await using daemon = await startDaemon({ demo: false, workers: 1, env });
    const [sessions, modern] = [await mcpClients(daemon.url, CLIENTS, STATEMENT), modernClients(daemon.url, CLIENTS)];
    const contestants: Contestant[] = [
      { name: SESSIONS, calls: sessions.calls },
      { name: MODERN, calls: modern.calls },
    ];
    const found = rows(STATEMENT, await interleave(contestants, rounds, perCall));
    sessions.close();
    modern.close();
    return found;
  } finally {
    await engine.close();
  }
}

async function fromMemory(rounds: number, perCall: number): Promise<string[][]> {
  await using ours = await startServer('ours');
  await using plain = await startServer('plain');
  const sessions = await mcpClients(ours.url, CLIENTS, STATEMENT);
  const [modern, documented] = [modernClients(ours.url, CLIENTS), modernClients(plain.url, CLIENTS)];
  const contestants: Contestant[] = [
    { name: SESSIONS, calls: sessions.calls },
    { name: MODERN, calls: modern.calls },
    { name: PLAIN, calls: documented.calls },
  ];
  const found = rows('answered from memory', await interleave(contestants, rounds, perCall));
  for (const clients of [sessions, modern, documented]) clients.close();
  return found;
}

export async function era(quick: boolean): Promise<void> {
  const [rounds, perCall] = quick ? [5, 40] : [9, 150];
  const head = ['statement', 'protocol', 'calls/s', 'p50 ms', 'of the first', 'spread'];
  const all = [...(await withEngine(rounds, perCall)), ...(await fromMemory(rounds, perCall * 2))];
  printTable(head, all);
  if (quick) return;
  const method = [`${CLIENTS} clients on connections of their own, one worker, ${rounds} rounds in turns, medians.`];
  writeResults('era', { method, head, rows: all });
}
