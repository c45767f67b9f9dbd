/** A request that has arrived while the worker was busy is answered, though its connection looks idle when the drain closes those. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { createDrain } from '../../../src/worker/drain.ts';
import { logLines } from '../../support/log-lines.ts';

/** Asks twice on one connection: at once, and when it is told to, while this thread sleeps. */
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads');
const { Agent, get } = require('node:http');
const { port, go } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const ask = () => new Promise((resolve) => {
  get({ port, agent }, (answer) => answer.resume().on('end', () => resolve(String(answer.statusCode))))
    .on('error', (error) => resolve(error.code));
});
ask().then((first) => {
  parentPort.postMessage(first);
  Atomics.wait(go, 0, 0);
  const second = ask();
  setTimeout(() => { Atomics.store(go, 1, 1); Atomics.notify(go, 1); }, 50);
  second.then((status) => { agent.destroy(); parentPort.postMessage(status); });
});`;

test('drain: a request that arrived while the loop was held up is answered, not cut off with the idle connections', async () => {
  const server = createServer((_request, response) => response.end('ok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const go = new Int32Array(new SharedArrayBuffer(8));
  const { port } = server.address() as AddressInfo;
  const client = new Worker(CLIENT, { eval: true, workerData: { port, go } });
  onTestFinished(async () => void (await client.terminate()));
  expect(await once(client, 'message')).toEqual(['200']);
  let open = 1;
  const parts = {
    stopAccepting: () => {},
    connections: () => open,
    closeIdle: () => server.closeIdleConnections(),
    closeAll: async () => {},
    endStreams: () => {},
    isServiceEnding: () => false,
    handOverSessions: async () => {},
    outOfTime: () => {},
    closeQueries: async () => {},
    sayDrained: async () => {},
  };
  const budgetMs = 1000;
  const drained = createDrain(parts, systemClock, logLines().log).run(budgetMs, 0);
  const second = once(client, 'message');
  // The request is sent and half the time passes while this thread does nothing.
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  Atomics.wait(go, 1, 0);
  Atomics.wait(go, 1, 1, 0.6 * budgetMs);
  expect(await second).toEqual(['200']);
  open = 0;
  await drained;
});
