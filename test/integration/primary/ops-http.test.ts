/** The primary's HTTP port over real sockets: what is served, what is refused, which addresses it takes. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createMetricsStore } from '../../../src/primary/metrics-merge.ts';
import { type OpsAddress, type OpsViews, startOpsHttp } from '../../../src/primary/ops-http.ts';
import { createPageDesk } from '../../../src/primary/page-desk.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import { eventually } from '../../support/eventually.ts';
import { logLines } from '../../support/log-lines.ts';

const STATUS: DaemonStatus = {
  pid: 77,
  version: '1.2<3',
  demo: true,
  generation: 4,
  uptimeSeconds: 3700,
  state: 'running',
  url: 'http://127.0.0.1:8000',
  metricsUrl: 'http://127.0.0.1:8001',
  logFile: '/var/log/<b>&"x".log',
  pidFile: '/run/x.pid',
  workers: [
    {
      slot: 0,
      incarnation: 3,
      pid: 78,
      state: 'ready',
      uptimeSeconds: 3600,
      restarts: 2,
      socket: '',
      lastExit: 'killed (SIGKILL)',
      cpuPercent: 1.5,
      rssBytes: 104_857_600,
      lagMs: 3,
      sessions: 5,
      inflight: 1,
      pool: { active: 5, idle: 1, total: 6, max: 8, waiting: 2, peak: 6, oldestWaitMs: 10 },
      snowflake: 'healthy',
    },
  ],
};

async function started(address: Partial<OpsAddress> = {}, views: Partial<OpsViews> = {}) {
  const all = { metrics: () => 'x_total 1\n', status: () => STATUS, isLive: () => true, isReady: () => true, ...views };
  const { log, events } = logLines();
  const metrics = createMetricsStore({ maxSeries: 100 });
  const desk = createPageDesk({ log, metrics, clock: systemClock, listenersMax: 5 });
  desk.follow(all);
  const server = await startOpsHttp(
    { host: '127.0.0.1', port: 0, maxConnections: 50, ...address },
    { page: desk.page, ...all },
    { log, metrics },
  );
  const close = async () => {
    desk.close();
    await server.close();
  };
  return { ...server, events, metrics, [Symbol.asyncDispose]: close };
}

/** A request with any method, path and Host, which fetch would not send. */
function ask(url: string, options: { path?: string; method?: string; host?: string; authorization?: string } = {}) {
  const { path = '/status', method = 'GET', host, authorization } = options;
  const headers = { ...(host === undefined ? {} : { host }), ...(authorization && { authorization }) };
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const sent = request(url, { path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

test('ops: metrics as Prometheus text, status as JSON, and a page for people', async () => {
  await using ops = await started();
  const metrics = await ask(ops.url, { path: '/metrics?x=1' });
  expect([metrics.status, metrics.body]).toEqual([200, 'x_total 1\n']);
  expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(JSON.parse((await ask(ops.url)).body)).toEqual(STATUS);
  const page = await ask(ops.url, { path: '/' });
  expect(page.headers['content-type']).toContain('text/html');
  for (const words of ['Running', '1h 1m', '1.2&lt;3', '100 MiB', '5 of 8']) {
    expect(page.body).toContain(words);
  }
  expect(page.body).not.toMatch(/<script(?! type="module" src=)|<style| style=| on\w+=/);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
});

test('ops: probes follow liveness and readiness', async () => {
  let isReady = false;
  await using ops = await started({}, { isReady: () => isReady });
  expect((await ask(ops.url, { path: '/livez' })).status).toBe(200);
  expect((await ask(ops.url, { path: '/readyz' })).status).toBe(503);
  isReady = true;
  expect((await ask(ops.url, { path: '/readyz' })).status).toBe(200);
});

test('ops: unknown paths, wrong methods and bad requests have their status and a JSON reason', async () => {
  await using ops = await started();
  for (const path of ['/nothing', '/__proto__', '/constructor', '/metrics/']) {
    const reply = await ask(ops.url, { path });
    expect([path, reply.status, JSON.parse(reply.body).error.code]).toEqual([path, 404, 'NOT_FOUND']);
  }
  const post = await ask(ops.url, { method: 'POST' });
  expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  expect(JSON.parse(post.body).error).toMatchObject({ code: 'METHOD_NOT_ALLOWED', next: expect.any(String) });
  const head = await ask(ops.url, { method: 'HEAD', path: '/metrics' });
  expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '10']);
  const socket = connect(Number(new URL(ops.url).port), '127.0.0.1');
  socket.write('NOT HTTP\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
});

test('ops: a view that fails is a 500 without its text, and the next request is served', async () => {
  let isBroken = true;
  const metrics = () => {
    if (isBroken) throw new Error('a secret');
    return 'fine 1\n';
  };
  await using ops = await started({}, { metrics });
  const reply = await ask(ops.url, { path: '/metrics' });
  expect(reply.status).toBe(500);
  expect(reply.body).not.toContain('secret');
  isBroken = false;
  expect((await ask(ops.url, { path: '/metrics' })).status).toBe(200);
  expect(ops.events()).toContain('ops.failed');
});

test('ops: a Host that is not ours is refused, so that no web page can read through a name of its own', async () => {
  await using ops = await started({ host: 'localhost', allowedHosts: ['Metrics.Example'] });
  for (const host of [
    'localhost',
    'localhost:9',
    '127.0.0.1:1',
    '127.9.9.9',
    '[::1]:80',
    'LOCALHOST',
    'metrics.example',
  ]) {
    expect([host, (await ask(ops.url, { host })).status]).toEqual([host, 200]);
  }
  for (const host of [
    'evil.example',
    'evil.example:8001',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ]) {
    const reply = await ask(ops.url, { host });
    expect([host, reply.status]).toEqual([host, 403]);
  }
});

test('ops: on every address, any address is a good Host but a foreign name is not', async () => {
  await using ops = await started({ host: '0.0.0.0' });
  expect(ops.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await ask(ops.url, { host: '10.1.2.3:8001' })).status).toBe(200);
  expect((await ask(ops.url, { host: 'evil.example' })).status).toBe(403);
});

test('ops: where others can reach it the token is asked for, the probes apart; on loopback it is not', async () => {
  await using open = await started({ host: '0.0.0.0', token: () => 'scrape-me' });
  for (const path of ['/metrics', '/status', '/', '/nothing']) {
    const refused = await ask(open.url, { path });
    expect([path, refused.status, refused.headers['www-authenticate']]).toEqual([path, 401, 'Bearer']);
    expect((await ask(open.url, { path, authorization: 'Bearer scrape-m' })).status).toBe(401);
  }
  expect((await ask(open.url, { path: '/metrics', authorization: 'Bearer scrape-me' })).body).toBe('x_total 1\n');
  for (const path of ['/livez', '/readyz']) expect((await ask(open.url, { path })).status).toBe(200);
  await using closed = await started({ host: '127.0.0.1', token: () => 'scrape-me' });
  expect((await ask(closed.url, { path: '/metrics' })).status).toBe(200);
});

test('ops: localhost is both loopback addresses, on one port', async () => {
  await using ops = await started({ host: 'localhost' });
  const port = new URL(ops.url).port;
  expect(ops.url).toBe(`http://127.0.0.1:${port}`);
  expect((await ask(ops.url)).status).toBe(200);
  const hasIpv6 = await ask(`http://[::1]:${port}`).then(
    ({ status }) => status === 200,
    (error: NodeJS.ErrnoException) => error.code === 'EADDRNOTAVAIL',
  );
  expect(hasIpv6).toBe(true);
});

test('ops: a port in use is named with its key, and the other address is given back', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const host of ['127.0.0.1', 'localhost']) {
    const error = await started({ host, port }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'PORT_IN_USE', details: { key: 'metrics.port', port } });
  }
  holder.close();
  await once(holder, 'close');
  await (await started({ host: 'localhost', port })).close();
});

