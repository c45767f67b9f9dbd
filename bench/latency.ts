/**
 * What one client waits for a tools/call: the official driver alone, the bare SDK server (bare-server.ts), and this
 * product with one worker, on one embedded engine in a process of its own; with an engine that takes its time, and with
 * one that answers at once.
 */
import { Agent } from 'node:http';
import { startDaemon } from '../test/support/daemon.ts';
import { connectDirect } from '../test/support/direct-driver.ts';
import { startBare } from './bare.ts';
import { slowDown, startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { familyOf } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { accountEnv, type Call, type Contestant, interleave, mcpClients } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { median, medianSummary, printTable, rangeText, ratioText, type Summary } from './stats.ts';
import { ask } from './supervisor/clients.ts';

const STATEMENT = 'SELECT 1 AS N';
const DELAY_MS = 40;
const HEALTHZ_MS = 5;

const METHOD = [
  `One client, keep-alive, \`${STATEMENT}\`; direct: snowflake-sdk in the client's process; bare: the official SDK's Streamable`,
  'HTTP server with one tool that calls snowflake-sdk (bench/bare-server.ts), no gate, limits, keys, metrics, audit or',
  'supervision; ours: the built daemon with one worker, everything on. Rounds in turns; medians over rounds, in brackets the',
  `least and the most. The delay is put into the engine: it answers each statement ${DELAY_MS} ms later.`,
];

type Part = readonly Summary[];
interface Measured {
  readonly direct: Part;
  readonly bare: Part;
  readonly ours: Part;
}

async function measured(contestants: readonly Contestant[], rounds: number, perCall: number): Promise<Measured> {
  const results = await interleave(contestants, rounds, perCall);
  const of = (name: string) => results.get(name) ?? [];
  return { direct: of('direct'), bare: of('bare'), ours: of('ours') };
}

const ms = (part: Part, of: (summary: Summary) => number) => rangeText(part.map(of), 'ms', 2);

/** What was added to the direct call of the same round. */
function added(part: Part, direct: Part): number[] {
  return part.map((round, at) => round.p50 - (direct[at]?.p50 ?? Number.NaN));
}

function delayed({ direct, ours, bare }: Measured): Finding[] {
  const [a, b, c] = [medianSummary(direct), medianSummary(bare), medianSummary(ours)];
  return [
    { of: (s: Summary) => s.p50, name: 'p50', limit: 1.05 },
    { of: (s: Summary) => s.p99, name: 'p99', limit: 1.2 },
  ].flatMap(({ of, name, limit }) => [
    {
      what: `tools/call, engine delay ${DELAY_MS} ms, ${name}; theirs: direct`,
      ours: ms(ours, of),
      theirs: ms(direct, of),
      ratio: ratioText(of(c) / of(a)),
      target: `<= ${limit} x`,
      isMet: of(c) / of(a) <= limit,
    },
    {
      what: `the same through the bare server, ${name}; theirs: direct`,
      ours: ms(bare, of),
      theirs: ms(direct, of),
      ratio: ratioText(of(b) / of(a)),
      target: '',
    },
  ]);
}

function immediate({ direct, ours, bare }: Measured): Finding[] {
  const [plus, base] = [added(ours, direct), added(bare, direct)];
  const ratio = median(plus) / median(base);
  return [
    {
      what: 'time added to the direct call, no delay, p50; theirs: bare',
      ours: rangeText(plus, 'ms', 2),
      theirs: rangeText(base, 'ms', 2),
      ratio: ratioText(ratio),
      target: '<= 1.2 x',
      isMet: ratio <= 1.2,
    },
    ...[
      { of: (s: Summary) => s.p50, name: 'p50' },
      { of: (s: Summary) => s.p99, name: 'p99' },
    ].map(({ of, name }) => ({
      what: `tools/call, no delay, ${name} (direct: ${ms(direct, of)}); theirs: bare`,
      ours: ms(ours, of),
      theirs: ms(bare, of),
      ratio: ratioText(of(medianSummary(ours)) / of(medianSummary(bare))),
      target: '',
    })),
    {
      what: 'CPU of the serving processes for each call, no delay; theirs: bare',
      ours: ms(ours, (s) => s.cpuMs),
      theirs: ms(bare, (s) => s.cpuMs),
      ratio: ratioText(medianSummary(ours).cpuMs / medianSummary(bare).cpuMs),
      target: '',
    },
  ];
}

/** What a load balancer waits for: of a worker at rest, and while a client beside it calls a tool. */
async function healthCheck(url: string, callTool: Call, rounds: number, perCall: number): Promise<Finding[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const check = async () => {
    await ask(`${url}/healthz`, agent);
  };
  const measure = async () =>
    (await interleave([{ name: 'healthz', calls: [check] }], rounds, perCall)).get('healthz') ?? [];
  const p99 = (summary: Summary) => summary.p99;
  const rest = await measure();
  let isOver = false;
  const beside = (async () => {
    while (!isOver) await callTool();
  })();
  const busy = await measure();
  isOver = true;
  await beside;
  agent.destroy();
  const row = { theirs: '', ratio: '' };
  const isMet = p99(medianSummary(rest)) < HEALTHZ_MS;
  return [
    { ...row, what: 'GET /healthz, p99', ours: ms(rest, p99), target: `< ${HEALTHZ_MS} ms`, isMet },
    { ...row, what: 'the same while another client calls a tool, p99', ours: ms(busy, p99), target: '' },
  ];
}

export async function latency(size: Size): Promise<Finding[]> {
  const engine = await startEngine();
  await using daemon = await startDaemon({ demo: false, workers: 1, env: accountEnv(engine) });
  await using bare = await startBare({ endpoint: engine.endpoint, connections: 1, processes: 1, tools: 1, port: 0 });
  const direct = await connectDirect(engine.endpoint);
  const [throughBare, throughOurs] = [
    await mcpClients(bare.url, 1, STATEMENT),
    await mcpClients(daemon.url, 1, STATEMENT),
  ];
  const contestants = [
    { name: 'direct', calls: [() => direct.query(STATEMENT)] },
    { name: 'bare', calls: throughBare.calls, pids: familyOf(bare.pid) },
    { name: 'ours', calls: throughOurs.calls, pids: familyOf(daemon.pid) },
  ];
  for (const line of METHOD) console.log(line);
  const [rounds, calls] = sized<[number, number]>(size, { quick: [2, 30], short: [9, 400], full: [15, 500] });
  const findings = immediate(await measured(contestants, rounds, calls));
  findings.push(...(await healthCheck(daemon.url, throughOurs.calls[0] as Call, rounds, calls)));
  await slowDown(engine, DELAY_MS);
  const [fewer, few] = sized<[number, number]>(size, { quick: [1, 8], short: [5, 100], full: [7, 200] });
  findings.push(...delayed(await measured(contestants, fewer, few)));
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('latency', METHOD, findings);
  throughBare.close();
  throughOurs.close();
  await direct.close();
  await engine.close();
  return findings;
}
