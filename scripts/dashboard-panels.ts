/**
 * What each dashboard shows: one row a panel, in the order they are read. dashboards.ts makes Grafana's JSON of it.
 *
 * Every figure is of the job and the daemons chosen at the top. What happens rarely is shown as 0 until it does.
 */
export interface PanelSpec {
  readonly kind: 'stat' | 'lines';
  readonly title: string;
  readonly says: string;
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  /** [PromQL, legend]. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  /** From this value on the colour: a limit that an alert knows too. */
  readonly limits?: readonly (readonly [value: number, color: string])[];
  readonly min?: number;
  readonly max?: number;
  /** Words for values. */
  readonly words?: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly says: string;
  readonly panels: readonly PanelSpec[];
}

type More = Partial<Pick<PanelSpec, 'limits' | 'min' | 'max' | 'words' | 'width'>>;
type Query = readonly [expr: string, legend: string];

const stat = (title: string, unit: string, says: string, queries: readonly Query[], more: More = {}): PanelSpec => ({
  kind: 'stat',
  title,
  says,
  unit,
  width: 6,
  queries,
  ...more,
});
const lines = (title: string, unit: string, says: string, queries: readonly Query[], more: More = {}): PanelSpec => ({
  kind: 'lines',
  title,
  says,
  unit,
  width: 12,
  min: 0,
  queries,
  ...more,
});

/** The series of a metric that the choices at the top leave. */
const of = (metric: string, matchers = ''): string =>
  `${metric}{job="$job", instance=~"$instance"${matchers === '' ? '' : `, ${matchers}`}}`;
const rate = (metric: string, matchers = ''): string => `rate(${of(metric, matchers)}[$__rate_interval])`;
const sumBy = (label: string, expr: string): string => `sum by (${label}) (${expr})`;
const quantile = (q: number, metric: string, by = ''): string =>
  `histogram_quantile(${q}, sum by (le${by}) (${rate(`${metric}_bucket`)}))`;
/** 0 while the thing has not happened yet. */
const rare = (expr: string): string => `${expr} or on () vector(0)`;

const DOWN_UP = { 0: { text: 'DOWN', color: 'red' }, 1: { text: 'UP', color: 'green' } };
const BREAKER = {
  0: { text: 'closed', color: 'green' },
  1: { text: 'half open', color: 'orange' },
  2: { text: 'OPEN', color: 'red' },
};
const OVER_ONE: readonly (readonly [number, string])[] = [[1, 'red']];

const OVERVIEW: DashboardSpec = {
  uid: 'snowflake-mcp-overview',
  title: 'Snowflake MCP: overview',
  says: 'Is the service there, how fast does it answer, and what is full?',
  panels: [
    stat(
      'Service Status',
      'none',
      'Whether Prometheus reads the daemon.',
      [[`min by (instance) (${of('up')})`, '{{instance}}']],
      {
        words: DOWN_UP,
      },
    ),
    stat('Workers Ready', 'none', 'Workers that take calls.', [[`sum(${of('supervisor_worker_up')})`, 'ready']]),
    stat('Uptime', 's', 'Since the daemon started; workers come and go meanwhile.', [
      [`min(${of('mcp_uptime_seconds')})`, 'uptime'],
    ]),
    stat('Version', 'none', 'What runs.', [[`count by (version) (${of('mcp_server_info')})`, '{{version}}']]),
    lines('Request Rate', 'reqps', 'MCP requests by method.', [
      [sumBy('method', rate('mcp_requests_total')), '{{method}}'],
    ]),
    lines(
      'Response Times',
      's',
      'From the arrival of a request to its answer. The alerts know 5 s and 10 s.',
      [0.5, 0.95, 0.99].map((q): Query => [quantile(q, 'mcp_request_duration_seconds'), `p${q * 100}`]),
      {
        limits: [
          [5, 'orange'],
          [10, 'red'],
        ],
      },
    ),
    lines(
      'Connection Pool',
      'none',
      'Snowflake connections of all workers: lent, waiting for a call, and the most there may be.',
      ['active', 'idle', 'max'].map((part): Query => [`sum(${of(`mcp_db_connections_${part}`)})`, part]),
    ),
    lines(
      'Error Rate',
      'percentunit',
      'Share of requests answered with 4xx or 5xx. The alert knows 5 %.',
      [
        [
          `(sum(${rate('mcp_requests_total', 'status=~"4..|5.."')}) or 0 * sum(${rate('mcp_requests_total')})) / sum(${rate('mcp_requests_total')})`,
          'failed',
        ],
      ],
      { limits: [[0.05, 'red']] },
    ),
    lines('Active Sessions', 'none', 'MCP sessions of all workers.', [
      [`sum(${of('mcp_active_sessions')})`, 'sessions'],
    ]),
    lines('Errors by Code', 'cps', 'docs/errors.md says what each code asks you to do.', [
      [rare(sumBy('error_type', rate('mcp_errors_total'))), '{{error_type}}'],
    ]),
    lines(
      'Health of Components',
      'none',
      'The worst of all workers: 1 healthy, 0.5 degraded, 0 unhealthy.',
      [[`min by (component) (${of('mcp_health_status')})`, '{{component}}']],
      { max: 1 },
    ),
    lines(
      'Disk Use',
      'percentunit',
      'Of the file systems that hold logs and state. The alert knows 85 %.',
      [[`1 - min by (path) (${of('mcp_disk_free_ratio')})`, '{{path}}']],
      { limits: [[0.85, 'red']], max: 1 },
    ),
  ],
};

