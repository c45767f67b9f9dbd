/** The hot spare and the paused service as their users meet them, with real workers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { samples, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { patient } from '../../support/patience.ts';

const dir = mkdtempSync(join(tmpdir(), 'spare-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function configFile(text: string): string[] {
  const file = join(dir, 'config.yaml');
  writeFileSync(file, text);
  return ['--config', file];
}

const titleOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();

test('spare: takes over a killed worker: slot, title, log and figures move with it, calls are answered', async () => {
  const args = configFile('workers:\n  spare: 1\n  restart_delay: 30s\n');
  await using daemon = await startDaemon({ workers: 1, args });
  const before = await eventually(
    async () => {
      const { spare, workers } = await daemon.status();
      return spare?.state === 'spare' && { spare: spare.pid, worker: workers[0]?.pid ?? 0 };
    },
    { what: 'the spare is ready', deadlineMs: 20_000 },
  );
  expect(titleOf(before.spare)).toBe('snowflake-mcp-worker:spare');
  const health = async () => (await (await fetch(`${daemon.url}/health`)).json()) as { worker: unknown };
  expect((await health()).worker).toEqual({ id: 0, pid: before.worker });

  process.kill(before.worker, 'SIGKILL');
  const begun = performance.now();
  const worker = await eventually(async () => (await health()).worker, { what: 'somebody answers' });
  expect(performance.now() - begun).toBeLessThan(patient(2000));
  expect(worker).toEqual({ id: 0, pid: before.spare });
  expect(titleOf(before.spare)).toBe('snowflake-mcp-worker:0');
  await eventually(() => daemon.logText('worker-0.log').includes(`"pid":${before.spare}`), {
    what: 'its log is that of the slot',
  });
  const text = await eventually(
    async () => {
      const metrics = await daemon.metrics();
      const usage = samples(metrics, 'mcp_memory_usage_bytes');
      return usage.has('{worker="0"}') && metrics;
    },
    { what: 'its figures are those of the slot' },
  );
  expect(samples(text, 'supervisor_worker_restarts_total').get('{worker="0",reason="killed"}')).toBe(1);
  await eventually(
    async () => {
      const { spare } = await daemon.status();
      return spare?.state === 'spare' && spare.pid !== before.spare;
    },
    { what: 'a new spare is ready', deadlineMs: 20_000 },
  );
});

test('pause: SIGWINCH closes the port and a second one opens it, the daemon stays up', async () => {
  await using daemon = await startDaemon({ workers: 1 });
  const ask = () =>
    fetch(`${daemon.url}/healthz`, { headers: { connection: 'close' } }).then(
      (response) => String(response.status),
      () => 'refused',
    );
  process.kill(daemon.pid, 'SIGWINCH');
  await eventually(async () => (await ask()) === 'refused', { what: 'the port is closed' });
  expect(await daemon.status()).toMatchObject({ isPaused: true, workers: [{ state: 'standby' }] });
  expect((await fetch(`${daemon.metricsUrl}/readyz`)).status).toBe(503);
  process.kill(daemon.pid, 'SIGWINCH');
  await eventually(async () => (await ask()) === '200', { what: 'the port is open' });
});
