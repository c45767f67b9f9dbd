/** MCP over WebSocket in a real cluster, through a reload. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectSocketClient, openSocket } from '../../support/web-socket.ts';
import { INITIALIZE } from '../../support/worker-client.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

const query = { name: 'execute_query', arguments: { query: 'SELECT 40 + 2 AS N' } };

test('websocket: tools run, and open connections show in metrics and /healthz of any worker', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => connectSocketClient(daemon.url)));
  for (const { client } of clients) {
    expect((await client.callTool(query)).structuredContent).toMatchObject({ rows: [[42]] });
  }
  await eventually(async () => {
    const open = samples(await daemon.metrics(), 'mcp_active_connections').get('{connection_type="websocket"}');
    const healthz = (await (await fetch(`${daemon.url}/healthz`)).json()) as Record<string, unknown>;
    return open === 3 && healthz.active_websocket_connections === 3;
  });
  await Promise.all(clients.map(({ client }) => client.close()));
});

test('websocket: a reload closes each with 1012 after its call has ended, and a new one works at once', async () => {
  await using idle = await openSocket(daemon.url);
  await using busy = await openSocket(daemon.url);
  for (const socket of [idle, busy]) socket.send(INITIALIZE);
  await Promise.all([idle.answer(1), busy.answer(1)]);
  const slow = { name: 'execute_query', arguments: { query: 'CALL SYSTEM$WAIT(2)' } };
  busy.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: slow });
  const reload = daemon.cli('reload', '--wait');
  expect((await idle.closed).code).toBe(1012);
  const { client, closed } = await connectSocketClient(daemon.url);
  expect((await client.callTool(query)).structuredContent).toMatchObject({ rows: [[42]] });
  expect((await busy.closed).code).toBe(1012);
  expect(busy.frames.some((frame) => frame.id === 2)).toBe(true);
  expect((await reload).code).toBe(0);
  // It may have met a worker that was next to drain.
  await Promise.all([client.close(), closed]);
  await eventually(async () => sum(samples(await daemon.metrics(), 'mcp_active_sessions')) === 0);
});
