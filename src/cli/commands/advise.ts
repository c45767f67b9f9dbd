/** `advise`: looks at the running service for a while and tells which pool, workers and memory would fit it. */
import { totalmem } from 'node:os';
import pc from 'picocolors';
import { openCgroup, usableProcessors } from '../../shared/cgroup.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { type Advice, advise, type LoadSample, type ServiceFacts } from '../advice.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { askStatus } from '../control-client.ts';
import { samplesOf, sumOf } from '../metric-samples.ts';
import { JSON_OPTION, plainTable } from '../plain-table.ts';
import { sampleFor } from '../sampling.ts';
import { wholeNumber } from '../values.ts';
import { askWorkerFor } from '../worker-client.ts';

interface AdviseArgs extends SharedArgs {
  readonly json: boolean;
  readonly duration: number | undefined;
}

interface Exported {
  readonly config: {
    readonly pool: { readonly min_size: number; readonly max_size: number };
    readonly workers: { readonly max_memory_restart: number };
  };
}

const DEFAULT_SECONDS = 15;
const MAX_SECONDS = 86_400;
const FIGURES = [
  'mcp_active_sessions',
  'mcp_db_connections_active',
  'mcp_memory_usage_bytes',
  'mcp_pool_waiting',
  'pool_connections_peak',
] as const;

export const adviseCommand: Command<AdviseArgs> = {
  words: 'advise',
  says: 'Looks at the running service for a while and tells which pool, workers and memory would fit it, and why',
  options: (yargs) =>
    yargs
      .options({
        duration: {
          coerce: wholeNumber('--duration', 1, MAX_SECONDS),
          default: DEFAULT_SECONDS,
          requiresArg: true,
          describe: 'Seconds to look; take a busy time',
        },
        json: JSON_OPTION,
      })
      .example('$0 advise --duration 3600', 'over a busy hour') as never,
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const seconds = args.duration ?? DEFAULT_SECONDS;
    const before = await factsOf(paths);
    const { samples, peak } = await look(paths, seconds, context);
    const facts = { ...before, poolPeak: peak };
    const advices = advise(samples, facts);
    if (args.json) {
      context.terminal.print(JSON.stringify({ seconds, samples: samples.length, facts, advice: advices }, null, 2));
    } else tell(advices, samples.length, seconds, context);
    return EXIT.ok;
  },
};

async function look(paths: DaemonPaths, seconds: number, context: Context) {
  const samples: LoadSample[] = [];
  let peak = 0;
  await sampleFor(seconds, `Looking at the service for ${seconds} s`, context, async () => {
    const { workers } = await askStatus(paths);
    const text = await askWorkerFor<string>(paths, { method: 'GET', path: '/metrics' });
    const figures = samplesOf(text, FIGURES);
    const most = (pick: (worker: (typeof workers)[number]) => number) => Math.max(0, ...workers.map(pick));
    peak = Math.max(peak, sumOf(figures, 'pool_connections_peak'));
    samples.push({
      sessions: sumOf(figures, 'mcp_active_sessions'),
      active: sumOf(figures, 'mcp_db_connections_active'),
      waiting: sumOf(figures, 'mcp_pool_waiting'),
      cpuPercent: most(({ cpuPercent }) => cpuPercent),
      ownBytes: Math.max(
        0,
        ...figures.filter(({ name }) => name === 'mcp_memory_usage_bytes').map(({ value }) => value),
      ),
      lagMs: most(({ lagMs }) => lagMs),
    });
  });
  return { samples, peak };
}

async function factsOf(paths: DaemonPaths): Promise<Omit<ServiceFacts, 'poolPeak'>> {
  const { workers } = await askStatus(paths);
  const { config } = await askWorkerFor<Exported>(paths, { method: 'GET', path: '/admin/export-state' });
  return {
    workers: workers.length,
    poolMin: config.pool.min_size,
    poolMax: config.pool.max_size,
    memoryLimitBytes: config.workers.max_memory_restart,
    processors: usableProcessors(),
    memoryBytes: Math.min(totalmem(), openCgroup().memoryMaxBytes() ?? Number.POSITIVE_INFINITY),
  };
}

function tell(advices: readonly Advice[], samples: number, seconds: number, { terminal }: Context): void {
  const rows = advices.map(({ key, now, advised, change, because }) => [
    key,
    now,
    change ? pc.yellow(advised) : pc.green('keep'),
    because,
  ]);
  terminal.print(plainTable(['key', 'now', 'advised', 'because'], rows));
  terminal.print(`From ${samples} samples in ${seconds} s and the peaks since the workers started.`);
  if (advices.some(({ change }) => change)) {
    terminal.note(
      'Next: change the keys in the configuration, `config check`, then `reload` (workers.count: `scale`).',
    );
  }
}
