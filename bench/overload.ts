/**
 * Ten times as many calls as can be answered: what is still answered, how fast the others are turned away, and how soon
 * all is well afterwards.
 *
 * The engine takes its time, so that the connections to it are the bound and not the processors that the clients share.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDaemon } from '../test/support/daemon.ts';
import { isGood, openSession, post, type RawSession } from '../test/support/load.ts';
import { slowDown, startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { writeFindings } from './results.ts';
import { accountEnv } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { percentile, printTable, ratioText } from './stats.ts';

const WORKERS = 2;
const CONNECTIONS = 2;
/** Calls a worker lets in: those that run and as many that wait for a connection. */
const INSIDE = 2 * CONNECTIONS;
const DELAY_MS = 200;
const TIMES = 10;
const REFUSED_MAX_MS = 50;
const RECOVERED_MAX_MS = 2000;
const QUERY = { query: 'SELECT 1 AS N' };
const SESSIONS = 32;
const METHOD = [
  `${WORKERS} workers with ${CONNECTIONS} connections each (pool.max_size), limits.max_concurrent_requests ${INSIDE}, every statement takes`,
  `${DELAY_MS} ms in the engine. The peak: as many clients as may be inside, each with one call at a time. Then calls begin at ${TIMES} times`,
  'that rate whatever becomes of those before, spread over sessions and connections of both workers. The rest counts as turned',
  `away well when it gets 429 or 503; the time is of the 99th percentile as a client on the same machine sees it. Recovered: the`,
  'first moment from which on a client that calls every 20 ms is answered well.',
];

interface Outcome {
  readonly kind: 'good' | 'refused' | 'other';
  readonly ms: number;
  readonly says: string;
}

async function callOnce(session: RawSession, url: string, agent: Agent): Promise<Outcome> {
  const startedAt = performance.now();
  const message = {
    jsonrpc: '2.0',
    id: Math.random().toString(36),
    method: 'tools/call',
    params: { name: 'execute_query', arguments: QUERY },
  };
  const headers = { 'mcp-session-id': session.id, 'mcp-protocol-version': '2025-06-18' };
  const answer = await post(url, agent, message, headers).catch((error: Error) => error);
  const ms = performance.now() - startedAt;
  if (answer instanceof Error) return { kind: 'other', ms, says: answer.message };
  if (isGood(answer)) return { kind: 'good', ms, says: '' };
  const isRefused = answer.status === 429 || answer.status === 503;
  return { kind: isRefused ? 'refused' : 'other', ms, says: `${answer.status} ${answer.body.slice(0, 160)}` };
}

/** Good answers a second of clients that call one after the other. */
async function peakRate(sessions: readonly RawSession[], seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let good = 0;
  await Promise.all(
    sessions.slice(0, WORKERS * INSIDE).map(async (session) => {
      while (performance.now() < until) if (isGood(await session.call('execute_query', QUERY))) good += 1;
    }),
  );
  return good / seconds;
}

/** Begins calls at a rate, whatever becomes of them. */
async function flood(begin: () => Promise<Outcome>, perSecond: number, seconds: number): Promise<Outcome[]> {
  const calls: Promise<Outcome>[] = [];
  const startedAt = performance.now();
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed >= seconds) break;
    while (calls.length < elapsed * perSecond) calls.push(begin());
    await sleep(5);
  }
  return Promise.all(calls);
}

/** Milliseconds until calls are answered well again. */
async function recovery(session: RawSession, url: string, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  let wellSince: number | undefined;
  while (performance.now() - startedAt < 2 * RECOVERED_MAX_MS) {
    const begunAt = performance.now();
    const { kind, ms } = await callOnce(session, url, agent);
    if (kind !== 'good' || ms > 3 * DELAY_MS) wellSince = undefined;
    else wellSince ??= begunAt - startedAt;
    if (wellSince !== undefined && performance.now() - startedAt - wellSince > 3 * DELAY_MS) return wellSince;
    await sleep(20);
  }
  return Number.POSITIVE_INFINITY;
}

function findingsOf(all: readonly Outcome[], seconds: number, peak: number, recoveredMs: number): Finding[] {
  const count = (kind: Outcome['kind']) => all.filter((outcome) => outcome.kind === kind).length;
  const goodput = count('good') / seconds / peak;
  const refused = all
    .filter(({ kind }) => kind === 'refused')
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const p99 = refused.length === 0 ? Number.NaN : percentile(refused, 0.99);
  const strange = all.find(({ kind }) => kind === 'other');
  if (strange !== undefined) console.log(`Neither good nor refused, for one: ${strange.says}`);
  const begun = `${all.length} calls in ${seconds} s, ${count('good')} answered`;
  return [
    {
      what: `overload, goodput; theirs: the peak`,
      ours: `${(count('good') / seconds).toFixed(0)}/s (${begun})`,
      theirs: `${peak.toFixed(0)}/s`,
      ratio: ratioText(goodput),
      target: '>= 0.9 x',
      isMet: goodput >= 0.9,
    },
    {
      what: 'overload, the rest: not 429 or 503',
      ours: `${count('other')} of ${all.length - count('good')}`,
      theirs: '',
      ratio: '',
      target: '0',
      isMet: count('other') === 0,
    },
    {
      what: 'overload, the rest: time to 429 or 503',
      ours: `p50 ${percentile(refused, 0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      theirs: '',
      ratio: '',
      target: `p99 < ${REFUSED_MAX_MS} ms`,
      isMet: p99 < REFUSED_MAX_MS,
    },
    {
      what: 'overload, time to recover',
      ours: `${recoveredMs.toFixed(0)} ms`,
      theirs: '',
      ratio: '',
      target: `<= ${RECOVERED_MAX_MS} ms`,
      isMet: recoveredMs <= RECOVERED_MAX_MS,
    },
  ];
}

export async function overload(size: Size): Promise<Finding[]> {
  const seconds = sized(size, { quick: 2, short: 30, full: 30 });
  const engine = await startEngine();
  const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 });
  try {
    const env = accountEnv(engine, {
      SNOWFLAKE_POOL_MAX_SIZE: String(CONNECTIONS),
      MAX_CONCURRENT_REQUESTS: String(INSIDE),
    });
    await using daemon = await startDaemon({ demo: false, workers: WORKERS, env });
    const sessions: RawSession[] = [];
    while (sessions.length < SESSIONS) sessions.push(await openSession(daemon.url));
    await peakRate(sessions, 1);
    await slowDown(engine, DELAY_MS);
    const peak = await peakRate(sessions, sized(size, { quick: 2, short: 6, full: 10 }));
    let next = 0;
    const begin = () => {
      const session = sessions[next++ % sessions.length];
      if (session === undefined) throw new Error('no session');
      return callOnce(session, daemon.url, agent);
    };
    const all = await flood(begin, TIMES * peak, seconds);
    const recoveredMs = sessions[0] === undefined ? Number.NaN : await recovery(sessions[0], daemon.url, agent);
    for (const session of sessions) session.close();
    const findings = findingsOf(all, seconds, peak, recoveredMs);
    printTable(FINDING_HEAD, findings.map(findingCells));
    if (size !== 'quick') writeFindings('overload', METHOD, findings);
    return findings;
  } finally {
    agent.destroy();
    await engine.close();
  }
}
