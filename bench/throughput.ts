/**
 * Calls a second with many clients and all workers: this product with everything on beside the bare SDK server under
 * node:cluster (bare-server.ts), on one embedded engine; then lists of tools and new sessions, where both offer as many tools.
 */
import { availableParallelism } from 'node:os';
import { startDaemon } from '../test/support/daemon.ts';
import { startBare } from './bare.ts';
import { startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { familyOf } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { accountEnv, beginningClients, type Clients, interleave, listingClients, mcpClients } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText } from './stats.ts';

const CLIENTS = 64;
const LISTERS = 16;
const CONNECTIONS = 32;
/** As many as this product lists. */
const TOOLS = 18;
const STATEMENT = 'SELECT 1 AS N';

const METHOD = [
  `${CLIENTS} clients (${LISTERS} for lists and new sessions), each on a kept connection with a session of its own, \`${STATEMENT}\`,`,
  `${availableParallelism()} workers each; clients and engine run on the same processors. Theirs: node:cluster and the official SDK's`,
  'Streamable HTTP server, without supervision, keys, gate, limits, metrics or audit; for lists and new sessions it has as many',
  'tools as ours. Rounds in turns; medians, in brackets the least and the most; the ratio is the median of the rounds.',
  'CPU: of the serving processes, for each call.',
];

interface Side {
  readonly url: string;
  readonly pid: number;
}

interface Plan {
  readonly what: string;
  readonly target: number;
  readonly rounds: number;
  readonly perCall: number;
  clients(url: string): Promise<Clients> | Clients;
}

async function compare(ours: Side, theirs: Side, plan: Plan): Promise<Finding[]> {
  const [near, far] = [await plan.clients(ours.url), await plan.clients(theirs.url)];
  const contestants = [
    { name: 'ours', calls: near.calls, pids: familyOf(ours.pid) },
    { name: 'theirs', calls: far.calls, pids: familyOf(theirs.pid) },
  ];
  const results = await interleave(contestants, plan.rounds, plan.perCall);
  near.close();
  far.close();
  const [a, b] = [results.get('ours') ?? [], results.get('theirs') ?? []];
  const speed = median(a.map((round, at) => round.callsPerSecond / (b[at]?.callsPerSecond ?? Number.NaN)));
  const cpu = median(a.map((round, at) => round.cpuMs / (b[at]?.cpuMs ?? Number.NaN)));
  const text = (of: 'callsPerSecond' | 'cpuMs', rounds: typeof a) =>
    of === 'cpuMs'
      ? rangeText(
          rounds.map((round) => round.cpuMs),
          'ms',
          2,
        )
      : rangeText(
          rounds.map((round) => round.callsPerSecond),
          'calls/s',
          0,
        );
  return [
    {
      what: plan.what,
      ours: text('callsPerSecond', a),
      theirs: text('callsPerSecond', b),
      ratio: ratioText(speed),
      target: `>= ${plan.target} x`,
      isMet: speed >= plan.target,
    },
    {
      what: `CPU of ${plan.what}`,
      ours: text('cpuMs', a),
      theirs: text('cpuMs', b),
      ratio: ratioText(cpu),
      target: '',
    },
  ];
}

export async function throughput(size: Size): Promise<Finding[]> {
  for (const line of METHOD) console.log(line);
  const workers = availableParallelism();
  const rounds = sized(size, { quick: 2, short: 7, full: 11 });
  const perCall = sized(size, { quick: 5, short: 25, full: 40 });
  const callers = sized(size, { quick: 16, short: CLIENTS, full: CLIENTS });
  const connections = sized(size, { quick: 4, short: CONNECTIONS, full: CONNECTIONS });
  const engine = await startEngine();
  const settings = { endpoint: engine.endpoint, processes: workers, port: 0 };
  const findings: Finding[] = [];
  try {
    const env = accountEnv(engine, {
      SNOWFLAKE_POOL_MAX_SIZE: String(connections),
      MAX_CONCURRENT_SESSIONS: '1000000',
    });
    await using ours = await startDaemon({ demo: false, workers, env });
    {
      await using bare = await startBare({ ...settings, connections, tools: 1 });
      const clients = (url: string) => mcpClients(url, callers, STATEMENT);
      const what = `tools/call, ${callers} clients, ${workers} workers`;
      findings.push(...(await compare(ours, bare, { what, target: 0.9, rounds, perCall, clients })));
    }
    await using bare = await startBare({ ...settings, connections: 1, tools: TOOLS });
    const more = { target: 2, rounds, perCall: 4 * perCall };
    const lists = {
      ...more,
      what: `tools/list, ${LISTERS} clients`,
      clients: (url: string) => listingClients(url, LISTERS),
    };
    findings.push(...(await compare(ours, bare, lists)));
    const begins = {
      ...more,
      what: `initialize, ${LISTERS} clients`,
      clients: (url: string) => beginningClients(url, LISTERS),
    };
    findings.push(...(await compare(ours, bare, begins)));
  } finally {
    await engine.close();
  }
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('throughput', METHOD, findings);
  return findings;
}
