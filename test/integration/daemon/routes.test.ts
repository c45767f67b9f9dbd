/**
 * Every route of both ports of a real daemon that knows keys: who is let in, which methods and formats are refused, and that
 * the document of each port is served and says what is answered.
 */
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { opsDocument } from '../../../src/primary/ops-document.ts';
import { OPS_ROUTES, type OpsRoute, type OpsRouteName } from '../../../src/primary/ops-routes.ts';
import { errorView } from '../../../src/shared/openapi.ts';
import { ROUTES, type Route, serviceDocument } from '../../../src/worker/http/api-routes.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';

const TOKEN = 'scrape-token-of-the-test';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const PROXIED = { 'x-forwarded-for': '10.1.2.3' };

let daemon: Daemon;
let dir: ReturnType<typeof tempDir>;
const keys: Record<string, string> = {};
beforeAll(async () => {
  dir = tempDir();
  const file = join(dir.path, 'c.json');
  writeFileSync(file, JSON.stringify({ metrics: { host: '0.0.0.0', token: TOKEN } }));
  daemon = await startDaemon({ workers: 1, args: ['--config', file] });
  for (const scope of ['read', 'metrics', 'admin']) {
    keys[scope] = (await daemon.cli('keys', 'create', '--name', scope, '--scopes', scope)).stdout.trim();
  }
  await eventually(async () => (await ask(daemon.url, 'GET', '/admin/maintenance-mode')).status === 401);
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(url: string, method: string, path: string, headers = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // A DELETE with a body would not tell its length by itself.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = request(`${url}${path}`, { method, agent: false, headers: { ...headers, ...length } }, (response) => {
      let text = '';
      // The rest of a stream that never ends is not waited for.
      if (response.headers['content-type']?.startsWith('text/event-stream') === true) response.destroy();
      const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => {});
      response.once('close', done);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key}` });
const serviceRoutes = Object.values<Route>(ROUTES).filter(({ path }) => !path.startsWith('/.well-known'));
const pathOf = ({ path }: { path: string }) => path.replace(':id', '9999.1');

/** What a caller with this scope is told, by what the route asks for. */
function expectedOf(access: Route['access'], scope: string | undefined): 'in' | 401 | 403 {
  if (access === 'open') return 'in';
  if (scope === undefined) return 401;
  return scope === 'admin' || scope === access.scope ? 'in' : 403;
}

test.each(serviceRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  'service port: %s lets in who has its scope, and no other, through a proxy too',
  async (_name, route) => {
    const method = route.method.toUpperCase();
    for (const scope of [undefined, 'read', 'metrics', 'admin']) {
      const headers = scope === undefined ? PROXIED : { ...PROXIED, ...bearer(keys[scope]) };
      const { status, body, headers: sent } = await ask(daemon.url, method, pathOf(route), headers);
      const expected = expectedOf(route.access, scope);
      if (expected === 'in') expect([scope, [401, 403, 405].includes(status), status]).toEqual([scope, false, status]);
      else {
        expect([scope, status]).toEqual([scope, expected]);
        const { error } = errorView.parse(JSON.parse(body));
        expect(error.code).toBe(expected === 401 ? 'UNAUTHENTICATED' : 'INSUFFICIENT_SCOPE');
        expect(sent['www-authenticate']).toContain('Bearer');
      }
    }
    const wrong = await ask(daemon.url, method, pathOf(route), { ...PROXIED, ...bearer('smk_not_a_key') });
    expect(wrong.status === 401).toBe(route.access !== 'open');
    if (route.path === '/admin/maintenance-mode') await ask(daemon.url, 'DELETE', route.path, bearer(keys.admin));
  },
);

const servicePaths = [...new Set(serviceRoutes.map(pathOf))];

test.each(servicePaths)('service port: %s names its methods to others', async (path) => {
  const known = serviceRoutes.filter((route) => pathOf(route) === path).map(({ method }) => method.toUpperCase());
  if (known.includes('GET')) known.push('HEAD');
  for (const method of METHODS.filter((each) => !known.includes(each))) {
    const { status, headers, body } = await ask(daemon.url, method, path, bearer(keys.admin));
    expect([method, status]).toEqual([method, 405]);
    expect(headers.allow?.split(', ').sort()).toEqual([...known].sort());
    if (method !== 'HEAD') expect(errorView.parse(JSON.parse(body)).error.code).toBe('METHOD_NOT_ALLOWED');
  }
});

const changing = serviceRoutes.filter(({ method }) => method !== 'get');

test.each(changing.map((route) => [`${route.method} ${route.path}`, route] as const))(
  'service port: %s takes no body but JSON of a sane size',
  async (_name, route) => {
    const send = (body: string) =>
      ask(daemon.url, route.method.toUpperCase(), pathOf(route), bearer(keys.admin), body).then((reply) => ({
        status: reply.status,
        code: errorView.parse(JSON.parse(reply.body)).error.code,
      }));
    expect(await send('{nope')).toEqual({ status: 400, code: 'NOT_JSON' });
    expect(await send('"'.padEnd(5 * 1024 * 1024, 'x'))).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
  },
);

const STRANGE = ['/nothing', '/__proto__', '/metrics/', '//metrics', '/METRICS', '/status.json', '/admin', '/%00'];

test.each(STRANGE)('both ports: %s is not there, and says so in the form of every error', async (path) => {
  for (const [url, headers] of [
    [daemon.url, bearer(keys.admin)],
    [daemon.metricsUrl, bearer(TOKEN)],
  ] as const) {
    const { status, body, headers: sent } = await ask(url, 'GET', path, headers);
    expect([url, status]).toEqual([url, 404]);
    expect(sent['content-type']).toContain('application/json');
    expect(errorView.parse(JSON.parse(body)).error).toMatchObject({ code: 'NOT_FOUND', next: expect.any(String) });
  }
});

const opsNames = Object.keys(OPS_ROUTES) as OpsRouteName[];

test.each(opsNames)("primary's port: %s answers what its document says, to whoever shows the token", async (name) => {
  const { path, access, view } = OPS_ROUTES[name] as OpsRoute;
  const { status, headers, body } = await ask(daemon.metricsUrl, 'GET', path, bearer(TOKEN));
  expect([path, status]).toEqual([path, 200]);
  if ('text' in view) expect(headers['content-type']).toContain(view.text);
  else (view as z.ZodType).parse(JSON.parse(body));
  for (const shown of [{}, bearer('wrong'), bearer(keys.admin)]) {
    const refused = await ask(daemon.metricsUrl, 'GET', path, shown);
    expect([path, refused.status]).toEqual([path, access === 'open' ? 200 : 401]);
    if (access !== 'open') expect(errorView.parse(JSON.parse(refused.body)).error.code).toBe('UNAUTHENTICATED');
  }
  for (const method of METHODS.filter((each) => each !== 'GET' && each !== 'HEAD')) {
    const refused = await ask(daemon.metricsUrl, method, path, bearer(TOKEN), '{}');
    expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    expect(errorView.parse(JSON.parse(refused.body)).error.code).toBe('METHOD_NOT_ALLOWED');
  }
  const head = await ask(daemon.metricsUrl, 'HEAD', path, bearer(TOKEN));
  expect([head.status, head.body, head.headers['content-type']]).toEqual([200, '', headers['content-type']]);
  const foreign = await ask(daemon.metricsUrl, 'GET', path, { ...bearer(TOKEN), host: 'evil.example' });
  expect([foreign.status, errorView.parse(JSON.parse(foreign.body)).error.code]).toEqual([403, 'FORBIDDEN_HOST']);
});

test('both ports: the document of each is served to everybody as it was made', async () => {
  const { version } = await daemon.status();
  const service = await ask(daemon.url, 'GET', '/openapi.json', PROXIED);
  expect(JSON.parse(service.body)).toEqual(serviceDocument(version));
  const primary = await ask(daemon.metricsUrl, 'GET', '/openapi.json');
  expect(JSON.parse(primary.body)).toEqual(opsDocument(version));
});

test('service port: what scrapes shows the metrics token, and reaches nothing else with it', async () => {
  const headers = { ...PROXIED, ...bearer(TOKEN) };
  expect((await ask(daemon.url, 'GET', '/metrics', headers)).status).toBe(200);
  expect((await ask(daemon.url, 'GET', '/api/sessions', headers)).status).toBe(401);
});
