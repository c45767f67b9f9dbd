/**
 * Everything but /mcp: the routes of the table, what workers ask each other, and JSON errors for the rest. Rare requests,
 * so express does the routing.
 */
import type { IncomingMessage } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Access } from './access.ts';
import { type Answer, type Handlers, KILL_PATH, RESET_PATH } from './api-handlers.ts';
import { ROUTES, type Route, type RouteAccess, type RouteName } from './api-routes.ts';
import { parseJson, readBody } from './body.ts';
import { OWN_REPORT_PATH, ownQueryId, type WorkerReport } from './cluster-report.ts';
import { replyError } from './error-reply.ts';

export interface OpsOptions {
  readonly handlers: Handlers;
  readonly access: Pick<Access, 'require' | 'requireToLook'>;
  readonly maxBodyBytes: number;
  /** Where OAuth clients look for the metadata first, if that is not the path of /mcp. */
  readonly metadataPath?: string | undefined;
  readonly log: Log;
  /** What fellows ask on this worker's own socket; left out on the service port. */
  readonly own?: OwnDeeds;
}

export interface OwnDeeds {
  readonly incarnation: number;
  report(): Promise<WorkerReport>;
  kill(id: string): Promise<boolean>;
  replaceConnections(): void;
}

type Handle = (request: Request, response: Response) => Promise<void>;

/** Query ids and the names of statements are far shorter. */
const ID_MAX = 100;

export function createOpsApp(options: OpsOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // A proxy that keeps a path from others must not be passed by another spelling.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  for (const [path, routes] of routesByPath()) {
    const here = app.route(path);
    for (const [name, route] of routes) here[route.method](handleOf(options, name, route));
    here.all(refuseMethod(routes.map(([, { method }]) => method)));
  }
  const tellMetadata = handleOf(options, 'resourceMetadataOfMcp', ROUTES.resourceMetadataOfMcp);
  // Not a pattern: an address may hold what patterns are made of.
  app.use((request, response, next) =>
    request.method === 'GET' && request.path === options.metadataPath ? tellMetadata(request, response) : next(),
  );
  if (options.own !== undefined) addOwnRoutes(app, options.own);
  app.all('/sse', () => {
    throw new AppError('GONE_SSE', {});
  });
  app.use((request) => {
    throw new AppError('NOT_FOUND', { path: request.path.slice(0, 200) });
  });
  // Express tells an error handler by its four arguments.
  app.use((thrown: unknown, request: Request, response: Response, _next: NextFunction) => {
    const error = asAppError(thrown, request);
    if (error.code === 'INTERNAL') options.log.error('http.failed', error.message, { error: error.cause });
    replyError(response, error, 'plain');
  });
  return app;
}

function routesByPath(): Map<string, (readonly [RouteName, Route])[]> {
  const paths = new Map<string, (readonly [RouteName, Route])[]>();
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
    paths.set(route.path, [...(paths.get(route.path) ?? []), [name, route]]);
  }
  return paths;
}

function handleOf({ access, handlers, maxBodyBytes }: OpsOptions, name: RouteName, route: Route): Handle {
  const handler = handlers[name] as (
    request: IncomingMessage,
    id: string,
  ) => Answer<unknown> | Promise<Answer<unknown>>;
  return async (request, response) => {
    await allow(access, request, route.access);
    if (route.method !== 'get') await checkBody(request, maxBodyBytes);
    const id = String(request.params.id ?? '');
    if (id.length > ID_MAX) throw new AppError('NOT_FOUND', { path: request.path.slice(0, 200) });
    const { body, status = 200 } = await handler(request, id);
    response.status(status).setHeader('Cache-Control', 'no-store');
    if ('text' in route.view) response.type(route.view.text).send(body);
    else response.json(body);
  };
}

async function allow(access: OpsOptions['access'], request: Request, needs: RouteAccess): Promise<void> {
  if (needs === 'open') return;
  await (needs.onLoopback === true ? access.requireToLook(request, needs.scope) : access.require(request, needs.scope));
}

/** No route needs a body; one that is sent must be JSON of a sane size all the same. */
async function checkBody(request: Request, maxBytes: number): Promise<void> {
  const body = await readBody(request, { maxBytes });
  if (body.length > 0) parseJson(body);
}

function refuseMethod(methods: readonly string[]) {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
  return (request: Request) => {
    throw new AppError('METHOD_NOT_ALLOWED', { method: request.method, allowed });
  };
}

/** What workers ask each other; who can open the socket may. */
function addOwnRoutes(app: Express, own: OwnDeeds): void {
  app.get(OWN_REPORT_PATH, async (_request, response) => void response.json(await own.report()));
  app.post(RESET_PATH, (_request, response) => {
    own.replaceConnections();
    response.json({ reset: true });
  });
  app.delete(`${KILL_PATH}/:id`, async (request, response) => {
    const id = ownQueryId(request.params.id, own.incarnation);
    response.json({ killed: id !== undefined && (await own.kill(id)) });
  });
}

/** Express itself throws what has a status: an address it cannot read. */
function asAppError(thrown: unknown, request: Request): AppError {
  const { status } = (thrown ?? {}) as { status?: unknown };
  if (!(thrown instanceof AppError) && typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError('BAD_REQUEST', { reason: `the address cannot be read: ${request.path.slice(0, 100)}` });
  }
  return toAppError(thrown, 'http');
}
