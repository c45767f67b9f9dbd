/**
 * What the service adds to a query: (a) the official driver called directly, (b) the same statement as an MCP tools/call
 * through one worker, (c) through all workers; all on one embedded engine in a process of its own, interleaved.
 */
import { availableParallelism, tmpdir } from 'node:os';
import { startDaemon } from '../test/support/daemon.ts';
import { connectDirect, type DirectConnection } from '../test/support/direct-driver.ts';
import { startEngine } from './engine.ts';
import type { Finding } from './finding.ts';
import { accountEnv, type Contestant, interleave, mcpClients } from './rounds.ts';
import type { Size } from './size.ts';
import { medianSummary, printTable, type Summary, spread } from './stats.ts';

const STATEMENT = 'SELECT 1 AS N';
const CLIENTS = 16;

function report(title: string, results: ReadonlyMap<string, readonly Summary[]>): void {
  const [base] = results.values();
  if (base === undefined) return;
  const direct = medianSummary(base);
  console.log(`\n${title}`);
  const rows = [...results].map(([name, rounds]) => {
    const one = medianSummary(rounds);
    return [
      name,
      one.p50.toFixed(2),
      one.p95.toFixed(2),
      one.callsPerSecond.toFixed(0),
      `${(one.p50 / direct.p50).toFixed(2)} x`,
      `${(one.p50 - direct.p50).toFixed(2)} ms`,
      `${(one.callsPerSecond / direct.callsPerSecond).toFixed(2)} x`,
      `±${(spread(rounds.map((round) => round.p50)) * 100).toFixed(0)} %`,
    ];
  });
  printTable(['path', 'p50 ms', 'p95 ms', 'calls/s', 'p50 ratio', 'p50 added', 'calls/s ratio', 'spread p50'], rows);
}

export async function queryPath(size: Size): Promise<Finding[]> {
  const quick = size !== 'full';
  const workers = availableParallelism();
  const engine = await startEngine();
  const env = accountEnv(engine, { SNOWFLAKE_POOL_MAX_SIZE: String(CLIENTS) });
  await using one = await startDaemon({ demo: false, workers: 1, env });
  await using all = await startDaemon({ demo: false, workers, env });
  const connections: DirectConnection[] = await Promise.all(
    Array.from({ length: CLIENTS }, () => connectDirect(engine.endpoint)),
  );
  const direct = connections.map((connection) => () => connection.query(STATEMENT));
  const [throughOne, throughAll] = [
    await mcpClients(one.url, CLIENTS, STATEMENT),
    await mcpClients(all.url, CLIENTS, STATEMENT),
  ];
  const [rounds, perCall] = quick ? [3, 100] : [7, 400];
  const contestants = (count: number): Contestant[] => [
    { name: '(a) driver, direct', calls: direct.slice(0, count) },
    { name: '(b) MCP, one worker', calls: throughOne.calls.slice(0, count) },
    { name: `(c) MCP, ${workers} workers`, calls: throughAll.calls.slice(0, count) },
  ];
  console.log(
    `Statement: ${STATEMENT}; ${rounds} rounds, interleaved, medians; engine in its own process; files in ${tmpdir()}`,
  );
  report('One client', await interleave(contestants(1), rounds, perCall));
  report(`${CLIENTS} clients`, await interleave(contestants(CLIENTS), rounds, Math.ceil(perCall / 4)));
  throughOne.close();
  throughAll.close();
  await Promise.all(connections.map((connection) => connection.close()));
  await engine.close();
  return [];
}
