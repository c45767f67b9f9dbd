/** The figures of this worker that are read, not counted where they arise; told with each push of metrics. */
import type { Recorder } from '../shared/metrics.ts';
import type { HttpService } from './http-service.ts';
import { ownMemoryBytes } from './own-memory.ts';

export interface GaugeSources {
  readonly metrics: Recorder;
  readonly figures: HttpService['figures'];
  /** Since the start. */
  readonly connectionsOpened: () => number;
  /** Since the start. */
  readonly logLinesDropped: () => number;
  /** Worst of the last seconds. */
  readonly recentLagMs: () => number;
  /** Until the next key of a client ends; undefined when none does. */
  readonly keyExpirySeconds: () => number | undefined;
  /** Until the certificate of the service port expires; undefined without one. */
  readonly certificateExpirySeconds: () => number | undefined;
  readonly memoryLimitBytes: number;
  readonly sessionsMax: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly storeKind: () => 'shared' | 'memory';
  /** False from the start of the lame duck time on. */
  readonly isReady: () => boolean;
}

/** Told of what does not expire: ten years, so that no alert on a low value fires. */
const NO_EXPIRY_SECONDS = 315_360_000;

/** Pushes that the rate of requests is told over; there is one a second. */
const RATE_PUSHES = 16;

/** @returns to be called before each push */
export function createGauges(sources: GaugeSources): () => void {
  const { metrics } = sources;
  const risen = risingBy();
  const rate: { at: number; requests: number }[] = [];
  return () => {
    const { pool, requests, sessions, inflight, connections, webSockets, streams, eventBytes } = sources.figures();
    rate.push({ at: sources.now(), requests });
    if (rate.length > RATE_PUSHES) rate.shift();
    metrics.set('mcp_requests_per_second', perSecond(rate));
    setHealth(sources);
    metrics.set('mcp_active_connections', connections - webSockets, { connection_type: 'http' });
    metrics.set('mcp_active_connections', streams, { connection_type: 'sse' });
    metrics.set('mcp_active_connections', webSockets, { connection_type: 'websocket' });
    metrics.set('mcp_concurrent_requests', inflight);
    metrics.set('mcp_active_sessions', sessions);
    metrics.set('mcp_sessions_max', sources.sessionsMax);
    metrics.set('mcp_event_bytes', eventBytes);
    metrics.set('mcp_db_connections_active', pool.active);
    metrics.set('mcp_db_connections_idle', pool.idle);
    metrics.set('mcp_db_connections_total', pool.total);
    metrics.set('mcp_db_connections_max', pool.max);
    metrics.set('pool_connections_peak', pool.peak);
    metrics.set('mcp_pool_waiting', pool.waiting);
    metrics.set('mcp_certificate_expiry_seconds', sources.certificateExpirySeconds() ?? NO_EXPIRY_SECONDS);
    metrics.set('mcp_key_expiry_seconds', sources.keyExpirySeconds() ?? NO_EXPIRY_SECONDS);
    metrics.set('mcp_memory_usage_bytes', ownMemoryBytes());
    metrics.set('mcp_memory_limit_bytes', sources.memoryLimitBytes);
    metrics.set('mcp_event_loop_lag_seconds', sources.recentLagMs() / 1000);
    metrics.count('mcp_connections_opened_total', {}, risen('opened', sources.connectionsOpened()));
    metrics.count('mcp_log_lines_dropped_total', {}, risen('dropped', sources.logLinesDropped()));
  };
}

function perSecond(rate: readonly { readonly at: number; readonly requests: number }[]): number {
  const [first, last] = [rate[0], rate.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return (last.requests - first.requests) / ((last.at - first.at) / 1000);
}

const HEALTH = { healthy: 1, unknown: 1, unhealthy: 0 } as const;

/** As /health/detailed tells of the components; what is not known yet counts as healthy. */
function setHealth({ metrics, figures, storeKind, isReady }: GaugeSources): void {
  const { snowflake, pool } = figures();
  metrics.set('mcp_health_status', HEALTH[snowflake], { component: 'snowflake' });
  metrics.set('mcp_health_status', pool.waiting > 0 ? 0.5 : 1, { component: 'connection_pool' });
  metrics.set('mcp_health_status', storeKind() === 'shared' ? 1 : 0.5, { component: 'session_store' });
  metrics.set('mcp_health_status', isReady() ? 1 : 0, { component: 'worker' });
}

/** By how much a figure has risen since it was asked for last. */
function risingBy(): (name: string, now: number) => number {
  const before = new Map<string, number>();
  return (name, now) => {
    const by = Math.max(0, now - (before.get(name) ?? 0));
    before.set(name, now);
    return by;
  };
}
