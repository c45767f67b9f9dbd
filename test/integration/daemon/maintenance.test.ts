/** Maintenance: what operators turn on and off, and what clients of every worker see meanwhile. */
import { expect, test } from 'vitest';
import { startAccountDaemon } from '../../support/account-daemon.ts';
import { startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { INITIALIZE, post } from '../../support/worker-client.ts';

const PATH = '/admin/maintenance-mode';
const ROUNDS = [1, 2, 3, 4, 5, 6];

test('maintenance: what runs is finished, nothing new begins in any worker, and it ends when it is told to', async () => {
  await using set = await startAccountDaemon();
  const { daemon, account, ask } = set;
  const mcp = await connectClient(daemon.url);
  account.faults.add({ fault: 'slow', delayMs: 2500, match: { sqlPattern: 'HELD' } });
  const running = mcp.call('execute_query', { query: 'SELECT 1 AS HELD' });
  await eventually(() => account.faults.list()[0]?.hits === 1);

  const on = await fetch(`${daemon.url}${PATH}`, { method: 'POST' });
  expect(on.status).toBe(200);
  expect(await on.json()).toEqual({ maintenance: true, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
  const begin = () => post(daemon.url, INITIALIZE, { connection: 'close' });
  const areAllRefused = async () => (await Promise.all(ROUNDS.map(begin))).every(({ status }) => status === 503);
  await eventually(areAllRefused, { what: 'all workers have heard' });
  for (const _round of ROUNDS) {
    const refused = await begin();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { data: { code: 'MAINTENANCE', next: expect.any(String) } } });
    expect((await fetch(`${daemon.url}/readyz`, { headers: { connection: 'close' } })).status).toBe(503);
    expect((await fetch(`${daemon.url}/livez`)).status).toBe(200);
  }
  await expect(mcp.call('execute_query', { query: 'SELECT 2' })).rejects.toThrow(/maintenance/);
  expect((await mcp.client.listTools()).tools.length).toBeGreaterThan(5);
  expect((await running).isError ?? false).toBe(false);
  expect((await daemon.status()).maintenanceSince).toMatch(/^\d{4}/);
  expect((await ask({ method: 'GET', path: '/readyz' })).status).toBe(200);

  expect(await ask({ method: 'DELETE', path: PATH })).toMatchObject({
    status: 200,
    body: { maintenance: false, since: null },
  });
  expect((await mcp.call('execute_query', { query: 'SELECT 3' })).isError ?? false).toBe(false);
  expect(await (await fetch(`${daemon.url}${PATH}`)).json()).toEqual({ maintenance: false, since: null });
  await mcp.close();
});

test('maintenance: a worker that starts meanwhile obeys it, a restart of the daemon ends it', async () => {
  await using daemon = await startDaemon({ workers: 1 });
  await fetch(`${daemon.url}${PATH}`, { method: 'POST' });
  const before = (await daemon.status()).workers[0]?.pid ?? 0;
  process.kill(before, 'SIGKILL');
  await eventually(
    async () => {
      const worker = (await daemon.status()).workers[0];
      return worker?.state === 'ready' && worker.pid !== before;
    },
    { what: 'a new worker', deadlineMs: 30_000 },
  );
  expect((await post(daemon.url, INITIALIZE)).status).toBe(503);
  expect((await daemon.cli('restart')).code).toBe(0);
  const { url } = await daemon.status();
  expect(await (await fetch(`${url}${PATH}`)).json()).toEqual({ maintenance: false, since: null });
});

test('maintenance: only who may administer turns it on, and only by its methods', async () => {
  await using daemon = await startDaemon({ workers: 1 });
  const refused = await fetch(`${daemon.url}${PATH}`, { method: 'POST', headers: { 'x-forwarded-for': '10.0.0.1' } });
  expect(refused.status).toBe(401);
  const wrong = await fetch(`${daemon.url}${PATH}`, { method: 'PUT' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, DELETE']);
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(200);
});
