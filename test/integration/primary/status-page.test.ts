/** The status page over real sockets: what many readers, slow readers and hurried ones cost. */
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createMetricsStore } from '../../../src/primary/metrics-merge.ts';
import { startOpsHttp } from '../../../src/primary/ops-http.ts';
import type { Frame } from '../../../src/primary/page/frame.ts';
import { createListeners } from '../../../src/primary/page/listeners.ts';
import { createPageDesk } from '../../../src/primary/page-desk.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { logLines } from '../../support/log-lines.ts';
import { workerRow } from '../../support/worker-row.ts';

const STATUS: DaemonStatus = {
  pid: 77,
  version: '1.2.3',
  demo: true,
  generation: 0,
  uptimeSeconds: 60,
  state: 'running',
  url: 'http://127.0.0.1:8000',
  metricsUrl: 'http://127.0.0.1:8001',
  logFile: '/x',
  pidFile: '/y',
  workers: [workerRow({ slot: 0 })],
};

async function served(listenersMax = 3) {
  const { log } = logLines();
  const metrics = createMetricsStore({ maxSeries: 100 });
  let asked = 0;
  const views = {
    metrics: () => metrics.render(),
    isLive: () => true,
    isReady: () => true,
    status: () => {
      asked += 1;
      return { ...STATUS, uptimeSeconds: asked };
    },
  };
  const desk = createPageDesk({ log, metrics, clock: systemClock, listenersMax });
  desk.follow(views);
  const server = await startOpsHttp(
    { host: '127.0.0.1', port: 0, maxConnections: 1000 },
    { ...views, page: desk.page },
    { log, metrics },
  );
  return {
    url: server.url,
    metrics,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      desk.close();
      await server.close();
    },
  };
}

/** An open event stream with the frames that came so far. */
async function watch(url: string) {
  const sent = get(`${url}/events`, { agent: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => {});
  const frames = () =>
    [...text.matchAll(/event: frame\ndata: (.*)\n\n/g)].map(([, data]) => JSON.parse(data ?? '') as Frame);
  return { response, frames, close: () => sent.destroy() };
}

const textOf = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

test('page: live readers share one frame a second, get what changed, and nothing is made when they have gone', async () => {
  await using page = await served();
  const readers = await Promise.all([watch(page.url), watch(page.url), watch(page.url)]);
  await eventually(() => readers.every((reader) => reader.frames().length >= 3));
  const [first, second] = readers[0]?.frames() ?? [];
  expect(Object.keys(first ?? {})).toEqual(expect.arrayContaining(['workers', 'facts', 'chart-requests', 'events']));
  expect(Object.keys(second ?? {})).toEqual(['facts']);
  // Who came first has every frame; the last one may still be on its way to some.
  const later = readers.map((reader) =>
    reader
      .frames()
      .slice(1)
      .map((frame) => JSON.stringify(frame)),
  );
  const [most = [], ...others] = later.sort((one, other) => other.length - one.length);
  for (const frames of others) expect(most).toEqual(expect.arrayContaining(frames.slice(0, -1)));
  expect(page.metrics.render()).toContain('supervisor_page_listeners 3\n');
  for (const reader of readers) reader.close();
  await eventually(() => page.metrics.render().includes('supervisor_page_listeners 0\n'));
});

test('page: no frame is planned or made while nobody watches', async () => {
  let made = 0;
  await using turned = await turnedByTest(async () => ({ workers: `${++made}` }));
  expect([turned.isPlanned(), made]).toEqual([false, 0]);
  const reader = get(turned.url, { agent: false });
  const [response] = (await once(reader, 'response')) as [IncomingMessage];
  response.on('error', () => {}).resume();
  turned.turn();
  await eventually(() => made === 1 && turned.isPlanned());
  reader.destroy();
  await eventually(() => !turned.isPlanned());
  expect(made).toBe(1);
});

test('page: one reader too many is told so, and let in when another leaves', async () => {
  await using page = await served(2);
  const [first] = [await watch(page.url), await watch(page.url)];
  const refused = await textOf(`${page.url}/events`);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
  expect(JSON.parse(refused.text).error).toMatchObject({ code: 'PAGE_FULL', next: expect.any(String) });
  expect(page.metrics.render()).toContain('supervisor_page_listeners_dropped_total{reason="full"} 1');
  expect((await textOf(`${page.url}/`)).status).toBe(200);
  first?.close();
  const next = await eventually(async () => {
    const reader = await watch(page.url);
    return reader.response.statusCode === 200 && reader;
  });
  await eventually(() => next.frames().length > 0);
});

test('page: a thousand readers at once cost no more than a few pages', async () => {
  await using page = await served();
  await textOf(`${page.url}/`);
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  const before = page.asked();
  const startedAt = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const sent = get(`${page.url}/`, { agent });
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      return response.statusCode;
    }),
  );
  agent.destroy();
  const frames = (performance.now() - startedAt) / 900 + 1;
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(page.asked() - before).toBeLessThanOrEqual(frames);
});

