/**
 * What a session costs that a request does not find where it lands: the same calls on connections to the worker that holds
 * the session, and on connections to its fellow, interleaved; and once the first call after its worker was killed.
 */

import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonStatus } from '../src/shared/control-api.ts';
import { type Daemon, startDaemon } from '../test/support/daemon.ts';
import { eventually } from '../test/support/eventually.ts';
import { post } from '../test/support/load.ts';
import type { Finding } from './finding.ts';
import { writeResults } from './results.ts';
import type { Size } from './size.ts';
import { median, medianSummary, printTable, rangeText, type Sample, type Summary, summarise } from './stats.ts';

const SESSIONS = 8;
const HEADERS = { 'mcp-protocol-version': '2025-11-25' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};
const KINDS = {
  'SELECT 1': { method: 'tools/call', params: { name: 'execute_query', arguments: { query: 'SELECT 1 AS N' } } },
  // Refused by the policy: nothing is asked of Snowflake.
  'does nothing': { method: 'tools/call', params: { name: 'execute_query', arguments: { query: 'DROP TABLE T' } } },
} as const;
type Kind = keyof typeof KINDS;

/** One kept connection and the worker it reached. */
interface Line {
  readonly agent: Agent;
  readonly pid: number;
}

async function openLine(url: string): Promise<Line> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const text = await new Promise<string>((resolve, reject) => {
    get(`${url}/health`, { agent }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.once('end', () => resolve(body));
    }).on('error', reject);
  });
  return { agent, pid: (JSON.parse(text) as { worker: { pid: number } }).worker.pid };
}

/** Opens connections until each worker has `count` of them. */
async function openLines(url: string, pids: readonly number[], count: number): Promise<Map<number, Line[]>> {
  const lines = new Map<number, Line[]>(pids.map((pid) => [pid, []]));
  await eventually(
    async () => {
      const line = await openLine(url);
      const own = lines.get(line.pid);
      if (own !== undefined && own.length < count) own.push(line);
      else line.agent.destroy();
      return [...lines.values()].every((some) => some.length === count);
    },
    { what: 'connections to every worker', everyMs: 1, deadlineMs: 60_000 },
  );
  return lines;
}

async function call(url: string, line: Line, session: string, kind: Kind, id: number): Promise<void> {
  const message = { jsonrpc: '2.0', id, ...KINDS[kind] };
  const answer = await post(url, line.agent, message, { ...HEADERS, 'mcp-session-id': session });
  if (answer.status !== 200 || !answer.body.includes('"result"')) throw new Error(`${answer.status} ${answer.body}`);
}

async function measure(one: (session: number, id: number) => Promise<void>, perSession: number): Promise<Sample> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      for (let id = 1; id <= perSession; id += 1) {
        const before = performance.now();
        await one(session, id);
        latenciesMs.push(performance.now() - before);
      }
    }),
  );
  return { latenciesMs, seconds: (performance.now() - startedAt) / 1000 };
}

async function compare(url: string, lines: ReadonlyMap<number, readonly Line[]>, quick: boolean): Promise<string[][]> {
  const [near = [], far = []] = [...lines.values()];
  const sessions = await Promise.all(
    near.map(async ({ agent }) => {
      const opened = await post(url, agent, INITIALIZE);
      return String(opened.headers['mcp-session-id']);
    }),
  );
  const [rounds, perSession] = quick ? [3, 30] : [9, 150];
  const rows: string[][] = [];
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const paths = { 'by its worker': near, 'through a fellow': far };
    const results = new Map<string, Summary[]>(Object.keys(paths).map((name) => [name, []]));
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, some] of Object.entries(paths)) {
        const sample = await measure(async (at, id) => {
          const [line, session] = [some[at], sessions[at]];
          if (line !== undefined && session !== undefined) await call(url, line, session, kind, id);
        }, perSession);
        // The round before the first warms up.
        if (round >= 0) results.get(name)?.push(summarise(sample));
      }
    }
    const ratios = (results.get('through a fellow') ?? []).map(
      (summary, round) =>
        summary.callsPerSecond / (results.get('by its worker')?.[round]?.callsPerSecond ?? Number.NaN),
    );
    for (const [name, summaries] of results) {
      const { p50, p95, callsPerSecond } = medianSummary(summaries);
      const ratio = name === 'by its worker' ? '1' : median(ratios).toFixed(2);
      rows.push([kind, name, p50.toFixed(2), p95.toFixed(2), callsPerSecond.toFixed(0), ratio]);
    }
  }
  return rows;
}

async function workersOf(daemon: Daemon): Promise<DaemonStatus['workers']> {
  return ((await (await fetch(`${daemon.metricsUrl}/status`)).json()) as DaemonStatus).workers;
}

/** Milliseconds from the first question after the kill to its answer by the worker that took the session over. */
async function adopt(daemon: Daemon, times: number): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < times; round += 1) {
    await eventually(async () => (await workersOf(daemon)).every(({ state }) => state === 'ready'), {
      deadlineMs: 60_000,
    });
    const pids = (await workersOf(daemon)).map(({ pid }) => pid);
    const lines = await openLines(daemon.url, pids, 1);
    const [[victim, [near]] = [0, []], [, [far]] = [0, []]] = [...lines] as [number, Line[]][];
    if (near === undefined || far === undefined) throw new Error('two workers are needed');
    const session = String((await post(daemon.url, near.agent, INITIALIZE)).headers['mcp-session-id']);
    await call(daemon.url, far, session, 'SELECT 1', 1);
    process.kill(victim, 'SIGKILL');
    const startedAt = performance.now();
    await call(daemon.url, far, session, 'SELECT 1', 2);
    took.push(performance.now() - startedAt);
    for (const { agent } of [near, far]) agent.destroy();
    await sleep(100);
  }
  return took;
}

export async function sessionsPath(size: Size): Promise<Finding[]> {
  const quick = size !== 'full';
  await using daemon = await startDaemon({
    workers: 2,
    env: { SNOWFLAKE_POOL_MAX_SIZE: String(SESSIONS), KEEPALIVE_TIMEOUT: '10m' },
  });
  const pids = (await workersOf(daemon)).map(({ pid }) => pid);
  const lines = await openLines(daemon.url, pids, SESSIONS);
  const head = ['call', 'answered', 'p50 ms', 'p95 ms', 'calls/s', 'ratio of calls/s'];
  const rows = await compare(daemon.url, lines, quick);
  for (const { agent } of [...lines.values()].flat()) agent.destroy();
  const adopted = await adopt(daemon, quick ? 1 : 5);
  printTable(head, rows);
  const taken = `First call after kill -9 of the session's worker, answered by its fellow: ${rangeText(adopted, 'ms')}.`;
  console.log(taken);
  if (size !== 'full') return [];
  const method = [
    `Two workers, ${SESSIONS} sessions of one worker, each call on a kept connection to it or to its fellow, interleaved;`,
    'medians of 9 rounds, ratios within a round. The load runs on the same processors. Targets: 0.8 with SELECT 1, 0.5 with a',
    'call that the policy refuses, for which nothing is asked of Snowflake.',
    '',
    taken,
  ];
  writeResults('sessions-path', { method, head, rows });
  return [];
}
