/**
 * The one table of metrics: name, kind, help, labels, buckets, who measures it and how the workers' values combine.
 *
 * Workers register the `worker` ones and push changes; the primary merges them and adds its own. docs/metrics.md is
 * made from it. Labels are bounded sets, never ids of clients or sessions.
 */
import { PROCESS_METRICS } from './process-metrics.ts';

export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** All values of a counter's only label, where they are a closed set: these series exist (0) before their first event. */
  readonly values?: readonly string[];
  /** Who sets it; `process`: prom-client, in every process. */
  readonly source: 'worker' | 'primary' | 'process';
  /** `sum`, `max` and `min` over workers; `worker` keeps each apart under a label `worker` that the primary adds. */
  readonly combine: 'sum' | 'max' | 'min' | 'worker';
  readonly buckets?: readonly number[];
  /** Further names with the same values, kept for existing dashboards and alert rules. */
  readonly oldNames?: readonly string[];
}

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const ROWS = [0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000];
const BYTES = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

type Shape = Partial<Pick<MetricSpec, 'labels' | 'values' | 'source' | 'combine' | 'oldNames'>>;
const counter = (help: string, more: Shape = {}): MetricSpec => ({
  kind: 'counter',
  help,
  labels: [],
  source: 'worker',
  combine: 'sum',
  ...more,
});
const gauge = (help: string, more: Shape = {}): MetricSpec => ({
  kind: 'gauge',
  help,
  labels: [],
  source: 'worker',
  combine: 'sum',
  ...more,
});
const histogram = (help: string, buckets: readonly number[], more: Shape = {}): MetricSpec => ({
  kind: 'histogram',
  help,
  labels: [],
  source: 'worker',
  combine: 'sum',
  buckets,
  ...more,
});
const supervisor = { source: 'primary' } as const;

/** Why the gate refuses a statement. */
export const REFUSAL_REASONS = [
  'empty',
  'multiple-statements',
  'statement-kind',
  'write-kind',
  'scripting',
  'put-get',
  'write',
  'syntax',
  'function',
  'ai-function',
  'result-scan',
  'dynamic-name',
  'stage',
  'object',
  'too-long',
  'too-many-tokens',
  'too-deep',
  'unicode-space',
  'character',
  'ambiguous',
  'unparseable',
  'parser-unavailable',
] as const;