const WORKERS: DashboardSpec = {
  uid: 'snowflake-mcp-workers',
  title: 'Snowflake MCP: workers',
  says: 'What each worker does, what it needs, and why it was replaced.',
  panels: [
    stat(
      'Workers',
      'none',
      'Whether each worker takes calls.',
      [[`max by (worker) (${of('supervisor_worker_up')})`, 'worker {{worker}}']],
      { words: DOWN_UP, width: 12 },
    ),
    stat('Reloads', 'none', 'Since the daemon started, by result.', [
      [sumBy('result', of('supervisor_reloads_total')), '{{result}}'],
    ]),
    stat(
      'Time without a Worker',
      's',
      'In the chosen time no worker took calls for this long.',
      [[`sum(increase(${of('supervisor_unavailable_seconds_total')}[$__range]))`, 'unavailable']],
      { limits: OVER_ONE },
    ),
    lines('Starts by Reason', 'none', 'Ends of workers that led to a new start.', [
      [`sum by (reason) (increase(${of('supervisor_worker_restarts_total')}[$__rate_interval]))`, '{{reason}}'],
    ]),
    lines('States', 'none', 'Workers by state.', [[sumBy('state', of('supervisor_worker_state')), '{{state}}']]),
    lines(
      'Memory',
      'percentunit',
      'Share of the memory at which a worker is replaced. The alert knows 80 %.',
      [[`max by (worker) (${of('mcp_memory_usage_bytes')} / ${of('mcp_memory_limit_bytes')})`, 'worker {{worker}}']],
      { limits: [[0.8, 'red']] },
    ),
    lines('Heap', 'bytes', 'JavaScript objects in use.', [
      [`max by (worker) (${of('nodejs_heap_size_used_bytes')})`, '{{worker}}'],
    ]),
    lines('CPU', 'percentunit', 'Of one core.', [
      [`max by (worker) (${rate('process_cpu_seconds_total')})`, '{{worker}}'],
    ]),
    lines(
      'Event Loop Lag',
      's',
      'Worst of the last 15 seconds: how long a request may have waited for its turn.',
      [[`max by (worker) (${of('mcp_event_loop_lag_seconds')})`, 'worker {{worker}}']],
      { limits: OVER_ONE },
    ),
    lines(
      'Age of Figures',
      's',
      'One second is usual; the alert knows 15 s.',
      [[`max by (worker) (${of('supervisor_worker_snapshot_age_seconds')})`, 'worker {{worker}}']],
      { limits: [[15, 'red']] },
    ),
    lines('Open Files', 'none', 'Sockets and files of each process.', [
      [`max by (worker) (${of('process_open_fds')})`, '{{worker}}'],
    ]),
    lines('Boot Time', 's', 'From fork to ready, mean since the daemon started.', [
      [
        `sum(${of('supervisor_boot_duration_seconds_sum')}) / sum(${of('supervisor_boot_duration_seconds_count')})`,
        'mean',
      ],
    ]),
    lines('Lost', 'cps', 'Log lines and messages between the processes that were dropped at a bound.', [
      [`sum(${rate('mcp_log_lines_dropped_total')})`, 'log lines'],
      [`sum(${rate('supervisor_ipc_dropped_total')})`, 'messages'],
    ]),
  ],
};

