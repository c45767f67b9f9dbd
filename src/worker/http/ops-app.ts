/**
 * Everything but /mcp: health for load balancers and people, metrics passed on from the primary, and JSON errors for
 * the rest. Rare requests, so express does the routing.
 */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Scope } from '../../shared/principal.ts';
import type { Access } from './access.ts';
import { replyError } from './error-reply.ts';
import { detailedHealthView, type HealthSources, healthView, healthzView, statusView } from './health-view.ts';
import type { Maintenance } from './maintenance.ts';
import { METADATA_PATH } from './resource-metadata.ts';

export interface OpsOptions {
  readonly health: HealthSources;
  /** Address of the primary's own HTTP port; it renders the merged metrics. */
  readonly opsUrl: string;
  readonly access: Pick<Access, 'require' | 'requireToLook'>;
  /** Told to OAuth clients; undefined without OAuth. */
  readonly resourceMetadata: object | undefined;
  readonly maintenance: Maintenance;
  /** Whether this worker takes new work, and why not. */
  readiness(): 'ready' | 'draining' | 'maintenance';
  readonly log: Log;
}

const METRICS_TIMEOUT_MS = 2000;

async function passMetrics(opsUrl: string, response: Response): Promise<void> {
  try {
    const answer = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_TIMEOUT_MS) });
    const text = await answer.text();
    response
      .status(answer.status)
      .type(answer.headers.get('content-type') ?? 'text/plain')
      .send(text);
  } catch (error) {
    throw new AppError('METRICS_UNAVAILABLE', {}, { cause: error });
  }
}

/** A GET route; other methods are answered 405. */
function get(app: Express, path: string, answer: (request: Request, response: Response) => unknown): void {
  app
    .route(path)
    .get(async (request, response) => {
      await answer(request, response);
    })
    .all((request) => {
      throw new AppError('METHOD_NOT_ALLOWED', { method: request.method, allowed: 'GET, HEAD' });
    });
}

export function createOpsApp(options: OpsOptions): Express {
  const { health } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const only =
    (scope: Scope, answer: (response: Response) => unknown) => async (request: Request, response: Response) => {
      await options.access.require(request, scope);
      await answer(response);
    };
  const onLoopbackOr =
    (scope: Scope, answer: (response: Response) => unknown) => async (request: Request, response: Response) => {
      await options.access.requireToLook(request, scope);
      await answer(response);
    };
  const ready = () => (health.isReady() ? 200 : 503);
  get(app, '/health', (_request, response) => {
    const view = healthView(health);
    response.status(view.status === 'unhealthy' ? 503 : 200).json(view);
  });
  get(app, '/healthz', (_request, response) => response.status(ready()).json(healthzView(health)));
  get(app, '/livez', (_request, response) => response.json({ status: 'alive' }));
  get(app, '/readyz', (_request, response) =>
    response.status(options.readiness() === 'ready' ? 200 : 503).json({ status: options.readiness() }),
  );
  get(
    app,
    '/health/detailed',
    onLoopbackOr('admin', (response) => response.json(detailedHealthView(health))),
  );
  get(
    app,
    '/status',
    onLoopbackOr('admin', (response) => response.json(statusView(health))),
  );
  get(
    app,
    '/metrics',
    onLoopbackOr('metrics', (response) => passMetrics(options.opsUrl, response)),
  );
  const setMaintenance = (isOn: boolean) =>
    only('admin', async (response) => response.json(await options.maintenance.set(isOn)));
  app
    .route('/admin/maintenance-mode')
    .get(only('admin', (response) => response.json(options.maintenance.view())))
    .post(setMaintenance(true))
    .delete(setMaintenance(false))
    .all((request) => {
      throw new AppError('METHOD_NOT_ALLOWED', { method: request.method, allowed: 'GET, HEAD, POST, DELETE' });
    });
  const { resourceMetadata } = options;
  if (resourceMetadata !== undefined) {
    for (const path of [METADATA_PATH, `${METADATA_PATH}/mcp`]) {
      get(app, path, (_request, response) => response.json(resourceMetadata));
    }
  }
  app.all('/sse', () => {
    throw new AppError('GONE_SSE', {});
  });
  app.use((request) => {
    throw new AppError('NOT_FOUND', { path: request.path.slice(0, 200) });
  });
  // Express tells an error handler by its four arguments.
  app.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const error = toAppError(thrown, 'http');
    if (error.code === 'INTERNAL') options.log.error('http.failed', error.message, { error: error.cause });
    replyError(response, error, 'plain');
  });
  return app;
}
