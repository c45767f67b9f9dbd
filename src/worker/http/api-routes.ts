/**
 * Every endpoint of the service port beside /mcp: path, method, who may ask, what is answered. The express app, the
 * OpenAPI document and the tests are made from this table.
 */
import type { z } from 'zod';
import { type DocumentFacts, openApiDocument, type RouteDoc } from '../../shared/openapi.ts';
import type { Scope } from '../../shared/principal.ts';
import * as views from './api-views.ts';
import { METADATA_PATH } from './resource-metadata.ts';

/** `open`: everybody. The others need their scope; `onLoopback` lets this machine itself in without. */
export type RouteAccess = 'open' | { readonly scope: Scope; readonly onLoopback?: true };

export interface Route extends Omit<RouteDoc, 'access'> {
  readonly access: RouteAccess;
}

const admin = { scope: 'admin' } as const;
const adminOrLoopback = { scope: 'admin', onLoopback: true } as const;
const metricsOrLoopback = { scope: 'metrics', onLoopback: true } as const;
const notReady = { 503: 'Ask another worker or come back later.' };
const noOAuth = { 404: 'OAuth is not configured.' };
const noPrimary = { 503: 'The primary did not answer.' };

export const ROUTES = {
  health: {
    method: 'get',
    path: '/health',
    access: 'open',
    says: 'Health of the service, with figures of all workers',
    view: views.healthView,
    alsoViewAt: { 503: 'Unhealthy: this worker takes no new work.' },
  },
  healthz: {
    method: 'get',
    path: '/healthz',
    access: 'open',
    says: 'Health of one worker for load balancers; asks nobody',
    view: views.healthzView,
    alsoViewAt: notReady,
  },
  live: { method: 'get', path: '/livez', access: 'open', says: 'Whether the process answers', view: views.liveView },
  ready: {
    method: 'get',
    path: '/readyz',
    access: 'open',
    says: 'Whether new work is taken: not while draining or in maintenance',
    view: views.readyView,
    alsoViewAt: notReady,
  },
  healthInDetail: {
    method: 'get',
    path: '/health/detailed',
    access: adminOrLoopback,
    says: 'Health with pool, memory, event loop, sessions, workers and components',
    view: views.detailedHealthView,
  },
  status: {
    method: 'get',
    path: '/status',
    access: adminOrLoopback,
    says: 'Version, workers, pool, requests and tools',
    view: views.statusView,
  },
  metrics: {
    method: 'get',
    path: '/metrics',
    access: metricsOrLoopback,
    says: "The cluster's metrics for Prometheus, the same as on the primary's port",
    view: { text: 'text/plain' },
    errors: noPrimary,
  },
  metricsJson: {
    method: 'get',
    path: '/api/metrics',
    access: metricsOrLoopback,
    says: 'The most asked-for figures of the cluster as JSON',
    view: views.metricsJsonView,
    errors: noPrimary,
  },
  sessions: {
    method: 'get',
    path: '/api/sessions',
    access: admin,
    says: 'The sessions of the cluster, the last used first',
    view: views.sessionsView,
  },
  testConnection: {
    method: 'post',
    path: '/api/test-connection',
    access: admin,
    says: 'Asks Snowflake who we are, on a new connection if need be',
    view: views.connectionTestView,
  },
  activeQueries: {
    method: 'get',
    path: '/api/debug/active-queries',
    access: admin,
    says: 'The statements of all workers that run now, the oldest first; never their text',
    view: views.activeQueriesView,
  },
  killQuery: {
    method: 'delete',
    path: '/api/debug/active-queries/:id',
    access: admin,
    says: 'Cancels a statement in Snowflake, whichever worker runs it; its caller is told that an operator did',
    view: views.killedView,
    errors: { 404: 'No such statement runs.' },
  },
  sessionMemory: {
    method: 'get',
    path: '/api/debug/session-memory',
    access: admin,
    says: 'What sessions keep in memory, the largest first',
    view: views.sessionMemoryView,
  },
  maintenance: {
    method: 'get',
    path: '/admin/maintenance-mode',
    access: admin,
    says: 'Whether the service is in maintenance',
    view: views.maintenanceView,
  },
  maintenanceOn: {
    method: 'post',
    path: '/admin/maintenance-mode',
    access: admin,
    says: 'No new session and no new query begins in any worker; what runs is finished. Ends with a restart',
    view: views.maintenanceView,
    errors: noPrimary,
  },
  maintenanceOff: {
    method: 'delete',
    path: '/admin/maintenance-mode',
    access: admin,
    says: 'Ends maintenance',
    view: views.maintenanceView,
    errors: noPrimary,
  },
  resetPool: {
    method: 'post',
    path: '/admin/reset-connection-pool',
    access: admin,
    says: 'Every worker replaces its Snowflake connections; lent ones after their statement',
    view: views.poolResetView,
  },
  exportState: {
    method: 'get',
    path: '/admin/export-state',
    access: admin,
    says: 'Sessions, submitted statements, counters and configuration without secrets, for a backup',
    view: views.exportView,
    errors: noPrimary,
  },
  resourceMetadata: {
    method: 'get',
    path: METADATA_PATH,
    access: 'open',
    says: 'Where OAuth clients get a token for this service (RFC 9728)',
    view: views.resourceMetadataView,
    errors: noOAuth,
  },
  resourceMetadataOfMcp: {
    method: 'get',
    path: `${METADATA_PATH}/mcp`,
    access: 'open',
    says: 'The same, where clients of /mcp look for it first',
    view: views.resourceMetadataView,
    errors: noOAuth,
  },
  openApi: { method: 'get', path: '/openapi.json', access: 'open', says: 'This document', view: views.openApiView },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;
/** What the handler of a route makes. */
export type ViewOf<Name extends RouteName> = (typeof ROUTES)[Name]['view'] extends z.ZodType
  ? z.output<(typeof ROUTES)[Name]['view']>
  : string;

const EVERY_ERROR = {
  400: 'The request cannot be read.',
  401: 'Credentials are missing or wrong.',
  403: 'The credentials do not reach, or Host or Origin is foreign.',
  405: 'The path knows other methods.',
  413: 'The body is too large.',
  429: 'Too many requests.',
  500: 'A fault of the server; its log has the cause under the X-Request-Id of the answer.',
};

export function accessInWords(access: RouteAccess): string {
  if (access === 'open') return 'open';
  return `scope ${access.scope}${'onLoopback' in access ? ', or a caller on this machine itself' : ', or a trusted caller on this machine (admin.trust_loopback)'}`;
}

/** The document served at /openapi.json. */
export function serviceDocument(version: string): Record<string, unknown> {
  const facts: DocumentFacts = {
    title: 'snowflake-mcp-daemon, service port',
    version,
    description:
      'Health, figures and administration. MCP itself is at /mcp (Streamable HTTP, and WebSocket by upgrade) and is described by the Model Context Protocol.',
    everyError: EVERY_ERROR,
  };
  const docs = Object.values(ROUTES).map((route): RouteDoc => ({ ...route, access: accessInWords(route.access) }));
  return openApiDocument(facts, docs);
}
