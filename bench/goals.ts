/** What this package has to reach: each row with the bench that measures it and the findings that show it. */
import type { BenchName } from './benches.ts';
import type { Finding } from './finding.ts';

export interface Goal {
  readonly what: string;
  readonly against: string;
  readonly target: string;
  readonly bench: BenchName;
  /** The `what` of its findings. */
  readonly shownBy: RegExp;
}

export const GOALS: readonly Goal[] = [
  {
    what: 'tools/call latency, 1 client, engine delay 40 ms',
    against: 'snowflake-sdk called directly on the embedded engine',
    target: 'p50 <= 1.05 x, p99 <= 1.2 x',
    bench: 'latency',
    shownBy: /^tools\/call, engine delay/,
  },
  {
    what: 'tools/call latency, 1 client, no delay',
    against: 'what the bare SDK server adds to the direct call',
    target: '<= 1.2 x',
    bench: 'latency',
    shownBy: /^time added to the direct call/,
  },
  {
    what: 'GET /healthz of a worker that serves',
    against: 'itself',
    target: 'p99 < 5 ms',
    bench: 'latency',
    shownBy: /^GET \/healthz/,
  },
  {
    what: 'tools/call throughput, 64 clients, all workers',
    against: 'node:cluster and the SDK server with the same tool',
    target: '>= 0.9 x',
    bench: 'throughput',
    shownBy: /^tools\/call, \d+ clients/,
  },
  {
    what: 'tools/list, initialize',
    against: 'the same',
    target: '>= 2 x',
    bench: 'throughput',
    shownBy: /^(tools\/list|initialize), \d+ clients/,
  },
  {
    what: 'tools/call of 2026-07-28',
    against: 'createMcpHandler used plainly',
    target: '>= 1.5 x',
    bench: 'era',
    shownBy: /^tools\/call of 2026-07-28/,
  },
  {
    what: '100,000 rows to the client in pages of 10,000',
    against: 'the driver alone',
    target: '<= 1.3 x time, RSS growth < 40 MB',
    bench: 'rows',
    shownBy: /in pages of 10000/,
  },
  {
    what: '1,000,000 rows, limit 100',
    against: 'the driver alone reading 100',
    target: '<= 2 x, RSS growth < 30 MB',
    bench: 'rows',
    shownBy: /100 of \d+ rows/,
  },
  {
    what: 'SIGKILL of a worker to slot serving, equal restart_delay',
    against: 'PM2 cluster, same program',
    target: '<= 1.1 x; with spare <= 0.1 x',
    bench: 'supervisor',
    shownBy: /^SIGKILL to serving, (restart_delay 500|workers.spare 1, PM2 with restart_delay 500)/,
  },
  {
    what: 'rolling reload under load',
    against: 'PM2 reload',
    target: '0 failed of >= 20,000',
    bench: 'supervisor',
    shownBy: /^failed requests, \d+ reloads, .*(keep-alive|each request)$/,
  },
  {
    what: 'cold start to ready, 2 workers, no daemon running',
    against: 'PM2 start of the same program',
    target: '<= 0.8 x',
    bench: 'supervisor',
    shownBy: /^start command, no daemon running/,
  },
  {
    what: 'scrape, 4 workers x 500 series, one worker stopped',
    against: 'prom-client AggregatorRegistry',
    target: 'p99 < 10 ms, complete',
    bench: 'supervisor',
    shownBy: /^scrape, .*one stopped/,
  },
  {
    what: 'idle memory of the primary',
    against: 'the PM2 daemon',
    target: '<= 1.0 x',
    bench: 'supervisor',
    shownBy: /^RSS of the supervising process at rest, after the start/,
  },
  {
    what: 'idle memory of a worker',
    against: 'a bare worker with the same imports',
    target: '<= 1.15 x',
    bench: 'worker-memory',
    shownBy: /^RSS of an idle worker/,
  },
  {
    what: '10,000 idle sessions',
    against: 'SDK transports held in memory',
    target: '<= 0.2 x bytes per session, <= 30 KB',
    bench: 'idle-sessions',
    shownBy: /^memory of each of \d+ idle sessions/,
  },
  {
    what: 'cost of growth: sessions 100 -> 10,000, series x 10, workers 1 -> 8',
    against: 'itself',
    target: 'calls/s falls < 10 %',
    bench: 'growth',
    shownBy: /^calls\/s, /,
  },
  {
    what: '10,000 log lines/s from the workers, in files of their own, and on standard output too',
    against: 'itself without them',
    target: 'time of tools/call <= 1.05 x, no line dropped',
    bench: 'logs',
    shownBy: /^tools\/call beside \d+ log lines\/s/,
  },
  {
    what: 'soak, mixed load with errors, cancels and reloads',
    against: 'itself',
    target: 'RSS slope < 1 MB/min after warm-up, 0 unexpected errors',
    bench: 'soak',
    shownBy: /^soak, /,
  },
  {
    what: 'overload: 10 x the sustainable rate',
    against: 'itself',
    target: 'goodput >= 0.9 of peak, the rest 429/503 in < 50 ms, recovers in 2 s',
    bench: 'overload',
    shownBy: /^overload, /,
  },
];

/** Those that none of the findings shows. */
export function goalsNotShown(found: ReadonlyMap<string, readonly Finding[]>): Goal[] {
  return GOALS.filter(({ bench, shownBy }) => !(found.get(bench) ?? []).some(({ what }) => shownBy.test(what)));
}