test('ops: an address of another machine is refused with its key', async () => {
  await expect(started({ host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'PORT_FORBIDDEN',
    details: { key: 'metrics.port' },
  });
});

test('ops: close ends open connections and may be called twice', async () => {
  const ops = await started();
  const idle = connect(Number(new URL(ops.url).port), '127.0.0.1');
  await once(idle, 'connect');
  await Promise.all([ops.close(), ops.close()]);
  if (!idle.closed) await once(idle, 'close');
});

test('ops: beyond its connections it says so and to come back, probes go on, and beyond twice as many it hangs up', async () => {
  await using ops = await started({ maxConnections: 10 });
  const port = Number(new URL(ops.url).port);
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const held = await Promise.all(Array.from({ length: 10 }, open));
  await eventually(() => ops.metrics.render().includes('supervisor_connections 10\n'));
  const refused = await ask(ops.url);
  expect([refused.status, refused.headers['retry-after'], refused.headers.connection]).toEqual([503, '10', 'close']);
  expect(JSON.parse(refused.body).error).toMatchObject({ code: 'OPS_BUSY', message: expect.stringContaining('10') });
  for (const path of ['/livez', '/readyz']) expect((await ask(ops.url, { path })).status).toBe(200);
  held.push(...(await Promise.all(Array.from({ length: 10 }, open))));
  await eventually(() => ops.metrics.render().includes('supervisor_connections 20\n'));
  await expect(ask(ops.url, { path: '/livez' })).rejects.toThrow();
  const counted = ops.metrics.render();
  expect(counted).toContain('supervisor_connections_rejected_total{reason="busy"} 1\n');
  expect(counted).toMatch(/supervisor_connections_rejected_total\{reason="closed"\} [1-9]/);
  for (const socket of held) socket.destroy();
  await eventually(() => ops.metrics.render().includes('supervisor_connections 0\n'));
  expect((await ask(ops.url)).status).toBe(200);
});
