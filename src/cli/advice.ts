/**
 * What would fit a service better, from what it was seen doing: connections, workers, memory. Pure.
 *
 * The rules of thumb are the documented ones: at least half as many connections as users, at most one and a half times
 * the peak; both are of the whole service and are divided among the workers, since each has a pool of its own.
 */

export interface LoadSample {
  readonly sessions: number;
  readonly active: number;
  readonly waiting: number;
  /** Of the busiest worker, 0 to 100. */
  readonly cpuPercent: number;
  /** Of the largest worker, what its limit counts. */
  readonly ownBytes: number;
  readonly lagMs: number;
}

export interface ServiceFacts {
  readonly workers: number;
  readonly poolMin: number;
  readonly poolMax: number;
  /** Connections lent at once at the worst, of all workers since they started. */
  readonly poolPeak: number;
  readonly memoryLimitBytes: number;
  readonly processors: number;
  /** Of the machine or its control group. */
  readonly memoryBytes: number;
}

export interface Advice {
  readonly key: string;
  readonly now: string;
  readonly advised: string;
  readonly change: boolean;
  readonly because: string;
}

const BUSY_PERCENT = 70;
const IDLE_PERCENT = 10;
const MB = 1024 * 1024;
const STEP_BYTES = 50 * MB;
const MEMORY_ROOM = 1.5;
/** Of the memory of the machine that the workers may take at their limits. */
const MEMORY_SHARE = 0.8;
/** With one worker a crash is an outage. */
const LEAST_WORKERS = 2;

export function advise(samples: readonly LoadSample[], facts: ServiceFacts): Advice[] {
  const most = (pick: (sample: LoadSample) => number) => Math.max(0, ...samples.map(pick));
  const mean = (pick: (sample: LoadSample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / Math.max(1, samples.length);
  return [
    poolMax(
      most(({ active, waiting }) => active + waiting),
      facts,
    ),
    poolMin(
      most(({ sessions }) => sessions),
      facts,
    ),
    workers(
      mean(({ cpuPercent }) => cpuPercent),
      most(({ lagMs }) => lagMs),
      facts,
    ),
    memory(
      most(({ ownBytes }) => ownBytes),
      facts,
    ),
  ];
}

function advice(key: string, now: string, advised: string, because: string): Advice {
  return { key, now, advised, change: now !== advised, because };
}

const share = (all: number, workers: number) => Math.ceil(all / Math.max(1, workers));

function poolMax(wanted: number, facts: ServiceFacts): Advice {
  const peak = Math.max(facts.poolPeak, wanted);
  const now = String(facts.poolMax);
  if (peak === 0) return advice('pool.max_size', now, now, 'no statement has run: there is no peak to go by');
  const value = Math.max(1, facts.poolMin, share(peak * 1.5, facts.workers));
  const because = `peak of ${peak} connections at once x 1.5, divided among ${facts.workers} workers`;
  return advice('pool.max_size', now, String(value), because);
}

function poolMin(users: number, facts: ServiceFacts): Advice {
  const now = String(facts.poolMin);
  if (users === 0) return advice('pool.min_size', now, now, 'nobody was there: there are no users to go by');
  const value = Math.min(share(users / 2, facts.workers), facts.poolMax);
  const because = `${users} users at once / 2, divided among ${facts.workers} workers, at most pool.max_size`;
  return advice('pool.min_size', now, String(value), because);
}

function workers(cpuPercent: number, lagMs: number, { workers: count, processors }: ServiceFacts): Advice {
  const now = String(count);
  const load = `the busiest worker used ${cpuPercent.toFixed(0)}% of a processor, lag at most ${lagMs.toFixed(0)} ms`;
  if (cpuPercent > BUSY_PERCENT && count < processors) {
    const value = Math.min(processors, Math.ceil((count * cpuPercent) / BUSY_PERCENT));
    return advice('workers.count', now, String(value), `${load}; there are ${processors} processors`);
  }
  if (cpuPercent > BUSY_PERCENT) {
    return advice('workers.count', now, now, `${load}, but all ${processors} processors are in use: a second machine`);
  }
  if (count > processors) {
    return advice('workers.count', now, String(processors), `more workers than processors (${processors}) only wait`);
  }
  if (cpuPercent < IDLE_PERCENT && count > LEAST_WORKERS) {
    return advice('workers.count', now, String(LEAST_WORKERS), `${load}; two are enough to lose one`);
  }
  return advice('workers.count', now, now, load);
}

function memory(ownBytes: number, { memoryLimitBytes, memoryBytes, workers: count }: ServiceFacts): Advice {
  const megabytes = (bytes: number) => `${Math.round(bytes / MB)}M`;
  const now = megabytes(memoryLimitBytes);
  const wanted = Math.ceil((ownBytes * MEMORY_ROOM) / STEP_BYTES) * STEP_BYTES;
  const fits = Math.floor((memoryBytes * MEMORY_SHARE) / Math.max(1, count) / STEP_BYTES) * STEP_BYTES;
  const peak = `the largest worker had ${megabytes(ownBytes)} of its own`;
  if (wanted > memoryLimitBytes) {
    const value = Math.max(STEP_BYTES, Math.min(wanted, fits));
    return advice('workers.max_memory_restart', now, megabytes(value), `${peak}; x ${MEMORY_ROOM} leaves room`);
  }
  if (memoryLimitBytes > fits && fits >= wanted) {
    const because = `${count} workers at their limit would take more than ${MEMORY_SHARE * 100}% of ${megabytes(memoryBytes)}`;
    return advice('workers.max_memory_restart', now, megabytes(fits), because);
  }
  return advice('workers.max_memory_restart', now, now, `${peak}, which leaves room`);
}
