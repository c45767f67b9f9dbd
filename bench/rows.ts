/**
 * What the service adds to many rows: 100,000 rows of five columns through the official driver alone, through the query
 * service in one process, and as an MCP tools/call; and how it stops at 100 rows of 1,000,000. One embedded engine in a
 * process of its own for all.
 */
import { PassThrough } from 'node:stream';
import { type EmbeddedChild, startEmbeddedChild } from '../dist/shared/embedded-child.js';
import { createLog } from '../src/shared/log.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { connectDirect, type DirectConnection } from '../test/support/direct-driver.ts';
import { isGood, openSession } from '../test/support/load.ts';
import { ask, NEVER, testService } from '../test/support/query-service.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { writeResults } from './results.ts';
import { accountEnv } from './rounds.ts';
import { median, printTable, rangeText, ratioText, spread } from './stats.ts';

const ROWS = 100_000;
const MANY = 1_000_000;
const FIRST = 100;

function rowsOf(count: number): string {
  return `SELECT SEQ4() AS n, SEQ4() * 1.25 AS d, 'text ' || SEQ4() AS t, DATEADD(second, SEQ4(), '2026-01-01'::TIMESTAMP_NTZ) AS ts, MOD(SEQ4(), 2) = 0 AS b FROM TABLE(GENERATOR(ROWCOUNT => ${count}))`;
}

function account({ endpoint }: EmbeddedChild): Record<string, string> {
  return {
    account: endpoint.account,
    user: endpoint.user,
    access_url: endpoint.url,
    private_key: endpoint.privateKeyPem,
    authenticator: 'SNOWFLAKE_JWT',
  };
}

interface Contestant {
  readonly name: string;
  run(): Promise<void>;
}

async function interleave(contestants: readonly Contestant[], rounds: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (const { run } of contestants) await run();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contestants) {
      const before = performance.now();
      await run();
      times.get(name)?.push(performance.now() - before);
    }
  }
  return times;
}

/** Prints what was measured; the first contestant is what the others are measured against. */
function report(title: string, times: ReadonlyMap<string, readonly number[]>, limit?: number): Finding[] {
  const [[, first] = ['', []], ...others] = [...times];
  const base = median(first);
  console.log(`\n${title}`);
  printTable(
    ['path', 'median ms', 'ratio', 'spread'],
    [...times].map(([name, all]) => [
      name,
      median(all).toFixed(1),
      ratioText(median(all) / base),
      `±${(spread(all) * 100).toFixed(0)} %`,
    ]),
  );
  return others.map(([name, all]) => ({
    what: `${title}, ${name}; theirs: the driver alone`,
    ours: rangeText(all, 'ms'),
    theirs: rangeText(first, 'ms'),
    ratio: ratioText(median(all) / base),
    target: limit === undefined ? '' : `<= ${limit} x`,
    ...(limit === undefined ? {} : { isMet: median(all) / base <= limit }),
  }));
}

/** The most that resident memory grows while `work` runs, sampled every 5 ms. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  await work();
  clearInterval(timer);
  return Math.max(most, process.memoryUsage.rss()) - before;
}

export async function rows(quick: boolean): Promise<void> {
  const log = createLog({ level: 'error', format: 'text', stream: new PassThrough().resume() });
  const engine = await startEmbeddedChild({ log });
  const env = accountEnv(engine, { MAX_QUERY_RESULT_ROWS: String(MANY) });
  await using daemon = await startDaemon({ demo: false, workers: 1, env });
  const limits = { max_rows: MANY, max_result_bytes: '256M' };
  const { service } = testService({ snowflake: account(engine), limits });
  await service.warm();
  const direct: DirectConnection = await connectDirect(engine.endpoint);
  const session = await openSession(daemon.url);
  const call = async (query: string, limit: number) => {
    const answer = await session.call('execute_query', { query, limit, format: 'csv' });
    if (!isGood(answer) || !answer.body.includes(`"row_count":${limit}`))
      throw new Error(`call failed: ${answer.status} ${answer.body.slice(0, 200)}`);
  };
  const served = async (query: string, maxRows: number, expected: number) => {
    const result = await service.run(ask(query, { maxRows }), NEVER);
    if (result.rows.length !== expected) throw new Error(`${result.rows.length} rows`);
  };
  const rounds = quick ? 3 : 7;
  const all = rowsOf(ROWS);
  const findings = report(
    `${ROWS} rows of 5 columns`,
    await interleave(
      [
        { name: '(a) driver, direct', run: () => direct.rows(all, ROWS) },
        { name: '(b) query service', run: () => served(all, ROWS, ROWS) },
        { name: '(c) MCP, csv', run: () => call(all, ROWS) },
      ],
      rounds,
    ),
    1.3,
  );
  const many = rowsOf(MANY);
  const stopped = report(
    `The first ${FIRST} of ${MANY} rows`,
    await interleave(
      [
        { name: '(a) driver, direct, stopped', run: () => direct.rows(many, FIRST) },
        { name: '(b) query service', run: () => served(many, FIRST, FIRST) },
        { name: '(c) MCP', run: () => call(many, FIRST) },
      ],
      rounds,
    ),
  );
  const grown = await growth(() => served(many, FIRST, FIRST));
  console.log(
    `\nResident memory grew by ${(grown / 1024 ** 2).toFixed(1)} MiB while the service read ${FIRST} of ${MANY} rows`,
  );
  const growing: Finding = {
    what: `resident memory, the service reading ${FIRST} of ${MANY} rows`,
    ours: `grew by ${(grown / 1024 ** 2).toFixed(1)} MiB`,
    theirs: '',
    ratio: '',
    target: '< 30 MiB',
    isMet: grown < 30 * 1024 ** 2,
  };
  const method = [
    'In turns on one embedded engine in a process of its own; medians, in brackets the least and the most.',
  ];
  const table = [...findings, ...stopped, growing];
  if (!quick) writeResults('rows', { method, head: FINDING_HEAD, rows: table.map(findingCells) });
  session.close();
  await direct.close();
  await service.close(2000);
  await engine.close();
}