export const METRICS = {
  mcp_requests_total: counter('MCP requests by method, tool and outcome (status is an HTTP-like code).', {
    labels: ['method', 'tool', 'status'],
  }),
  mcp_request_duration_seconds: histogram('Time from the arrival of an MCP request to its answer.', REQUEST_SECONDS, {
    labels: ['method', 'tool'],
  }),
  mcp_concurrent_requests: gauge('MCP requests that run now.'),
  mcp_request_size_bytes: histogram('Size of MCP request bodies.', BYTES, { labels: ['tool'] }),
  mcp_response_size_bytes: histogram('Size of tool results.', BYTES, { labels: ['tool'] }),
  mcp_errors_total: counter('Errors by code and the part that raised them.', { labels: ['error_type', 'component'] }),
  mcp_active_sessions: gauge('MCP sessions that are alive.', { oldNames: ['mcp_active_sessions_total'] }),
  mcp_sessions_max: gauge('MCP sessions that may exist.', { combine: 'max' }),
  mcp_active_connections: gauge(
    'Open client connections by what they carry: http, sse (listening streams), websocket.',
    {
      labels: ['connection_type'],
    },
  ),
  mcp_connections_opened_total: counter('Client connections that were opened.'),
  mcp_connections_rejected_total: counter(
    'Client connections that were refused or cut off: limit, websocket_limit, timeout, headers, malformed, tls, slow_reader, silent.',
    {
      labels: ['reason'],
      values: ['limit', 'websocket_limit', 'timeout', 'headers', 'malformed', 'tls', 'slow_reader', 'silent'],
    },
  ),
  rate_limit_exceeded_total: counter(
    'Requests refused by a limit: client_rate, rate, client_concurrent, concurrent, client_streams.',
    {
      labels: ['limit_type'],
      values: ['client_rate', 'rate', 'client_concurrent', 'concurrent', 'client_streams'],
      oldNames: ['mcp_rate_limit_hits_total'],
    },
  ),
  mcp_sessions_adopted_total: counter('Sessions taken over from a worker that ended.'),
  mcp_sessions_expired_total: counter('Sessions that ended because nobody used them.'),
  mcp_streams_resumed_total: counter(
    'Calls that a client came back to: attached (it runs), replayed, complete, gone (the answer), and of an ended worker reattached, rerun, interrupted.',
    {
      labels: ['outcome'],
      values: ['attached', 'replayed', 'complete', 'gone', 'reattached', 'rerun', 'interrupted'],
    },
  ),
  mcp_events_evicted_total: counter(
    'What is no longer kept for clients that come back: an answer that is too large (size), the oldest answers (bytes), early events of a call (events).',
    { labels: ['reason'], values: ['size', 'bytes', 'events'] },
  ),
  mcp_event_bytes: gauge('Bytes of answers kept for clients that come back.'),
  mcp_bus_dropped_total: counter(
    'Events between workers that were not delivered: too many wait (full), state.url does not take them (unreachable), what came is none (invalid).',
    { labels: ['reason'], values: ['full', 'unreachable', 'invalid'] },
  ),

  mcp_db_connections_active: gauge('Snowflake connections lent to a call.', { oldNames: ['pool_connections_active'] }),
  mcp_db_connections_idle: gauge('Snowflake connections that wait for a call.', {
    oldNames: ['pool_connections_idle'],
  }),
  mcp_db_connections_total: gauge('Snowflake connections that are open.', { oldNames: ['pool_connections_total'] }),
  mcp_db_connections_max: gauge('Snowflake connections that may be open.', { oldNames: ['pool_connections_max'] }),
  pool_connections_peak: gauge('Most Snowflake connections that were lent at once since the worker started.'),
  mcp_connection_acquisition_seconds: histogram(
    'Wait for a Snowflake connection.',
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
  ),
  mcp_failed_connections_total: counter('Snowflake logins that failed.', {
    labels: ['reason'],
    values: ['SNOWFLAKE_UNREACHABLE', 'SNOWFLAKE_AUTH', 'INTERNAL'],
  }),
  mcp_pool_waiting: gauge('Calls that wait for a Snowflake connection.'),
  mcp_circuit_breaker_state: gauge('Whether a component is tried: 0 closed (it is), 1 half open (one try), 2 open.', {
    labels: ['component'],
    combine: 'max',
  }),

  query_duration_seconds: histogram('Time a statement took, from sending it to its last row.', REQUEST_SECONDS, {
    labels: ['query_type'],
  }),
  mcp_queries_total: counter('Statements sent to Snowflake.', { labels: ['query_type', 'status'] }),
  mcp_query_rows_returned: histogram('Rows a statement returned to the client.', ROWS),
  mcp_query_bytes_returned: histogram('Bytes of cells a statement returned to the client.', BYTES),
  mcp_queries_cancelled_total: counter('Statements cancelled in Snowflake.', {
    labels: ['reason'],
    values: ['client', 'timeout', 'operator', 'drain'],
  }),
  mcp_queries_refused_total: counter('Statements refused before they reached Snowflake.', {
    labels: ['reason'],
    values: REFUSAL_REASONS,
  }),
  mcp_results_truncated_total: counter('Results that were cut at a limit.', {
    labels: ['limit'],
    values: ['rows', 'bytes', 'cell_bytes'],
  }),

  mcp_snowflake_requests_total: counter('Logins, statements and checks sent to Snowflake.'),
  mcp_snowflake_errors_total: counter(
    'Those that failed, by kind: unreachable, login, session, rows, other, and statement (refused as written).',
    { labels: ['kind'], values: ['unreachable', 'login', 'session', 'statement', 'rows', 'other'] },
  ),

  mcp_requests_per_second: gauge('MCP requests a second, over the last 15 seconds.'),
  mcp_health_status: gauge('Health of a component, the worst of all workers: 1 healthy, 0.5 degraded, 0 unhealthy.', {
    labels: ['component'],
    combine: 'min',
  }),
  mcp_memory_usage_bytes: gauge('Memory that a worker shares with nobody, which is what its limit counts.', {
    combine: 'worker',
  }),
  mcp_memory_limit_bytes: gauge('Memory above which a worker is replaced.', { combine: 'worker' }),
  mcp_event_loop_lag_seconds: gauge('Worst event loop lag of the last 15 seconds.', { combine: 'worker' }),
  mcp_log_lines_dropped_total: counter('Log lines dropped because their reader was too slow or the disk was full.'),

  mcp_certificate_expiry_seconds: gauge(
    'Time until the certificate of the service port expires; ten years without one.',
    { combine: 'min' },
  ),
  mcp_key_expiry_seconds: gauge('Time until the first client key expires; ten years when none does.', {
    combine: 'min',
  }),
  mcp_disk_free_ratio: gauge('Free share of the file system that holds a directory of the daemon.', {
    ...supervisor,
    labels: ['path'],
  }),
  mcp_uptime_seconds: gauge('Time since the daemon started.', supervisor),
  mcp_server_info: gauge('Always 1; the labels tell the version.', { ...supervisor, labels: ['version', 'node'] }),
  supervisor_worker_up: gauge('1 while the worker of a slot takes calls; the spare has none.', {
    ...supervisor,
    labels: ['worker'],
  }),
  supervisor_worker_state: gauge('1 for the state a slot is in.', { ...supervisor, labels: ['worker', 'state'] }),
  supervisor_worker_restarts_total: counter('Worker ends that led to a new start, by class.', {
    ...supervisor,
    labels: ['worker', 'reason'],
  }),
  supervisor_health_checks_total: counter('Checks of workers.health_check_url by result.', {
    ...supervisor,
    labels: ['worker', 'result'],
  }),
  supervisor_worker_snapshot_age_seconds: gauge('Age of the last figures of a worker.', {
    ...supervisor,
    labels: ['worker'],
  }),
  supervisor_generation: gauge('Number of successful reloads since the start.', supervisor),
  supervisor_reloads_total: counter('Reloads by result.', {
    ...supervisor,
    labels: ['result'],
    values: ['ok', 'aborted'],
  }),
  supervisor_reload_duration_seconds: histogram('Time a reload took.', [1, 2.5, 5, 10, 30, 60, 300], supervisor),
  supervisor_boot_duration_seconds: histogram('Time from fork to ready.', [0.25, 0.5, 1, 2.5, 5, 10, 30], supervisor),
  supervisor_unavailable_seconds_total: counter('Time without a ready worker.', supervisor),
  supervisor_ipc_dropped_total: counter('Messages of workers that were refused.', {
    ...supervisor,
    labels: ['reason'],
    values: ['rate', 'invalid', 'metric', 'series'],
  }),
  supervisor_connections: gauge("Open connections to the primary's port.", supervisor),
  supervisor_connections_rejected_total: counter(
    'Calls over connections beyond metrics.max_connections (busy) and connections beyond twice as many (closed).',
    { ...supervisor, labels: ['reason'], values: ['busy', 'closed'] },
  ),
  supervisor_page_listeners: gauge('Browsers that watch the status page live.', supervisor),
  supervisor_page_listeners_dropped_total: counter(
    'Those that were refused (full) or cut off because they did not read (slow).',
    { ...supervisor, labels: ['reason'], values: ['full', 'slow'] },
  ),
  supervisor_series_overflow_total: counter(
    'Series counted under the label `other` because their metric was full.',
    supervisor,
  ),

  ...PROCESS_METRICS,
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;

/** What the parts of a program use to record; names and labels come from the table. */
export interface Recorder {
  /** Adds to a counter. */
  count(name: MetricName, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Sets a gauge. */
  set(name: MetricName, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Adds an observation to a histogram. */
  observe(name: MetricName, value: number, labels?: Readonly<Record<string, string>>): void;
}

/** A recorder whose gauges end with what they tell of. */
export interface GaugeRecorder extends Recorder {
  /** Takes a gauge away; nothing if it was never set. */
  clear(name: MetricName, labels?: Readonly<Record<string, string>>): void;
}
