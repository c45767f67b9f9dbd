/** What each route of the table answers. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { maskedConfig } from '../../shared/config/masked.ts';
import type { Config } from '../../shared/config/schema.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import { redactText } from '../../shared/redact.ts';
import type { HandleRecord } from '../mcp/handles.ts';
import type { QueryService } from '../query/service.ts';
import type { FleetView } from '../session/fleet-view.ts';
import { type RouteName, serviceDocument, type ViewOf } from './api-routes.ts';
import type { HandleRow } from './api-views.ts';
import { type ClusterReport, memoryRows, ownQueryId, queryRows } from './cluster-report.ts';
import type { Fellows } from './fellows.ts';
import { detailedHealthView, type HealthSources, healthView, healthzView, statusView } from './health-view.ts';
import type { Maintenance } from './maintenance.ts';
import { countersOf, type MergedMetrics, sumOf } from './merged-metrics.ts';
import { sharedAnswer } from './single-flight.ts';

export interface HandlerParts {
  readonly config: Config;
  readonly version: string;
  readonly health: HealthSources;
  /** Told to OAuth clients; undefined without OAuth. */
  readonly resourceMetadata: object | undefined;
  readonly fleet: FleetView;
  readonly fellows: Fellows;
  readonly maintenance: Maintenance;
  readonly metrics: MergedMetrics;
  readonly query: Pick<QueryService, 'probe' | 'kill' | 'replaceConnections'>;
  readonly report: () => Promise<ClusterReport>;
  /** Submitted statements that are remembered, at most `limit`, and how many there are. */
  readonly handles: (limit: number) => Promise<{ readonly records: readonly HandleRecord[]; readonly total: number }>;
  readonly clock: Clock;
  /** Whether this worker takes new work, and why not. */
  readiness(): 'ready' | 'draining' | 'maintenance';
}

export interface Answer<View> {
  readonly body: View;
  /** 200 when left out. */
  readonly status?: number;
}

export type Handlers = {
  readonly [Name in RouteName]: (request: IncomingMessage, id: string) => MaybePromise<Answer<ViewOf<Name>>>;
};
type MaybePromise<T> = T | Promise<T>;

const PROBE_MS = 15_000;
const PROBE_KEEP_MS = 1000;
const HANDLES_MAX = 10_000;
const BYTES_PER_MB = 1024 * 1024;

export function createHandlers(parts: HandlerParts): Handlers {
  const { health, maintenance, report, metrics, clock } = parts;
  const document = serviceDocument(parts.version);
  const testConnection = sharedAnswer(clock, PROBE_KEEP_MS, () => probe(parts));
  const ready = () => (health.isReady() ? 200 : 503);
  return {
    health: () => {
      const body = healthView(health);
      return { body, status: body.status === 'unhealthy' ? 503 : 200 };
    },
    healthz: () => ({ body: healthzView(health), status: ready() }),
    live: () => ({ body: { status: 'alive' } }),
    ready: () => ({ body: { status: parts.readiness() }, status: parts.readiness() === 'ready' ? 200 : 503 }),
    healthInDetail: () => ({ body: detailedHealthView(health) }),
    status: () => ({ body: statusView(health) }),
    metrics: async () => ({ body: await metrics.text() }),
    metricsJson: () => figures(parts),
    sessions: async () => {
      const { sessions, sessionsTotal, missing } = await report();
      return { body: { active_sessions: [...sessions], total: sessionsTotal, missing_workers: [...missing] } };
    },
    testConnection: async () => ({ body: await testConnection() }),
    activeQueries: async () => ({ body: queryRows(await report(), clock.wall().getTime()) }),
    killQuery: async (_request, id) => ({ body: await kill(parts, id) }),
    sessionMemory: async () => ({ body: memoryRows(await report()) }),
    maintenance: () => ({ body: maintenance.view() }),
    maintenanceOn: async () => ({ body: await maintenance.set(true) }),
    maintenanceOff: async () => ({ body: await maintenance.set(false) }),
    resetPool: async () => {
      parts.query.replaceConnections();
      const { answers, missing } = await parts.fellows.ask('POST', RESET_PATH);
      return { body: { reset: true, workers: 1 + answers.length, missing_workers: [...missing] } };
    },
    exportState: () => exportState(parts),
    resourceMetadata: (request) => metadata(parts, request),
    resourceMetadataOfMcp: (request) => metadata(parts, request),
    openApi: () => ({ body: document as ViewOf<'openApi'> }),
  };
}

