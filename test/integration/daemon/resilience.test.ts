/** What clients and Prometheus see while workers are killed, reloaded and cancelled under load. */
import { expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { isGood, openSession, startLoad } from '../../support/load.ts';

const requests = async (daemon: Daemon) => sum(samples(await daemon.metrics(), 'mcp_requests_total'));

test('kill -9 of a worker under load: each client loses at most the call in flight, the slot comes back, counters never fall', async () => {
  await using daemon = await startDaemon({ env: { SERVER_WORKERS: '2' } });
  const load = await startLoad(daemon.url, 20);
  await eventually(() => load.ok() > 200, { what: 'load runs' });
  const seen: number[] = [await requests(daemon)];
  const victim = (await daemon.status()).workers[1];
  expect(victim?.state).toBe('ready');
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await eventually(
    async () => {
      seen.push(await requests(daemon));
      const slot = (await daemon.status()).workers[1];
      return slot?.state === 'ready' && slot.pid !== victim?.pid;
    },
    { what: 'the slot is ready again', deadlineMs: 30_000 },
  );
  const already = load.ok();
  await eventually(() => load.ok() > already + 200, { what: 'load goes on' });
  seen.push(await requests(daemon));
  const { failures } = await load.stop();
  expect(failures.filter((reasons) => reasons.length > 1)).toEqual([]);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect((await daemon.status()).workers[1]).toMatchObject({
    restarts: 1,
    lastExit: expect.stringContaining('SIGKILL'),
  });
});

test('reload under keep-alive load: no call fails, sessions live on, every worker is new', async () => {
  await using daemon = await startDaemon();
  const old = (await daemon.status()).workers.map((worker) => worker.pid);
  const load = await startLoad(daemon.url, 20);
  await eventually(() => load.ok() > 200, { what: 'load runs' });
  for (let round = 0; round < 2; round += 1) {
    const reload = await daemon.cli('reload', '--wait');
    expect(reload.code).toBe(0);
  }
  const { ok, failures } = await load.stop();
  expect(failures.flat()).toEqual([]);
  expect(ok).toBeGreaterThan(500);
  const now = await daemon.status();
  expect(now.workers.filter((worker) => old.includes(worker.pid))).toEqual([]);
  expect(now.generation).toBe(2);
});

test('a session is served by every worker: connections that land elsewhere are led to its owner', async () => {
  await using daemon = await startDaemon();
  const session = await openSession(daemon.url);
  const answers = [];
  for (let i = 0; i < 8; i += 1) {
    const { Agent } = await import('node:http');
    const { post } = await import('../../support/load.ts');
    const agent = new Agent({ keepAlive: false });
    const call = {
      jsonrpc: '2.0',
      id: 100 + i,
      method: 'tools/call',
      params: { name: 'execute_query', arguments: { query: 'SELECT 1' } },
    };
    answers.push(
      await post(daemon.url, agent, call, { 'mcp-session-id': session.id, 'mcp-protocol-version': '2025-06-18' }),
    );
  }
  expect(answers.filter((answer) => !isGood(answer)).map((answer) => answer.body)).toEqual([]);
  session.close();
});
