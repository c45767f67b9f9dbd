/** Which test moves each metric, and each value of its label, by what it speaks of. */
import { type MetricName, REFUSAL_REASONS } from '../../src/shared/metrics.ts';

const TRUTH = 'test/integration/metrics/truth.test.ts';
const GAUGES = 'test/integration/metrics/gauges.test.ts';
const PAGE = 'test/integration/primary/status-page.test.ts';
const LABELS = 'test/integration/metrics/labels.test.ts';
const RESUME = 'test/integration/worker/resume.test.ts';
const SHARED = 'test/ops/shared-sessions.test.ts';
const METRIC_FAULTS = 'test/faults/cases/metrics.test.ts';

export const METRIC_PROOFS: Readonly<Record<MetricName, string>> = {
  mcp_requests_total: TRUTH,
  mcp_request_duration_seconds: TRUTH,
  mcp_concurrent_requests: GAUGES,
  mcp_request_size_bytes: TRUTH,
  mcp_response_size_bytes: TRUTH,
  mcp_errors_total: TRUTH,
  mcp_active_sessions: GAUGES,
  mcp_sessions_max: TRUTH,
  mcp_active_connections: 'test/integration/daemon/websocket.test.ts',
  mcp_connections_opened_total: 'test/integration/daemon/endpoints.test.ts',
  mcp_connections_rejected_total: 'test/integration/daemon/front-door.test.ts',
  rate_limit_exceeded_total: 'test/integration/daemon/rate-limit.test.ts',
  mcp_sessions_adopted_total: TRUTH,
  mcp_sessions_expired_total: GAUGES,
  mcp_streams_resumed_total: RESUME,
  mcp_events_evicted_total: RESUME,
  mcp_event_bytes: GAUGES,
  mcp_bus_dropped_total: SHARED,

  mcp_db_connections_active: GAUGES,
  mcp_db_connections_idle: GAUGES,
  mcp_db_connections_total: GAUGES,
  mcp_db_connections_max: GAUGES,
  pool_connections_peak: TRUTH,
  mcp_connection_acquisition_seconds: TRUTH,
  mcp_failed_connections_total: TRUTH,
  mcp_pool_waiting: GAUGES,
  mcp_circuit_breaker_state: GAUGES,

  query_duration_seconds: TRUTH,
  mcp_queries_total: TRUTH,
  mcp_query_rows_returned: TRUTH,
  mcp_query_bytes_returned: TRUTH,
  mcp_queries_cancelled_total: TRUTH,
  mcp_queries_refused_total: TRUTH,
  mcp_results_truncated_total: TRUTH,

  mcp_snowflake_requests_total: TRUTH,
  mcp_snowflake_errors_total: TRUTH,

  mcp_requests_per_second: GAUGES,
  mcp_health_status: GAUGES,
  mcp_memory_usage_bytes: TRUTH,
  mcp_memory_limit_bytes: TRUTH,
  mcp_event_loop_lag_seconds: 'test/faults/cases/service.test.ts',
  mcp_log_lines_dropped_total: 'test/faults/cases/files.test.ts',

  mcp_certificate_expiry_seconds: 'test/integration/daemon/tls.test.ts',
  mcp_key_expiry_seconds: 'test/integration/auth/daemon-keys.test.ts',
  mcp_disk_free_ratio: TRUTH,
  mcp_uptime_seconds: TRUTH,
  mcp_server_info: TRUTH,
  supervisor_worker_up: GAUGES,
  supervisor_worker_state: GAUGES,
  supervisor_worker_restarts_total: TRUTH,
  supervisor_health_checks_total: 'test/integration/daemon/ecosystem.test.ts',
  supervisor_worker_snapshot_age_seconds: 'test/faults/cases/service.test.ts',
  supervisor_generation: GAUGES,
  supervisor_reloads_total: GAUGES,
  supervisor_reload_duration_seconds: GAUGES,
  supervisor_boot_duration_seconds: TRUTH,
  supervisor_unavailable_seconds_total: GAUGES,
  supervisor_ipc_dropped_total: METRIC_FAULTS,
  supervisor_connections: 'test/integration/primary/ops-http.test.ts',
  supervisor_connections_rejected_total: 'test/integration/primary/ops-http.test.ts',
  supervisor_page_listeners: PAGE,
  supervisor_page_listeners_dropped_total: PAGE,
  supervisor_series_overflow_total: METRIC_FAULTS,

  process_cpu_user_seconds_total: GAUGES,
  process_cpu_system_seconds_total: GAUGES,
  process_cpu_seconds_total: GAUGES,
  process_start_time_seconds: GAUGES,
  process_resident_memory_bytes: GAUGES,
  process_virtual_memory_bytes: GAUGES,
  process_heap_bytes: GAUGES,
  process_open_fds: GAUGES,
  process_max_fds: GAUGES,
  nodejs_eventloop_lag_seconds: GAUGES,
  nodejs_eventloop_lag_min_seconds: GAUGES,
  nodejs_eventloop_lag_max_seconds: GAUGES,
  nodejs_eventloop_lag_mean_seconds: GAUGES,
  nodejs_eventloop_lag_stddev_seconds: GAUGES,
  nodejs_eventloop_lag_p50_seconds: GAUGES,
  nodejs_eventloop_lag_p90_seconds: GAUGES,
  nodejs_eventloop_lag_p99_seconds: GAUGES,
  nodejs_active_resources: GAUGES,
  nodejs_active_handles: GAUGES,
  nodejs_active_requests: GAUGES,
  nodejs_heap_size_total_bytes: GAUGES,
  nodejs_heap_size_used_bytes: GAUGES,
  nodejs_external_memory_bytes: GAUGES,
  nodejs_heap_space_size_total_bytes: GAUGES,
  nodejs_heap_space_size_used_bytes: GAUGES,
  nodejs_heap_space_size_available_bytes: GAUGES,
  nodejs_version_info: GAUGES,
  nodejs_gc_duration_seconds: GAUGES,
};

