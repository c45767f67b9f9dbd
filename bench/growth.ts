/** Calls a second as there is more of something: sessions, metric series, workers; each beside a daemon with little of it. */
import { Agent } from 'node:http';
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { eventually } from '../test/support/eventually.ts';
import { openSession } from '../test/support/load.ts';
import { startBare } from './bare.ts';
import { startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { writeFindings } from './results.ts';
import { accountEnv, type Contestant, interleave, mcpClients } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText, type Summary } from './stats.ts';
import { ask } from './supervisor/clients.ts';
import { SETTINGS } from './supervisor/contestant.ts';
import { Ours } from './supervisor/ours.ts';

const CLIENTS = 16;
const STATEMENT = 'SELECT 1 AS N';
const FEW = { sessions: 100, series: 50, workers: 1 };
const MANY = { series: 500, workers: { quick: 3, short: 8, full: 8 } };
const LEAST = 0.9;
const METHOD = [
  `${CLIENTS} clients, \`${STATEMENT}\` on one embedded engine; two daemons in turns, medians. Sessions: one worker, the further sessions`,
  'have been opened and are not used. Series: two workers that answer at once (bench/supervisor/app.mjs) and tell the primary',
  'all their series anew each second.',
];

async function openIdle(url: string, count: number): Promise<void> {
  let left = count;
  const one = async () => {
    while (left-- > 0) (await openSession(url)).close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
}

/** @param isGoal false for what is shown beside it only */
function finding(what: string, results: ReadonlyMap<string, readonly Summary[]>, isGoal: boolean): Finding {
  const [few = [], many = []] = results.values();
  const each = (rounds: readonly Summary[]) => rounds.map((round) => round.callsPerSecond);
  const ratio = median(many.map((round, at) => round.callsPerSecond / (few[at]?.callsPerSecond ?? Number.NaN)));
  return {
    what: `calls/s, ${what}; theirs: itself with the first`,
    ours: rangeText(each(many), 'calls/s', 0),
    theirs: rangeText(each(few), 'calls/s', 0),
    ratio: ratioText(ratio),
    target: isGoal ? `> ${LEAST} x` : '',
    ...(isGoal ? { isMet: ratio > LEAST } : {}),
  };
}

type Calls = Pick<Contestant, 'calls'>;

/** In turns; @returns the finding of the second beside the first */
async function beside(
  what: string,
  few: Calls,
  many: Calls,
  { rounds, perCall, warmUp, isGoal = true }: { rounds: number; perCall: number; warmUp?: number; isGoal?: boolean },
): Promise<Finding> {
  const contestants = [
    { name: 'few', calls: few.calls },
    { name: 'many', calls: many.calls },
  ];
  return finding(what, await interleave(contestants, rounds, perCall, warmUp), isGoal);
}

function plainClients(url: string): { calls: Contestant['calls']; close(): void } {
  const agents = Array.from({ length: CLIENTS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  return {
    calls: agents.map((agent) => async () => {
      await ask(`${url}/`, agent);
    }),
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}

async function seriesGrowth(rounds: number, perCall: number): Promise<Finding> {
  const [few, many] = [await Ours.make(SETTINGS), await Ours.make(SETTINGS)];
  try {
    few.plan({ series: FEW.series });
    many.plan({ series: MANY.series });
    await Promise.all([few.start(), many.start()]);
    for (const daemon of [few, many]) await eventually(async () => (await daemon.status()).workers.length === 2);
    const [a, b] = [plainClients(few.url), plainClients(many.url)];
    const what = `${FEW.series} to ${MANY.series} series of each worker`;
    const found = await beside(what, a, b, { rounds, perCall: 10 * perCall });
    a.close();
    b.close();
    return found;
  } finally {
    await Promise.all([few.close(), many.close()]);
  }
}

/** What more processes on the same processors cost a server that nobody supervises. */
async function bareGrowth(
  { endpoint }: EmbeddedChild,
  workers: number,
  { rounds, perCall, warmUp }: { rounds: number; perCall: number; warmUp: number },
): Promise<Finding> {
  const settings = { endpoint, connections: CLIENTS, tools: 1, port: 0 };
  await using one = await startBare({ ...settings, processes: FEW.workers });
  await using all = await startBare({ ...settings, processes: workers });
  const [few, many] = [await mcpClients(one.url, CLIENTS, STATEMENT), await mcpClients(all.url, CLIENTS, STATEMENT)];
  const what = `the bare SDK server under node:cluster, ${FEW.workers} to ${workers} workers`;
  const found = await beside(what, few, many, { rounds, perCall, warmUp: workers * warmUp, isGoal: false });
  for (const clients of [few, many]) clients.close();
  return found;
}

export async function growth(size: Size): Promise<Finding[]> {
  const rounds = sized(size, { quick: 2, short: 7, full: 9 });
  const perCall = sized(size, { quick: 8, short: 50, full: 80 });
  const sessions = sized(size, { quick: 300, short: 10_000, full: 10_000 });
  const warmUp = sized(size, { quick: 2, short: 100, full: 400 });
  const engine = await startEngine();
  const findings: Finding[] = [];
  try {
    const env = accountEnv(engine, { SNOWFLAKE_POOL_MAX_SIZE: String(CLIENTS), MAX_CONCURRENT_SESSIONS: '1000000' });
    await using base = await startDaemon({ demo: false, workers: FEW.workers, env });
    const few = await mcpClients(base.url, CLIENTS, STATEMENT);
    /** Each worker of many gets a small part of the calls, and V8 optimises its code only after thousands of them. */
    const against = async (what: string, url: string, warmUp: number) => {
      const many = await mcpClients(url, CLIENTS, STATEMENT);
      findings.push(await beside(what, few, many, { rounds, perCall, warmUp }));
      many.close();
    };
    await openIdle(base.url, FEW.sessions - CLIENTS);
    {
      await using crowded = await startDaemon({ demo: false, workers: FEW.workers, env });
      await openIdle(crowded.url, sessions - CLIENTS);
      await against(`${FEW.sessions} to ${sessions} sessions`, crowded.url, warmUp);
    }
    const workers = sized(size, MANY.workers);
    await using wide = await startDaemon({ demo: false, workers, env });
    await against(`${FEW.workers} to ${workers} workers`, wide.url, workers * warmUp);
    few.close();
    findings.push(await bareGrowth(engine, workers, { rounds, perCall, warmUp }));
  } finally {
    await engine.close();
  }
  findings.push(await seriesGrowth(rounds, perCall));
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('growth', METHOD, findings);
  return findings;
}
