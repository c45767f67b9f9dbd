/** The limits of the fleet, from the configuration. */
import type { Config } from '../shared/config/schema.ts';
import { formatSize } from '../shared/units.ts';
import type { FleetLimits } from './rules/fleet-state.ts';
import type { RestartLimits } from './rules/restart.ts';

const MIB = 1024 * 1024;
/** Looks are 500 ms apart; a longer pause than this means that the primary slept. */
const SLEEP_MS = 2000;
const GIVE_UP_MS = 5000;
const BACKOFF_RESET_MS = 30_000;
const REPLACE_RETRY_MS = 60_000;
const OPEN_MS = 10_000;
/** Until all workers were ready once: a version that cannot boot is told after so many tries, within seconds. */
const FIRST_TRIES = 3;
const FIRST_PAUSE_MS = 250;
/** First pause between starts when more workers end than may. */
const STORM_PAUSE_MS = 1000;
/** Failures that are not twice as far apart on average are one crash loop, however short min_uptime is. */
const LEAST_LOOP_GAP_MS = 5000;

/** Above this a worker is killed at once. */
const hardBytesOf = (workers: Config['workers']) => workers.max_memory_restart * workers.max_memory_kill;

export function fleetLimits(config: Pick<Config, 'workers' | 'server'>, slots: number): FleetLimits {
  const { workers, server } = config;
  const longestDelayMs = Math.max(
    workers.restart_delay,
    workers.exp_backoff_restart_delay > 0 ? workers.exp_backoff_max : 0,
  );
  const loopGapMs = Math.max(LEAST_LOOP_GAP_MS, workers.min_uptime + longestDelayMs);
  const drainMs = workers.kill_timeout + server.lame_duck;
  const restart: RestartLimits = {
    autorestart: workers.autorestart,
    stopExitCodes: workers.stop_exit_codes.map(Number).filter(Number.isInteger),
    minUptimeMs: workers.min_uptime,
    maxRestarts: workers.max_restarts,
    windowMs: 2 * loopGapMs * Math.max(1, workers.max_restarts),
    erroredRetryMs: workers.errored_retry,
    backoffResetMs: BACKOFF_RESET_MS,
    backoff: {
      baseMs: workers.exp_backoff_restart_delay,
      capMs: workers.exp_backoff_max,
      fixedMs: workers.restart_delay,
      jitter: workers.backoff_jitter,
    },
  };
  return {
    health: { suspectMs: workers.hang_suspect, killMs: workers.hang_kill, sleepMs: SLEEP_MS },
    memory: {
      softBytes: workers.max_memory_restart,
      hardBytes: hardBytesOf(workers),
    },
    check: {
      isOn: workers.health_check_url.length > 0,
      graceMs: workers.health_check_grace_period,
      isFatal: workers.health_check_fatal,
    },
    lifetime: {
      maxRequests: workers.max_requests,
      maxMs: workers.max_lifetime,
      jitter: workers.lifetime_jitter,
    },
    giveUpMs: GIVE_UP_MS,
    openMs: OPEN_MS,
    soakMs: workers.reload_soak,
    chooseMs: workers.hang_kill + drainMs + workers.listen_timeout,
    listenMs: workers.listen_timeout,
    drainMs,
    hangSurge: Math.max(1, Math.floor(slots / 2)),
    replaceRetryMs: REPLACE_RETRY_MS,
    spares: workers.spare > 0 ? 1 : 0,
    intensity: {
      max: workers.max_restarts_total,
      windowMs: workers.restart_window,
      spacing: {
        baseMs: STORM_PAUSE_MS,
        capMs: workers.exp_backoff_max,
        fixedMs: 0,
        jitter: workers.backoff_jitter,
      },
    },
    restart,
    firstStart: {
      ...restart,
      maxRestarts: Math.min(FIRST_TRIES, workers.max_restarts),
      backoff: { ...restart.backoff, baseMs: FIRST_PAUSE_MS },
    },
  };
}

/**
 * V8 lets a heap grow up to fourfold between collections when it may become large, and by half when it may not. A heap
 * of the hard limit is above it with the rest of its process, so that the supervisor ends a worker before V8 does.
 */
export function heapMib({ workers }: Pick<Config, 'workers'>): number {
  return Math.ceil(hardBytesOf(workers) / MIB);
}

/** @param available processors this process may use */
export function workerCountOf(count: Config['workers']['count'], available: number): number {
  if (count === 'max') return Math.max(1, available);
  return count > 0 ? count : Math.max(1, available + count);
}

/** @returns what to tell when all processes at their hard limit would not fit into the control group, or the machine */
export function memoryWarning(
  { workers }: Pick<Config, 'workers'>,
  count: number,
  room: { readonly groupBytes: number | undefined; readonly machineBytes: number },
): string | undefined {
  const hardBytes = hardBytesOf(workers);
  const processes = count + workers.spare;
  const { groupBytes = Number.POSITIVE_INFINITY, machineBytes } = room;
  const bytes = Math.min(groupBytes, machineBytes);
  if (processes * hardBytes <= bytes) return undefined;
  const [whose, more] =
    groupBytes < machineBytes ? ['control group', 'the group more'] : ['machine', 'the machine more memory'];
  return (
    `${processes} workers of up to ${formatSize(hardBytes)} each do not fit into the ${formatSize(bytes)} of this ` +
    `${whose}: lower workers.count or workers.max_memory_restart, or give ${more}`
  );
}
