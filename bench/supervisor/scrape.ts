/** One scrape of a cluster whose workers hold 500 series each, while all run and while one is stopped (SIGSTOP). */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../test/support/eventually.ts';
import type { Finding } from '../finding.ts';
import { median, percentile, ratioText } from '../stats.ts';
import { freePort, SETTINGS } from './contestant.ts';
import { Ours } from './ours.ts';

const WORKERS = 4;
const SERIES = 500;

interface Scrape {
  readonly ms: number;
  readonly status: number;
  readonly series: number;
}

async function scrape(url: string): Promise<Scrape> {
  const begun = performance.now();
  const response = await fetch(url);
  const text = await response.text();
  const series = text.split('\n').filter((line) => line.startsWith('mcp_requests_total{')).length;
  return { ms: performance.now() - begun, status: response.status, series };
}

async function scrapes(url: string, count: number): Promise<Scrape[]> {
  const all: Scrape[] = [];
  for (let index = 0; index < count; index += 1) all.push(await scrape(url));
  return all;
}

function text(all: readonly Scrape[]): string {
  const times = all.map(({ ms }) => ms).sort((a, b) => a - b);
  const whole = all.filter(({ status, series }) => status === 200 && series >= SERIES).length;
  return `p50 ${median(times).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms, complete ${whole} of ${all.length}`;
}

function p99(all: readonly Scrape[]): number {
  return percentile(
    all.map(({ ms }) => ms).sort((a, b) => a - b),
    0.99,
  );
}

async function startAggregator(): Promise<{ url: string; pids: number[]; child: ChildProcess }> {
  const port = await freePort();
  const program = fileURLToPath(new URL('./aggregator.mjs', import.meta.url));
  const child = fork(program, [WORKERS, SERIES, port].map(String), { execArgv: [] });
  const [{ pids }] = (await once(child, 'message')) as [{ pids: number[] }];
  return { url: `http://127.0.0.1:${port}/metrics`, pids, child };
}

export async function scrapeBench(quick: boolean): Promise<Finding[]> {
  const ours = await Ours.make({ ...SETTINGS, workers: WORKERS });
  const theirs = await startAggregator();
  const counts = quick ? { running: 50, stopped: 50, hanging: 1 } : { running: 400, stopped: 400, hanging: 4 };
  try {
    ours.plan({ series: SERIES });
    await ours.start();
    for (const url of [ours.metricsUrl, theirs.url]) {
      await eventually(async () => (await scrape(url)).series >= SERIES, { what: `${url} has all series` });
    }
    const running = [
      await scrapes(ours.metricsUrl, counts.running),
      await scrapes(theirs.url, counts.running),
    ] as const;
    const stopped = [(await ours.status()).workers[0]?.pid ?? 0, theirs.pids[0] ?? 0];
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    const halted = [await scrapes(ours.metricsUrl, counts.stopped), await scrapes(theirs.url, counts.hanging)] as const;
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    const what = `scrape, ${WORKERS} workers x ${SERIES} series`;
    return [
      {
        what: `${what}, all run; theirs: prom-client AggregatorRegistry`,
        ours: text(running[0]),
        theirs: text(running[1]),
        ratio: ratioText(p99(running[0]) / p99(running[1])),
        target: '',
      },
      {
        what: `${what}, one stopped; theirs: prom-client AggregatorRegistry`,
        ours: text(halted[0]),
        theirs: text(halted[1]),
        ratio: ratioText(p99(halted[0]) / p99(halted[1])),
        target: 'p99 < 10 ms, complete',
        isMet: p99(halted[0]) < 10 && halted[0].every(({ status, series }) => status === 200 && series >= SERIES),
      },
    ];
  } finally {
    await ours.close();
    theirs.child.disconnect();
    await once(theirs.child, 'exit');
  }
}
