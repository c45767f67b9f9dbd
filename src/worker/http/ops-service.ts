/** Joins what answers everything but /mcp: one app for the service port, one for the worker's own socket. */
import type { RequestListener } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { Log } from '../../shared/log.ts';
import type { Handles } from '../mcp/handles.ts';
import type { QueryService } from '../query/service.ts';
import type { SessionActivity } from '../session/activity.ts';
import type { SessionDirectory } from '../session/directory.ts';
import type { FleetView } from '../session/fleet-view.ts';
import type { Access } from './access.ts';
import { createHandlers } from './api-handlers.ts';
import type { SessionRow } from './api-views.ts';
import { createClusterReport, rowOf, type SessionBuffer, type WorkerReport } from './cluster-report.ts';
import { createFellows } from './fellows.ts';
import type { HealthSources } from './health-view.ts';
import { createMaintenance } from './maintenance.ts';
import { createMergedMetrics } from './merged-metrics.ts';
import { createOpsApp } from './ops-app.ts';
import { metadataPath } from './resource-metadata.ts';

export interface OpsServiceOptions {
  readonly config: Config;
  readonly health: HealthSources;
  /** Address of the primary's own HTTP port; it renders the merged metrics. */
  readonly opsUrl: string;
  readonly access: Pick<Access, 'require' | 'requireToLook'>;
  /** Told to OAuth clients; undefined without OAuth. */
  readonly resourceMetadata: { readonly resource: string } | undefined;
  readonly fleet: FleetView;
  readonly query: QueryService;
  readonly directory: Pick<SessionDirectory, 'list' | 'unshared'>;
  readonly activity: SessionActivity;
  readonly handles: Pick<Handles, 'list'>;
  /** Sessions that live and end with a connection of this worker. */
  readonly connected: () => readonly SessionRow[];
  /** What sessions keep in this worker for clients that come back. */
  readonly buffers: () => readonly SessionBuffer[];
  readonly askMaintenance: (isOn: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export function createOpsService(options: OpsServiceOptions): {
  readonly shared: RequestListener;
  readonly own: RequestListener;
} {
  const { config, fleet, query, health, access, clock, log, directory } = options;
  const fellows = createFellows(fleet);
  const own = () => ownReport(options);
  const parts = {
    config,
    version: health.version,
    health,
    resourceMetadata: options.resourceMetadata,
    fleet,
    fellows,
    maintenance: createMaintenance({ fleet, clock, ask: options.askMaintenance }),
    metrics: createMergedMetrics(options.opsUrl, config.metrics.token, clock),
    query,
    report: createClusterReport({ fleet, clock, fellows, own, records: (limit) => directory.list(limit) }),
    handles: (limit: number) => options.handles.list(limit),
    clock,
  };
  const ownReadiness = () => (health.isReady() ? 'ready' : 'draining');
  const { resourceMetadata: metadata } = options;
  const about = {
    access,
    log,
    maxBodyBytes: config.server.max_body,
    metadataPath: metadata && metadataPath(metadata.resource),
  };
  return {
    shared: createOpsApp({
      ...about,
      handlers: createHandlers({
        ...parts,
        readiness: () => (fleet.isInMaintenance() ? 'maintenance' : ownReadiness()),
      }),
    }),
    // The primary asks here whether this one worker is well, which maintenance of the service does not change.
    own: createOpsApp({
      ...about,
      handlers: createHandlers({ ...parts, readiness: ownReadiness }),
      own: {
        incarnation: fleet.incarnation,
        report: own,
        kill: (id) => query.kill(id),
        replaceConnections: () => query.replaceConnections(),
      },
    }),
  };
}

async function ownReport(options: OpsServiceOptions): Promise<WorkerReport> {
  const { health, fleet, activity, directory, query, buffers, connected } = options;
  const slot = health.slot();
  const unshared = await directory.unshared();
  return {
    slot,
    incarnation: fleet.incarnation,
    activity: activity.all(),
    sessions: [...connected(), ...unshared.map((record) => rowOf(record, activity.of(record.id), slot))],
    queries: query.active(),
    buffers: buffers(),
    completedToday: query.completedToday(),
  };
}
