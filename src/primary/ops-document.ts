/** The OpenAPI document of the primary's port. */
import { openApiDocument, type RouteDoc } from '../shared/openapi.ts';
import { OPS_ROUTES, type OpsRoute } from './ops-routes.ts';

const EVERY_ERROR = {
  401: 'metrics.token is asked for and was not sent.',
  403: 'Host names another machine.',
  405: 'The port only reads.',
  503: 'Too many connections are open; come back after Retry-After.',
  500: 'A fault of the daemon; its log has the cause.',
};

const ACCESS = {
  open: 'open',
  token: 'open on loopback; where other machines reach it the token metrics.token, when there is one',
} as const;

export function opsDocument(version: string): Record<string, unknown> {
  const facts = {
    title: 'snowflake-mcp-daemon, port of the primary',
    version,
    description:
      'Figures and state of the whole service for Prometheus, load balancers, scripts and people. It only reads.',
    everyError: EVERY_ERROR,
  };
  const docs = Object.values<OpsRoute>(OPS_ROUTES).map(
    (route): RouteDoc => ({ ...route, method: 'get', access: ACCESS[route.access] }),
  );
  return openApiDocument(facts, docs);
}
