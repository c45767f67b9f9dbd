/** `leak-check`: samples the memory of each worker for a while and tells whether it grows without end. */
import pc from 'picocolors';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { formatSize, parseSize } from '../../shared/units.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { askStatus } from '../control-client.ts';
import { type LeakVerdict, leakVerdict, type MemorySample } from '../leak-slope.ts';
import { samplesOf } from '../metric-samples.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';
import { sampleFor } from '../sampling.ts';
import { UsageError, wholeNumber } from '../values.ts';
import { askWorkerFor } from '../worker-client.ts';

interface LeakArgs extends SharedArgs {
  readonly json: boolean;
  readonly duration: number | undefined;
  readonly threshold: number;
}

interface Series {
  readonly worker: number;
  readonly pid: number;
  readonly samples: MemorySample[];
}

const MAX_SECONDS = 86_400;
const DEFAULT_SECONDS = 60;
const HEAP = 'nodejs_heap_size_used_bytes';

function size(value: unknown): number {
  const read = parseSize(String(value));
  if (read === undefined || read === 0)
    throw new UsageError(`--threshold takes a size such as 20M, not ${String(value)}`);
  return read;
}

export const leakCheckCommand: Command<LeakArgs> = {
  words: 'leak-check',
  says: 'Samples the memory of each worker and tells whether it grows without end (exit 1 when it does)',
  options: (yargs) =>
    yargs
      .options({
        duration: {
          coerce: wholeNumber('--duration', 5, MAX_SECONDS),
          default: DEFAULT_SECONDS,
          requiresArg: true,
          describe: 'Seconds to look; an hour under load tells most',
        },
        threshold: {
          coerce: size,
          default: '20M',
          requiresArg: true,
          describe: 'Growth per hour that is still no leak',
        },
        json: JSON_OPTION,
      })
      .example('$0 leak-check --duration 3600', 'for an hour, beside the usual load') as never,
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const seconds = args.duration ?? DEFAULT_SECONDS;
    const series = await sample(paths, seconds, context);
    const found = series.map((it) => ({ ...it, verdict: leakVerdict(it.samples, args.threshold) }));
    if (args.json) tellJson(found, seconds, args.threshold, context);
    else tellPeople(found, args.threshold, context);
    return found.some(({ verdict }) => verdict.word === 'leaking') ? EXIT.failed : (EXIT.ok as ExitCode);
  },
};

/** A worker that is replaced on the way is a series of its own. */
async function sample(paths: DaemonPaths, seconds: number, context: Context): Promise<Series[]> {
  const series = new Map<number, Series>();
  const title = `Sampling the memory of the workers for ${seconds} s`;
  await sampleFor(seconds, title, context, () => take(paths, series));
  return [...series.values()];
}

async function take(paths: DaemonPaths, series: Map<number, Series>): Promise<void> {
  const { workers } = await askStatus(paths);
  const text = await askWorkerFor<string>(paths, { method: 'GET', path: '/metrics' });
  const heaps = new Map(samplesOf(text, [HEAP]).map(({ labels, value }) => [labels.worker, value]));
  for (const { slot, pid, state, rssBytes } of workers) {
    if (state !== 'ready' || rssBytes === 0) continue;
    const one = series.get(pid) ?? { worker: slot, pid, samples: [] };
    one.samples.push({ atMs: performance.now(), rssBytes, heapBytes: heaps.get(String(slot)) ?? 0 });
    series.set(pid, one);
  }
}

type Judged = Series & { readonly verdict: LeakVerdict };

function tellJson(found: readonly Judged[], seconds: number, threshold: number, { terminal }: Context): void {
  const workers = found.map(({ worker, pid, samples, verdict }) => ({
    worker,
    pid,
    verdict: verdict.word,
    why: verdict.why,
    rss_bytes_per_hour: verdict.rss.bytesPerHour,
    rss_fit: verdict.rss.fit,
    heap_bytes_per_hour: verdict.heap.bytesPerHour,
    rise_bytes: verdict.riseBytes,
    samples: samples.length,
  }));
  terminal.print(JSON.stringify({ seconds, threshold_bytes_per_hour: threshold, workers }, null, 2));
}

const COLOURS = { leaking: pc.red, steady: pc.green, 'too short': pc.yellow } as const;
const signed = (bytes: number) => `${bytes < 0 ? '-' : '+'}${formatSize(Math.abs(bytes))}`;

function tellPeople(found: readonly Judged[], threshold: number, { terminal }: Context): void {
  const rows = found.map(({ worker, pid, samples, verdict }) => [
    worker,
    pid,
    formatSize(samples.at(-1)?.rssBytes ?? 0),
    `${signed(verdict.rss.bytesPerHour)}/h`,
    verdict.rss.fit.toFixed(2),
    `${signed(verdict.heap.bytesPerHour)}/h`,
    COLOURS[verdict.word](verdict.word),
    verdict.why,
  ]);
  terminal.print(plainTable(['worker', 'pid', 'rss', 'slope', 'fit', 'heap slope', 'verdict', 'why'], rows));
  terminal.print(`A leak is more than ${formatSize(threshold)} per hour on a line that fits.`);
  if (found.some(({ verdict }) => verdict.word === 'leaking')) {
    terminal.note(
      'Next: look longer to be sure (--duration 3600); runbooks/memory-leak.md. `reload` frees the memory meanwhile.',
    );
  }
}
