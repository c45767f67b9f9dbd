/**
 * Every endpoint of the primary's port: path, who may ask, what is answered. The server, its OpenAPI document and the tests
 * are made from this table. All of them only read, so GET and HEAD are the methods of each.
 */
import { z } from 'zod';
import { daemonStatusSchema } from '../shared/control-api.ts';
import type { RouteDoc } from '../shared/openapi.ts';

/** `open`: everybody, `token`: whoever shows metrics.token where other machines reach the port and there is one. */
export type OpsAccess = 'open' | 'token';

export interface OpsRoute extends Omit<RouteDoc, 'access' | 'method'> {
  readonly access: OpsAccess;
}

const probe = z.strictObject({ status: z.enum(['ok', 'unavailable']) });

export const OPS_ROUTES = {
  metrics: {
    path: '/metrics',
    access: 'token',
    says: 'Metrics of the whole cluster for Prometheus; never waits for a worker',
    view: { text: 'text/plain' },
  },
  live: { path: '/livez', access: 'open', says: 'Whether the primary answers', view: probe },
  ready: {
    path: '/readyz',
    access: 'open',
    says: 'Whether half of the workers, rounded up, are ready',
    view: probe,
    alsoViewAt: { 503: 'Too few workers are ready.' },
  },
  status: {
    path: '/status',
    access: 'token',
    says: 'Slots, processes, restarts with reasons, generation, a reload in progress',
    view: daemonStatusSchema,
  },
  page: { path: '/', access: 'token', says: 'The status page for people', view: { text: 'text/html' } },
  events: {
    path: '/events',
    access: 'token',
    says: 'What feeds the page: server-sent events `frame`, one a second at most, each a JSON object of part -> markup',
    view: { text: 'text/event-stream' },
    errors: { 503: 'metrics.page_listeners browsers watch already; come back after Retry-After.' },
  },
  script: { path: '/status.js', access: 'token', says: 'Script of the page', view: { text: 'text/javascript' } },
  style: { path: '/status.css', access: 'token', says: 'Style of the page', view: { text: 'text/css' } },
  icon: { path: '/status.svg', access: 'token', says: 'Icon of the page', view: { text: 'image/svg+xml' } },
  openApi: {
    path: '/openapi.json',
    access: 'open',
    says: 'This document',
    view: z.looseObject({ openapi: z.literal('3.1.0') }),
  },
} as const satisfies Record<string, OpsRoute>;

export type OpsRouteName = keyof typeof OPS_ROUTES;

const BY_PATH: ReadonlyMap<string, OpsRouteName> = new Map(
  (Object.keys(OPS_ROUTES) as OpsRouteName[]).map((name) => [OPS_ROUTES[name].path, name]),
);

export function opsRouteAt(path: string): OpsRouteName | undefined {
  return BY_PATH.get(path);
}
