/**
 * What every endpoint of the service port answers: the schemas are the types of the views, and what the OpenAPI document
 * says.
 */
import { z } from 'zod';
import { errorView } from '../../shared/openapi.ts';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const time = z.iso.datetime();
const workerNumber = z.number().int().min(-1).meta({ description: 'Number of the worker; -1 is the spare.' });
const shortSession = z.string().max(12).meta({ description: 'Shortened: enough to find it in the logs.' });
const missing = z
  .array(workerNumber)
  .meta({ description: 'Workers that did not answer in time; what they know is not in here.' });

const pool = z.strictObject({
  status: z.enum(['healthy', 'saturated']),
  active: count,
  idle: count,
  total: count,
  max: count,
});

export const healthView = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  snowflake_connection: z.enum(['healthy', 'unhealthy', 'unknown']),
  connection_pool: pool,
  session_store: z.enum(['shared', 'memory']),
  maintenance: z.boolean(),
  version: z.string(),
  uptime_seconds: count,
  timestamp: time,
  worker: z.strictObject({ id: workerNumber, pid: count }),
});

export const healthzView = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  database_connected: z.boolean(),
  active_websocket_connections: count,
  timestamp: time,
});

const workerRow = z.strictObject({
  id: workerNumber,
  pid: count,
  state: z.string(),
  uptime_seconds: count,
  restarts: count,
});

const componentState = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'saturated', 'unhealthy', 'unknown']),
  reason: z.string().optional(),
  effect: z.string().optional(),
});
const poolInDetail = pool.extend({ waiting: count, oldest_wait_ms: count });

export const detailedHealthView = healthView.extend({
  connection_pool: poolInDetail.extend({ utilization: share }),
  memory_usage: z.strictObject({
    rss_bytes: count,
    heap_used_bytes: count,
    limit_bytes: count,
    workers: z.array(z.strictObject({ id: workerNumber, rss_bytes: count })),
  }),
  event_loop: z.strictObject({ lag_ms: count, utilization: share }),
  sessions: z.strictObject({ active: count, store: z.enum(['shared', 'memory']) }),
  workers: z.array(workerRow),
  components: z.record(z.string(), componentState),
});

export const statusView = z.strictObject({
  version: z.string(),
  uptime_seconds: count,
  workers: z.array(workerRow),
  pool: poolInDetail,
  total_requests: count,
  available_tools: z.array(z.string()),
});

export const liveView = z.strictObject({ status: z.literal('alive') });
export const readyView = z.strictObject({ status: z.enum(['ready', 'draining', 'maintenance']) });

export const metricsJsonView = z.strictObject({
  connections: z.strictObject({
    active: count.meta({ description: 'Client connections that are open.' }),
    total_opened: count.meta({ description: 'Client connections since the daemon started.' }),
  }),
  tasks: z.strictObject({
    total: count.meta({ description: 'Submitted statements that are remembered.' }),
    locked: count.meta({ description: 'Those of them that run.' }),
    completed_today: count.meta({ description: 'Submitted statements that ended today (UTC), as living workers saw.' }),
  }),
  performance: z.strictObject({
    avg_query_time_ms: z.number().nonnegative().meta({ description: 'Of all statements since the daemon started.' }),
  }),
  system: z.strictObject({ uptime_seconds: count, memory_usage_mb: z.number().nonnegative() }),
});

const session = z.strictObject({
  session_id: shortSession,
  client: z.string(),
  transport: z.enum(['http', 'websocket']),
  protocol: z.string(),
  principal: z.string(),
  created_at: time,
  last_activity: time,
  requests: count.meta({ description: 'Since this worker holds the session.' }),
  worker: workerNumber.nullable().meta({ description: 'Null while no worker of this host holds it.' }),
});
export const sessionsView = z.strictObject({
  active_sessions: z.array(session).meta({ description: 'At most 1,000, the others are counted in total.' }),
  total: count,
  missing_workers: missing,
});

export const connectionTestView = z.union([
  z.strictObject({
    success: z.literal(true),
    latency_ms: count,
    account: z.string(),
    user: z.string(),
    role: z.string().nullable(),
    warehouse: z.string().nullable(),
    server_version: z.string(),
  }),
  z.strictObject({ success: z.literal(false), error: errorView.shape.error }),
]);

const activeQuery = z.strictObject({
  id: z.string().meta({ description: 'Ends it: DELETE /api/debug/active-queries/{id}.' }),
  query_id: z.string().nullable().meta({ description: "Snowflake's, once it has told; ends it as well." }),
  session: shortSession.nullable(),
  principal: z.string(),
  tool: z.string(),
  kind: z.string().meta({ description: 'Kind of statement: select, show, catalog ...' }),
  started_at: time,
  seconds: z.number().nonnegative(),
  state: z.enum(['waiting', 'running', 'reading', 'submitted']),
  worker: workerNumber,
});
export const activeQueriesView = z.array(activeQuery);
export const killedView = z.strictObject({ id: z.string(), killed: z.literal(true) });

export const sessionMemoryView = z.array(
  z.strictObject({
    session_id: shortSession,
    worker: workerNumber,
    bytes_buffered: count.meta({ description: 'Of answers that are kept for a client that comes back.' }),
    events: count,
    queries: count.meta({ description: 'Statements that run now.' }),
  }),
);

export const maintenanceView = z.strictObject({ maintenance: z.boolean(), since: time.nullable() });

export const poolResetView = z.strictObject({
  reset: z.literal(true),
  workers: count.meta({ description: 'Workers that replace their connections; lent ones after their statement.' }),
  missing_workers: missing,
});

export const exportView = z.strictObject({
  exported_at: time,
  version: z.string(),
  sessions: z.array(session),
  handles: z.array(
    z.strictObject({
      query_id: z.string(),
      principal: z.string(),
      tool: z.string(),
      kind: z.string(),
      created_at: time,
      last_used: time,
    }),
  ),
  counters: z.record(z.string(), z.number()),
  config: z.record(z.string(), z.record(z.string(), z.unknown())).meta({ description: 'Without secrets.' }),
  missing_workers: missing,
});

/** Of RFC 9728; auth makes it. */
export const resourceMetadataView = z.looseObject({ resource: z.string() });
export const openApiView = z.looseObject({ openapi: z.literal('3.1.0') });

export type HealthView = z.output<typeof healthView>;
export type HealthzView = z.output<typeof healthzView>;
export type DetailedHealthView = z.output<typeof detailedHealthView>;
export type StatusView = z.output<typeof statusView>;
export type SessionRow = z.output<typeof session>;
export type ActiveQueryRow = z.output<typeof activeQuery>;
export type SessionMemoryRow = z.output<typeof sessionMemoryView>[number];
export type HandleRow = z.output<typeof exportView>['handles'][number];