test('page: its files have their type, a long life under their hash, and no other site may use them', async () => {
  await using page = await served();
  const { text, headers } = await textOf(`${page.url}/`);
  expect(headers.get('content-security-policy')).not.toContain('unsafe');
  expect(headers.get('cache-control')).toBe('no-store');
  const links = [...text.matchAll(/(?:href|src)="(status\.\w+\?v=\w+)"/g)].map(([, link]) => link ?? '');
  expect(links.map((link) => link.split('?')[0]).sort()).toEqual(['status.css', 'status.js', 'status.svg']);
  const types = await Promise.all(
    links.map(async (link) => {
      const file = await textOf(`${page.url}/${link}`);
      expect([file.status, file.headers.get('cross-origin-resource-policy')]).toEqual([200, 'same-origin']);
      expect(file.headers.get('cache-control')).toContain('immutable');
      return file.headers.get('content-type');
    }),
  );
  expect(types.sort()).toEqual(['image/svg+xml', 'text/css; charset=utf-8', 'text/javascript; charset=utf-8']);
});

test('page: it only reads, on every path, and names of other places are refused', async () => {
  await using page = await served();
  const ask = async (method: string, path: string, host?: string) => {
    const sent = request(`${page.url}${path}`, { method, agent: false, ...(host ? { headers: { host } } : {}) }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  for (const path of ['/', '/events', '/status.js']) {
    expect([path, await ask('POST', path), await ask('DELETE', path)]).toEqual([path, 405, 405]);
    expect([path, await ask('HEAD', path)]).toEqual([path, 200]);
    expect([path, await ask('GET', path, 'evil.example')]).toEqual([path, 403]);
  }
});

/** Listeners on a server of their own, whose frames are made when the test says so. */
async function turnedByTest(frame: () => Promise<Frame>) {
  const metrics = createMetricsStore({ maxSeries: 100 });
  let planned: (() => void) | undefined;
  const listeners = createListeners({
    max: 5,
    metrics,
    frame,
    later: (_ms, then) => {
      planned = then;
      return () => {
        planned = undefined;
      };
    },
    failed: (error) => expect.fail(String(error)),
  });
  const server = createServer((incoming, response) => {
    try {
      listeners.add(incoming, response, {});
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/events`,
    metrics,
    isPlanned: () => planned !== undefined,
    turn: () => {
      const run = planned;
      planned = undefined;
      run?.();
    },
    [Symbol.asyncDispose]: async () => {
      listeners.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('page: a reader that does not read is cut off at its backlog, the others read on', async () => {
  let count = 0;
  await using turned = await turnedByTest(async () => {
    count += 1;
    return { workers: `${count} ${'x'.repeat(100_000)}` };
  });
  const { port, metrics, turn } = turned;
  const slow = connect(port, '127.0.0.1');
  slow.on('error', () => {});
  slow.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(slow, 'readable');
  const quick = get(turned.url, { agent: false });
  const [response] = (await once(quick, 'response')) as [IncomingMessage];
  let read = 0;
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  await eventually(async () => {
    const wanted = read + 100_000;
    turn();
    await eventually(() => read >= wanted);
    return metrics.render().includes('supervisor_page_listeners_dropped_total{reason="slow"} 1');
  });
  expect(metrics.render()).toContain('supervisor_page_listeners 1\n');
  const before = read;
  await eventually(() => {
    turn();
    return read >= before + 100_000;
  });
  slow.destroy();
});
