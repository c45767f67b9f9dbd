/** A thousand clients ask one endpoint at once, each over a connection of its own: all are answered, and calls go on. */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cpuMsOf } from '../../../bench/process-figures.ts';
import { type Daemon, startDaemon } from '../../support/daemon.ts';
import { openSession } from '../../support/load.ts';

const CLIENTS = 1000;
/** Of the process that answers, for each client; what it takes is under 0.5 ms on a machine at rest. */
const CPU_MS_MAX = 4;

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon({ workers: 1 });
});
afterAll(() => daemon[Symbol.asyncDispose]());

async function askAtOnce(url: string): Promise<Map<number | undefined, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const statuses = new Map<number | undefined, number>();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
    }),
  );
  agent.destroy();
  return statuses;
}

const ENDPOINTS = [
  ...['/healthz', '/health', '/health/detailed', '/metrics', '/api/metrics', '/api/sessions'].map((path) => [
    path,
    'url',
  ]),
  ...['/metrics', '/status', '/', '/readyz'].map((path) => [path, 'metricsUrl']),
] as const;

test.each(ENDPOINTS)(
  'a thousand ask %s of %s: all are answered, cheaply, and a call beside them is',
  async (path, port) => {
    const worker = (await daemon.status()).workers[0]?.pid ?? 0;
    const session = await openSession(daemon.url);
    const pids = [daemon.pid, worker];
    const before = cpuMsOf(pids);
    const asked = askAtOnce(`${daemon[port as 'url' | 'metricsUrl']}${path}`);
    const call = await session.call('execute_query', { query: 'SELECT 1 AS N' });
    expect(call.status).toBe(200);
    expect(await asked).toEqual(new Map([[200, CLIENTS]]));
    expect((cpuMsOf(pids) - before) / CLIENTS).toBeLessThan(CPU_MS_MAX);
    session.close();
  },
);
