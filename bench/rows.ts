/**
 * What the service adds to many rows: 100,000 rows of five columns through the official driver alone in a process, through
 * the query service in one, and as an MCP tools/call; and how it stops at 100 rows of 1,000,000. One embedded engine in a
 * process of its own for all.
 */
import type { EmbeddedChild } from '../src/shared/embedded-child.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { isGood, openSession, type RawSession } from '../test/support/load.ts';
import { ask, NEVER, testService } from '../test/support/query-service.ts';
import { startDriver } from './driver-alone.ts';
import { startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { familyOf, residentMib } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { accountEnv } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText, spread } from './stats.ts';

const ROWS = { quick: 20_000, short: 100_000, full: 100_000 };
const MANY = { quick: 100_000, short: 1_000_000, full: 1_000_000 };
const FIRST = 100;
const PAGE = 10_000;

const METHOD = [
  'In turns on one embedded engine in a process of its own; medians, in brackets the least and the most. Memory is the resident',
  'memory of the primary and its worker, looked at every 10 ms, each time after the same work was done before.',
];

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

/** Prints what was measured; the first contestant is what the others are measured against, the last one has the limit. */
function report(title: string, times: ReadonlyMap<string, readonly number[]>, limit: number): Finding[] {
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
    target: `<= ${limit} x`,
    isMet: median(all) / base <= limit,
  }));
}

/** The most that the resident memory of the serving processes grows while `work` runs, in MiB. */
async function growth(pids: readonly number[], work: () => Promise<void>): Promise<number> {
  const before = residentMib(pids);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentMib(pids));
  }, 10);
  await work();
  clearInterval(timer);
  return Math.max(most, residentMib(pids)) - before;
}

function growthFinding(what: string, grownMib: readonly number[], limit: number): Finding {
  return {
    what: `memory, ${what}`,
    ours: `grew by ${rangeText(grownMib, 'MiB')}`,
    theirs: '',
    ratio: '',
    target: `< ${limit} MiB`,
    isMet: median(grownMib) < limit,
  };
}

/** A client that submits the statement and takes its rows page by page. */
async function readPages(session: RawSession, query: string, count: number): Promise<void> {
  const ask = async (name: string, args: Record<string, unknown>) => {
    const answer = await session.call(name, args);
    if (!isGood(answer)) throw new Error(`${name} failed: ${answer.status} ${answer.body.slice(0, 300)}`);
    return (JSON.parse(answer.body) as { result: { structuredContent: Record<string, unknown> } }).result
      .structuredContent;
  };
  const { query_id } = await ask('query_submit', { query });
  let [rows, cursor] = [0, undefined as unknown];
  do {
    const page = await ask('query_result', {
      query_id,
      page_size: PAGE,
      format: 'csv',
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows += Number(page.row_count);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  if (rows !== count) throw new Error(`${rows} rows, not ${count}`);
}

async function times(count: number, work: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let round = 0; round < count; round++) all.push(await work());
  return all;
}

export async function rows(size: Size): Promise<Finding[]> {
  const [count, large] = [sized(size, ROWS), sized(size, MANY)];
  const engine = await startEngine();
  const env = accountEnv(engine, { MAX_QUERY_RESULT_ROWS: String(large) });
  await using daemon = await startDaemon({ demo: false, workers: 1, env });
  const limits = { max_rows: large, max_result_bytes: '256M' };
  const { service } = testService({ snowflake: account(engine), limits });
  await service.warm();
  const direct = await startDriver({ endpoint: engine.endpoint });
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
  const rounds = sized(size, { quick: 1, short: 5, full: 7 });
  const [all, many] = [rowsOf(count), rowsOf(large)];
  const pids = familyOf(daemon.pid);
  const whole = [
    { name: '(a) driver, direct', run: () => direct.rows(all, count) },
    ...(size === 'quick'
      ? []
      : [
          { name: '(b) query service', run: () => served(all, count, count) },
          { name: '(c) MCP, csv, in one answer', run: () => call(all, count) },
        ]),
    { name: `(d) MCP, csv, in pages of ${PAGE}`, run: () => readPages(session, all, count) },
  ];
  const first = [
    { name: '(a) driver, direct, stopped', run: () => direct.rows(many, FIRST) },
    { name: '(b) query service', run: () => served(many, FIRST, FIRST) },
    { name: '(c) MCP', run: () => call(many, FIRST) },
  ];
  const findings = report(`${count} rows of 5 columns`, await interleave(whole, rounds), 1.3);
  const paged = await times(rounds, () => growth(pids, () => readPages(session, all, count)));
  findings.push(growthFinding(`${count} rows through MCP in pages of ${PAGE}`, paged, 40));
  findings.push(...report(`The first ${FIRST} of ${large} rows`, await interleave(first, rounds), 2));
  const stopped = await times(rounds, () => growth(pids, () => call(many, FIRST)));
  findings.push(growthFinding(`the first ${FIRST} of ${large} rows through MCP`, stopped, 30));
  printTable(FINDING_HEAD, findings.map(findingCells));
  if (size !== 'quick') writeFindings('rows', METHOD, findings);
  session.close();
  direct.close();
  await service.close(2000);
  await engine.close();
  return findings;
}