const SNOWFLAKE: DashboardSpec = {
  uid: 'snowflake-mcp-snowflake',
  title: 'Snowflake MCP: Snowflake and pool',
  says: 'How Snowflake answers, and whether connections are enough.',
  panels: [
    stat(
      'Circuit Breaker',
      'none',
      'Open: calls are refused at once until Snowflake answers again.',
      [[`max by (component) (${of('mcp_circuit_breaker_state')})`, '{{component}}']],
      { words: BREAKER },
    ),
    stat(
      'Pool Use',
      'percentunit',
      'Share of the connections that are lent. The alerts know 90 %.',
      [[`sum(${of('mcp_db_connections_active')}) / sum(${of('mcp_db_connections_max')})`, 'lent']],
      {
        limits: [
          [0.7, 'orange'],
          [0.9, 'red'],
        ],
      },
    ),
    stat(
      'Waiting Calls',
      'none',
      'Calls that wait for a connection.',
      [[`sum(${of('mcp_pool_waiting')})`, 'waiting']],
      { limits: OVER_ONE },
    ),
    stat('Peak', 'none', 'Most connections lent at once since the workers started.', [
      [`sum(${of('pool_connections_peak')})`, 'peak'],
    ]),
    lines(
      'Connections',
      'none',
      'Of all workers.',
      ['active', 'idle', 'total', 'max'].map((part): Query => [`sum(${of(`mcp_db_connections_${part}`)})`, part]),
    ),
    lines(
      'Wait for a Connection',
      's',
      'Long waits: raise pool.max_size or look for slow statements.',
      [0.5, 0.95, 0.99].map((q): Query => [quantile(q, 'mcp_connection_acquisition_seconds'), `p${q * 100}`]),
      { limits: OVER_ONE },
    ),
    lines('Requests to Snowflake', 'reqps', 'Logins, statements and checks.', [
      [`sum(${rate('mcp_snowflake_requests_total')})`, 'requests'],
    ]),
    lines('Snowflake Errors', 'cps', '`statement`: refused as written, the only kind that is the client’s.', [
      [sumBy('kind', rate('mcp_snowflake_errors_total')), '{{kind}}'],
    ]),
    lines('Failed Logins', 'cps', 'By reason.', [
      [sumBy('reason', rate('mcp_failed_connections_total')), '{{reason}}'],
    ]),
    lines('Statements', 'cps', 'By kind and how they ended.', [
      [`sum by (query_type, status) (${rate('mcp_queries_total')})`, '{{query_type}} {{status}}'],
    ]),
    lines('Time of Statements', 's', 'From sending one to its last row, 95 of 100 are faster.', [
      [quantile(0.95, 'query_duration_seconds', ', query_type'), '{{query_type}}'],
    ]),
    lines('Rows and Bytes', 'short', 'Returned to clients each second.', [
      [`sum(${rate('mcp_query_rows_returned_sum')})`, 'rows'],
      [`sum(${rate('mcp_query_bytes_returned_sum')})`, 'bytes'],
    ]),
    lines('Stopped and Refused', 'cps', 'Cancelled in Snowflake, refused before it, and cut at a limit.', [
      [sumBy('reason', rate('mcp_queries_cancelled_total')), 'cancelled: {{reason}}'],
      [rare(sumBy('reason', rate('mcp_queries_refused_total'))), 'refused: {{reason}}'],
      [sumBy('limit', rate('mcp_results_truncated_total')), 'cut: {{limit}}'],
    ]),
  ],
};