function metadata({ resourceMetadata }: HandlerParts, { url = '' }: IncomingMessage) {
  if (resourceMetadata === undefined) throw new AppError('NOT_FOUND', { path: url.slice(0, 200) });
  return { body: resourceMetadata as ViewOf<'resourceMetadata'> };
}

/** What fellows are asked to do, on their own sockets. */
export const RESET_PATH = '/worker/reset-connection-pool';
export const KILL_PATH = '/worker/queries';

async function figures({ health, metrics, report, handles, fleet }: HandlerParts) {
  const [text, { reports }, { total }] = await Promise.all([metrics.text(), report(), handles(0)]);
  const workers = fleet.workers();
  const queries = sumOf(text, 'query_duration_seconds_count');
  const bytes = workers.reduce((sum, { beat }) => sum + (beat?.rssBytes ?? 0), 0);
  const body: ViewOf<'metricsJson'> = {
    connections: {
      active: sumOf(text, 'mcp_active_connections') - listeningStreams(text),
      total_opened: sumOf(text, 'mcp_connections_opened_total'),
    },
    tasks: {
      total,
      locked: reports.flatMap((one) => one.queries).filter(({ state }) => state === 'submitted').length,
      completed_today: reports.reduce((sum, { completedToday }) => sum + completedToday, 0),
    },
    performance: {
      avg_query_time_ms: queries === 0 ? 0 : round((sumOf(text, 'query_duration_seconds_sum') / queries) * 1000),
    },
    system: { uptime_seconds: statusView(health).uptime_seconds, memory_usage_mb: round(bytes / BYTES_PER_MB) },
  };
  return { body };
}

/** Streams are counted apart, and with the HTTP connection that carries them. */
function listeningStreams(text: string): number {
  return Number(/^mcp_active_connections\{connection_type="sse"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

const round = (value: number) => Math.round(value * 10) / 10;

async function probe({ query }: HandlerParts): Promise<ViewOf<'testConnection'>> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const found = await query.probe(signal);
    return {
      success: true,
      latency_ms: found.latencyMs,
      account: found.account,
      user: found.user,
      role: found.role,
      warehouse: found.warehouse,
      server_version: found.serverVersion,
    };
  } catch (thrown) {
    const error = signal.aborted
      ? new AppError('SNOWFLAKE_UNREACHABLE', { reason: `no answer within ${PROBE_MS} ms` }, { cause: thrown })
      : toAppError(thrown, 'the test of the connection');
    const { code, message, next } = error.toBody();
    return { success: false, error: { code, message: redactText(message), next } };
  }
}

async function kill({ query, fleet, fellows }: HandlerParts, id: string): Promise<ViewOf<'killQuery'>> {
  const own = ownQueryId(id, fleet.incarnation);
  if (own !== undefined && (await query.kill(own))) return { id, killed: true };
  const { answers } = await fellows.ask<{ killed: boolean }>('DELETE', `${KILL_PATH}/${encodeURIComponent(id)}`);
  if (answers.some(({ killed }) => killed)) return { id, killed: true };
  throw new AppError('QUERY_NOT_ACTIVE', { id: id.slice(0, 100) });
}

async function exportState({ config, version, metrics, report, handles, clock }: HandlerParts) {
  const [text, { sessions, missing }, { records }] = await Promise.all([
    metrics.text(),
    report(),
    handles(HANDLES_MAX),
  ]);
  const body: ViewOf<'exportState'> = {
    exported_at: clock.wall().toISOString(),
    version,
    sessions: [...sessions],
    handles: records.map(handleRow),
    counters: countersOf(text),
    config: maskedConfig(config),
    missing_workers: [...missing],
  };
  return { body };
}

function handleRow({ queryId, principal, tool, kind, createdAtMs, usedAtMs }: HandleRecord): HandleRow {
  const [created_at, last_used] = [new Date(createdAtMs).toISOString(), new Date(usedAtMs).toISOString()];
  return { query_id: queryId, principal, tool, kind, created_at, last_used };
}
