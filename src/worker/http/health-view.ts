/**
 * What /health and its fellows say: figures of the whole cluster, from the fleet message and this worker's own state.
 *
 * `unhealthy` (503) means that another worker should be asked: this one drains. Snowflake being down is `degraded`:
 * no restart would help, and sessions and errors are still served.
 */
import type { Clock } from '../../shared/clock.ts';
import type { FleetWorker, PoolFigures } from '../../shared/ipc.ts';
import type { FleetView } from '../session/fleet-view.ts';
import type { DetailedHealthView, HealthView, HealthzView, StatusView } from './api-views.ts';

/** This worker's figures now. */
export interface OwnFigures {
  readonly snowflake: 'healthy' | 'unhealthy' | 'unknown';
  readonly pool: PoolFigures;
  readonly sessions: number;
  readonly webSockets: number;
  readonly requests: number;
  readonly lagMs: number;
  readonly elu: number;
}

export interface HealthSources {
  readonly version: string;
  /** -1 while it is the spare. */
  slot(): number;
  /** Wall clock of the daemon's start. */
  readonly startedAtMs: number;
  readonly memoryLimitBytes: number;
  readonly toolNames: readonly string[];
  readonly clock: Clock;
  readonly fleet: FleetView;
  own(): OwnFigures;
  storeKind(): 'shared' | 'memory';
  /** Why sessions made now end with their worker; undefined while the shared store works. */
  storeFault(): string | undefined;
  /** False from the start of the lame duck time on. */
  isReady(): boolean;
}

type Figures = OwnFigures | NonNullable<FleetWorker['beat']>;

function cluster(sources: HealthSources) {
  const own = sources.own();
  const others = sources.fleet
    .workers()
    .filter((worker) => worker.incarnation !== sources.fleet.incarnation)
    .flatMap((worker) => (worker.beat === undefined ? [] : [worker.beat]));
  const all: readonly Figures[] = [own, ...others];
  const sum = (pick: (figures: Figures) => number) => all.reduce((total, figures) => total + pick(figures), 0);
  const most = (pick: (figures: Figures) => number) => all.reduce((top, figures) => Math.max(top, pick(figures)), 0);
  const words = new Set(all.map((figures) => figures.snowflake));
  const worst = words.has('unhealthy') ? ('unhealthy' as const) : ('unknown' as const);
  const snowflake = words.has('healthy') ? ('healthy' as const) : worst;
  const pool = {
    active: sum((figures) => figures.pool.active),
    idle: sum((figures) => figures.pool.idle),
    total: sum((figures) => figures.pool.total),
    max: sum((figures) => figures.pool.max),
    waiting: sum((figures) => figures.pool.waiting),
    oldest_wait_ms: Math.round(most((figures) => figures.pool.oldestWaitMs)),
  };
  return {
    snowflake,
    pool: { status: pool.waiting > 0 ? ('saturated' as const) : ('healthy' as const), ...pool },
    sessions: sum((figures) => figures.sessions),
    webSockets: sum((figures) => figures.webSockets ?? 0),
    requests: sum((figures) => figures.requests),
    lagMs: Math.round(most((figures) => figures.lagMs)),
    elu: Number(most((figures) => figures.elu).toFixed(3)),
  };
}

function statusOf(sources: HealthSources, snowflake: string): HealthView['status'] {
  if (!sources.isReady()) return 'unhealthy';
  if (sources.fleet.isInMaintenance()) return 'degraded';
  return snowflake === 'unhealthy' || sources.storeKind() === 'memory' ? 'degraded' : 'healthy';
}

const uptimeSeconds = (sources: HealthSources) =>
  Math.max(0, Math.round((sources.clock.wall().getTime() - sources.startedAtMs) / 1000));

export function healthView(sources: HealthSources): HealthView {
  const { snowflake, pool } = cluster(sources);
  const { waiting: _waiting, oldest_wait_ms: _oldest, ...shortPool } = pool;
  return {
    status: statusOf(sources, snowflake),
    snowflake_connection: snowflake,
    connection_pool: shortPool,
    session_store: sources.storeKind(),
    maintenance: sources.fleet.isInMaintenance(),
    version: sources.version,
    uptime_seconds: uptimeSeconds(sources),
    timestamp: sources.clock.wall().toISOString(),
    worker: { id: sources.slot(), pid: process.pid },
  };
}

/** For load balancers. */
export function healthzView(sources: HealthSources): HealthzView {
  const { snowflake } = sources.own();
  return {
    status: statusOf(sources, snowflake),
    database_connected: snowflake === 'healthy',
    active_websocket_connections: cluster(sources).webSockets,
    timestamp: sources.clock.wall().toISOString(),
  };
}

function workerRows(sources: HealthSources) {
  const now = sources.clock.wall().getTime();
  return sources.fleet.workers().map((worker) => ({
    id: worker.slot,
    pid: worker.pid,
    state: worker.state,
    uptime_seconds: Math.max(0, Math.round((now - worker.startedAtMs) / 1000)),
    restarts: worker.restarts,
  }));
}

export function detailedHealthView(sources: HealthSources): DetailedHealthView {
  const { snowflake, pool, sessions, lagMs, elu } = cluster(sources);
  const memory = process.memoryUsage();
  const status = (isGood: boolean) => ({ status: isGood ? ('healthy' as const) : ('degraded' as const) });
  return {
    ...healthView(sources),
    connection_pool: { ...pool, utilization: pool.max === 0 ? 0 : Number((pool.active / pool.max).toFixed(3)) },
    memory_usage: {
      rss_bytes: memory.rss,
      heap_used_bytes: memory.heapUsed,
      limit_bytes: sources.memoryLimitBytes,
      workers: sources.fleet.workers().map(({ slot, beat }) => ({ id: slot, rss_bytes: beat?.rssBytes ?? 0 })),
    },
    event_loop: { lag_ms: lagMs, utilization: elu },
    sessions: { active: sessions, store: sources.storeKind() },
    workers: workerRows(sources),
    components: {
      snowflake: { status: snowflake },
      connection_pool: { status: pool.status },
      state: stateComponent(sources),
      worker: status(sources.isReady()),
    },
  };
}

function stateComponent(sources: HealthSources) {
  const reason = sources.storeFault();
  if (reason === undefined) return { status: 'healthy' as const };
  return { status: 'degraded' as const, reason, effect: 'sessions that start now end with the worker that holds them' };
}

export function statusView(sources: HealthSources): StatusView {
  const { pool, requests } = cluster(sources);
  return {
    version: sources.version,
    uptime_seconds: uptimeSeconds(sources),
    workers: workerRows(sources),
    pool,
    total_requests: requests,
    available_tools: [...sources.toolNames],
  };
}