const CLIENTS: DashboardSpec = {
  uid: 'snowflake-mcp-clients',
  title: 'Snowflake MCP: sessions and clients',
  says: 'Who is there, what they call, and which limits they meet.',
  panels: [
    stat(
      'Sessions',
      'percentunit',
      'Share of state.max_sessions. The alert knows 90 %.',
      [[`sum(${of('mcp_active_sessions')}) / max(${of('mcp_sessions_max')})`, 'sessions']],
      {
        limits: [
          [0.7, 'orange'],
          [0.9, 'red'],
        ],
      },
    ),
    stat('Requests Now', 'none', 'Requests that run.', [[`sum(${of('mcp_concurrent_requests')})`, 'running']]),
    stat('First Key Expires', 's', 'Ten years when none does.', [[`min(${of('mcp_key_expiry_seconds')})`, 'key']]),
    stat('Certificate Expires', 's', 'Ten years without one.', [
      [`min(${of('mcp_certificate_expiry_seconds')})`, 'certificate'],
    ]),
    lines('Open Connections', 'none', 'By what they carry.', [
      [sumBy('connection_type', of('mcp_active_connections')), '{{connection_type}}'],
    ]),
    lines('Sessions over Time', 'none', 'Alive, and those that ended unused or moved to another worker.', [
      [`sum(${of('mcp_active_sessions')})`, 'alive'],
      [`sum(increase(${of('mcp_sessions_expired_total')}[$__rate_interval]))`, 'expired'],
      [`sum(increase(${of('mcp_sessions_adopted_total')}[$__rate_interval]))`, 'moved'],
    ]),
    lines('Calls by Tool', 'reqps', 'The ten tools that are called most.', [
      [`topk(10, sum by (tool) (${rate('mcp_requests_total', 'tool!=""')}))`, '{{tool}}'],
    ]),
    lines(
      'Response Times by Tool',
      's',
      '95 of 100 are faster.',
      [
        [
          `histogram_quantile(0.95, sum by (le, tool) (${rate('mcp_request_duration_seconds_bucket', 'tool!=""')}))`,
          '{{tool}}',
        ],
      ],
      {
        limits: [
          [5, 'orange'],
          [10, 'red'],
        ],
      },
    ),
    lines('Answers by Status', 'reqps', 'HTTP-like codes by outcome.', [
      [sumBy('status', rate('mcp_requests_total')), '{{status}}'],
    ]),
    lines('Size of Requests and Results', 'bytes', '95 of 100 are smaller.', [
      [quantile(0.95, 'mcp_request_size_bytes'), 'request'],
      [quantile(0.95, 'mcp_response_size_bytes'), 'result'],
    ]),
    lines('Limits Met', 'cps', 'Requests refused by a limit (docs/limits.md), connections refused or cut off.', [
      [rare(sumBy('limit_type', rate('rate_limit_exceeded_total'))), 'limit: {{limit_type}}'],
      [rare(sumBy('reason', rate('mcp_connections_rejected_total'))), 'connection: {{reason}}'],
    ]),
    lines('Clients that Came Back', 'cps', 'What they got, and answers that were no longer kept.', [
      [rare(sumBy('outcome', rate('mcp_streams_resumed_total'))), '{{outcome}}'],
      [rare(sumBy('reason', rate('mcp_events_evicted_total'))), 'gone: {{reason}}'],
    ]),
    lines('Kept Answers', 'bytes', 'For clients that come back.', [[`sum(${of('mcp_event_bytes')})`, 'bytes']]),
    lines('New Connections', 'cps', 'Opened each second.', [
      [`sum(${rate('mcp_connections_opened_total')})`, 'opened'],
    ]),
  ],
};

/** File below deploy/grafana/dashboards -> what it shows. */
export const DASHBOARDS: Readonly<Record<string, DashboardSpec>> = {
  'overview.json': OVERVIEW,
  'workers.json': WORKERS,
  'snowflake.json': SNOWFLAKE,
  'clients.json': CLIENTS,
};
