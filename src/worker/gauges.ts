/** The figures of this worker that are read, not counted where they arise; told with each push of metrics. */
import type { Recorder } from '../shared/metrics.ts';
import type { HttpService } from './http-service.ts';

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
}

/** Told of what does not expire: ten years, so that no alert on a low value fires. */
const NO_EXPIRY_SECONDS = 315_360_000;

/** @returns to be called before each push */
export function createGauges(sources: GaugeSources): () => void {
  const { metrics } = sources;
  const risen = risingBy();
  return () => {
    const { pool, sessions, inflight, connections, webSockets, streams, eventBytes } = sources.figures();
    metrics.set('mcp_active_connections', connections - webSockets, { connection_type: 'http' });
    metrics.set('mcp_active_connections', streams, { connection_type: 'sse' });
    metrics.set('mcp_active_connections', webSockets, { connection_type: 'websocket' });
    metrics.set('mcp_concurrent_requests', inflight);
    metrics.set('mcp_active_sessions', sessions);
    metrics.set('mcp_event_bytes', eventBytes);
    metrics.set('mcp_db_connections_active', pool.active);
    metrics.set('mcp_db_connections_idle', pool.idle);
    metrics.set('mcp_db_connections_total', pool.total);
    metrics.set('mcp_db_connections_max', pool.max);
    metrics.set('pool_connections_peak', pool.peak);
    metrics.set('mcp_pool_waiting', pool.waiting);
    metrics.set('mcp_certificate_expiry_seconds', sources.certificateExpirySeconds() ?? NO_EXPIRY_SECONDS);
    metrics.set('mcp_key_expiry_seconds', sources.keyExpirySeconds() ?? NO_EXPIRY_SECONDS);
    metrics.set('mcp_memory_usage_bytes', process.memoryUsage.rss());
    metrics.set('mcp_memory_limit_bytes', sources.memoryLimitBytes);
    metrics.set('mcp_event_loop_lag_seconds', sources.recentLagMs() / 1000);
    metrics.count('mcp_connections_opened_total', {}, risen('opened', sources.connectionsOpened()));
    metrics.count('mcp_log_lines_dropped_total', {}, risen('dropped', sources.logLinesDropped()));
  };
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
