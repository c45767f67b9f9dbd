/**
 * What calls pay for a log under load: the same daemon in turns at rest and while its workers write 10,000 further lines
 * a second (bench/log-pump.mjs), with the files alone and with standard output beside them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { samples, startDaemon, sum } from '../test/support/daemon.ts';
import { startEngine } from './engine.ts';
import { FINDING_HEAD, type Finding, findingCells } from './finding.ts';
import { familyOf } from './process-figures.ts';
import { writeFindings } from './results.ts';
import { accountEnv, interleave, mcpClients } from './rounds.ts';
import { type Size, sized } from './size.ts';
import { median, printTable, rangeText, ratioText, type Summary } from './stats.ts';

const WORKERS = 2;
const LINES_PER_SECOND = 10_000;
const STATEMENT = 'SELECT 1 AS N';
const MOST = 1.05;
const PUMP = fileURLToPath(new URL('./log-pump.mjs', import.meta.url));
const METHOD = [
  `\`${STATEMENT}\` on one embedded engine, ${WORKERS} workers, one client. Short rounds in turns: at rest, and while each worker`,
  `writes ${LINES_PER_SECOND / WORKERS} lines a second through a log like its own (300 bytes, redacted, JSON), which the primary writes to`,
  'worker-N.log and application.log, rotates and compresses; with standard output it writes each there as well. Medians over',
  'rounds; the ratio is the median of those of each round.',
];

interface Round {
  readonly quiet: Summary;
  readonly loud: Summary;
}

interface Lines {
  readonly perSecond: number;
  readonly dropped: number;
}

/** The file that sets the pumps going, and what they have written. */
function pumps() {
  const dir = mkdtempSync(join(tmpdir(), 'log-pump-'));
  const file = join(dir, 'rate');
  return {
    file,
    set: (perSecond: number) => writeFileSync(file, String(perSecond / WORKERS)),
    written: () =>
      readdirSync(dirname(file))
        .filter((name) => name.startsWith(`${basename(file)}.`))
        .reduce((all, name) => all + Number(readFileSync(join(dir, name), 'utf8')), 0),
    close: () => rmSync(dir, { recursive: true }),
  };
}

async function measure(stdout: boolean, size: Size): Promise<Finding[]> {
  const [rounds, calls] = sized<[number, number]>(size, { quick: [3, 40], short: [20, 100], full: [60, 150] });
  const pump = pumps();
  const engine = await startEngine();
  try {
    const env = accountEnv(engine, {
      LOG_STDOUT: String(stdout),
      LOG_PUMP: pump.file,
      NODE_OPTIONS: `--import=${PUMP}`,
    });
    await using daemon = await startDaemon({ demo: false, workers: WORKERS, env });
    const clients = await mcpClients(daemon.url, 1, STATEMENT);
    const contestant = { name: 'calls', calls: clients.calls, pids: familyOf(daemon.pid) };
    const once = async () => (await interleave([contestant], 1, calls)).get('calls')?.[0] as Summary;
    const found: Round[] = [];
    let loudMs = 0;
    for (let round = 0; round < rounds; round += 1) {
      pump.set(0);
      const quiet = await once();
      pump.set(LINES_PER_SECOND);
      const startedAt = performance.now();
      found.push({ quiet, loud: await once() });
      loudMs += performance.now() - startedAt;
    }
    pump.set(0);
    const dropped = sum(samples(await daemon.metrics(), 'mcp_log_lines_dropped_total'));
    const lines = { dropped, perSecond: (pump.written() * 1000) / loudMs };
    clients.close();
    return findings(stdout ? 'files and standard output' : 'files', found, lines);
  } finally {
    await engine.close();
    pump.close();
  }
}

function findings(where: string, rounds: readonly Round[], lines: Lines): Finding[] {
  const about = `${LINES_PER_SECOND} log lines/s, ${where}`;
  const row = (what: string, of: (summary: Summary) => number, digits = 2): Finding & { by: number } => {
    const by = median(rounds.map(({ quiet, loud }) => of(loud) / of(quiet)));
    const text = (side: 'quiet' | 'loud') =>
      rangeText(
        rounds.map((round) => of(round[side])),
        'ms',
        digits,
      );
    return { what, ours: text('loud'), theirs: text('quiet'), ratio: ratioText(by), target: '', by };
  };
  const { by, ...p50 } = row(`tools/call beside ${about}, p50; theirs: without them`, ({ p50: ms }) => ms);
  const rows = [
    { ...p50, target: `<= ${MOST} x`, isMet: by <= MOST },
    row(`p99 beside ${about}`, ({ p99 }) => p99),
    row(`CPU of the daemon for each call beside ${about}`, ({ cpuMs }) => cpuMs),
    {
      what: `tools/call beside ${about}: lines dropped`,
      ours: `${lines.dropped}; ${lines.perSecond.toFixed(0)} lines/s were written`,
      theirs: '',
      ratio: '',
      target: '0',
      isMet: lines.dropped === 0,
    },
  ];
  return rows.map(({ what, ours, theirs, ratio, target, ...more }) => ({
    what,
    ours,
    theirs,
    ratio,
    target,
    ...('isMet' in more ? { isMet: more.isMet } : {}),
  }));
}

export async function logs(size: Size): Promise<Finding[]> {
  for (const line of METHOD) console.log(line);
  const found = [...(await measure(false, size)), ...(await measure(true, size))];
  printTable(FINDING_HEAD, found.map(findingCells));
  if (size !== 'quick') writeFindings('logs', METHOD, found);
  return found;
}