const RESULTS = 'test/integration/snowflake/results.test.ts';
const RATES = 'test/integration/worker/rate-limit.test.ts';
const SOCKETS = 'test/integration/worker/websocket.test.ts';
const OPS_PORT = 'test/integration/primary/ops-http.test.ts';
const IPC_FAULTS = 'test/faults/cases/ipc.test.ts';

/** Only a mistake in this program or its installation moves these, or a call that lasts for minutes: unit tests do. */
export const NOT_FROM_OUTSIDE: readonly string[] = [
  'mcp_events_evicted_total events',
  'mcp_failed_connections_total INTERNAL',
  'mcp_queries_refused_total parser-unavailable',
  'mcp_snowflake_errors_total other',
];

/** Of the metrics whose label has a closed set of values. */
export const LABEL_PROOFS: Readonly<Partial<Record<MetricName, Readonly<Record<string, string>>>>> = {
  mcp_connections_rejected_total: {
    limit: LABELS,
    websocket_limit: SOCKETS,
    timeout: LABELS,
    headers: LABELS,
    malformed: LABELS,
    tls: 'test/integration/worker/tls.test.ts',
    slow_reader: 'test/integration/worker/connections.test.ts',
    silent: SOCKETS,
  },
  rate_limit_exceeded_total: {
    client_rate: RATES,
    rate: RATES,
    client_concurrent: RATES,
    concurrent: RATES,
    client_streams: 'test/integration/auth/key-bounds.test.ts',
  },
  mcp_streams_resumed_total: {
    attached: RESUME,
    replayed: RESUME,
    complete: RESUME,
    gone: RESUME,
    reattached: RESUME,
    rerun: RESUME,
    interrupted: RESUME,
  },
  mcp_events_evicted_total: { size: RESUME, bytes: LABELS },
  mcp_bus_dropped_total: { full: SHARED, unreachable: SHARED, invalid: SHARED },
  mcp_failed_connections_total: { SNOWFLAKE_UNREACHABLE: LABELS, SNOWFLAKE_AUTH: GAUGES },
  mcp_queries_cancelled_total: { client: TRUTH, timeout: TRUTH, operator: TRUTH, drain: GAUGES },
  mcp_queries_refused_total: Object.fromEntries(
    REFUSAL_REASONS.filter((reason) => reason !== 'parser-unavailable').map((reason) => [reason, LABELS]),
  ),
  mcp_results_truncated_total: { rows: TRUTH, bytes: RESULTS, cell_bytes: RESULTS },
  mcp_snowflake_errors_total: {
    unreachable: TRUTH,
    login: GAUGES,
    session: TRUTH,
    statement: TRUTH,
    rows: LABELS,
  },
  supervisor_reloads_total: { ok: GAUGES, aborted: 'test/faults/cases/reload.test.ts' },
  supervisor_ipc_dropped_total: {
    rate: IPC_FAULTS,
    invalid: IPC_FAULTS,
    metric: METRIC_FAULTS,
    series: METRIC_FAULTS,
  },
  supervisor_connections_rejected_total: { busy: OPS_PORT, closed: OPS_PORT },
  supervisor_page_listeners_dropped_total: { full: PAGE, slow: PAGE },
};
