/**
 * Protocol version 2026-07-28 beside the versions with sessions, calls a second through one worker: with SELECT 1 on the
 * embedded engine, and with statements that are answered from memory, there also beside the official SDK used plainly.
 */
import { startDaemon } from '../test/support/daemon.ts';
import { modernBody, modernHeaders } from '../test/support/modern-client.ts';
import { startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { familyOf } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { accountEnv, type Clients, type Contestant, interleave, mcpClients, repeatingClients } from './rounds.ts';
import { startService } from './service.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText, type Summary } from './stats.ts';

const CLIENTS = 16;
const STATEMENT = 'SELECT 1 AS N';

function modernClients(url: string, count: number): Clients {
  const call = { name: 'execute_query', arguments: { query: STATEMENT } };
  const headers = Object.entries(modernHeaders('tools/call', call)).map(([name, value]) => `${name}: ${value}\r\n`);
  return repeatingClients(url, count, JSON.stringify(modernBody('tools/call', call)), headers.join(''));
}

/** The second of two contestants as a share of the first, round by round. */
function finding(what: string, results: ReadonlyMap<string, readonly Summary[]>, target?: number): Finding[] {
  const [theirs = [], ours = []] = results.values();
  const each = (rounds: readonly Summary[]) => rounds.map((round) => round.callsPerSecond);
  const ratio = median(ours.map((round, at) => round.callsPerSecond / (theirs[at]?.callsPerSecond ?? Number.NaN)));
  const cpu = median(ours.map((round, at) => round.cpuMs / (theirs[at]?.cpuMs ?? Number.NaN)));
  const ms = (rounds: readonly Summary[]) => rounds.map((round) => round.cpuMs);
  return [
    {
      what,
      ours: rangeText(each(ours), 'calls/s', 0),
      theirs: rangeText(each(theirs), 'calls/s', 0),
      ratio: ratioText(ratio),
      target: target === undefined ? '' : `>= ${target} x`,
      ...(target === undefined ? {} : { isMet: ratio >= target }),
    },
    {
      what: `CPU for each: ${what}`,
      ours: rangeText(ms(ours), 'ms', 2),
      theirs: rangeText(ms(theirs), 'ms', 2),
      ratio: ratioText(cpu),
      target: '',
    },
  ];
}

async function withEngine(rounds: number, perCall: number): Promise<Finding[]> {
  const engine = await startEngine();
  try {
    const env = accountEnv(engine, { SNOWFLAKE_POOL_MAX_SIZE: String(CLIENTS) });
    await using daemon = await startDaemon({ demo: false, workers: 1, env });
    const [sessions, modern] = [await mcpClients(daemon.url, CLIENTS, STATEMENT), modernClients(daemon.url, CLIENTS)];
    const pids = familyOf(daemon.pid);
    const contestants: Contestant[] = [
      { name: 'sessions', calls: sessions.calls, pids },
      { name: 'modern', calls: modern.calls, pids },
    ];
    const results = await interleave(contestants, rounds, perCall);
    sessions.close();
    modern.close();
    return finding(`${STATEMENT}, 2026-07-28; theirs: the same daemon, 2025-06-18 with sessions`, results);
  } finally {
    await engine.close();
  }
}

async function fromMemory(rounds: number, perCall: number): Promise<Finding[]> {
  await using ours = await startService('ours');
  await using plain = await startService('plain');
  const [modern, documented] = [modernClients(ours.url, CLIENTS), modernClients(plain.url, CLIENTS)];
  const contestants: Contestant[] = [
    { name: 'plain', calls: documented.calls, pids: [plain.pid] },
    { name: 'ours', calls: modern.calls, pids: [ours.pid] },
  ];
  const results = await interleave(contestants, rounds, perCall);
  for (const clients of [modern, documented]) clients.close();
  return finding(
    'tools/call of 2026-07-28, answered from memory; theirs: createMcpHandler as documented',
    results,
    1.5,
  );
}

export async function era(size: Size): Promise<Finding[]> {
  const rounds = sized(size, { quick: 3, short: 7, full: 9 });
  const perCall = sized(size, { quick: 10, short: 40, full: 120 });
  const findings = await fromMemory(rounds, perCall);
  if (size !== 'quick') findings.push(...(await withEngine(rounds, perCall)));
  printTable(FINDING_HEAD, findings.map(findingCells));
  const method = [`${CLIENTS} clients on connections of their own, one worker, ${rounds} rounds in turns, medians.`];
  if (size !== 'quick') writeFindings('era', method, findings);
  return findings;
}
