/** The daemon started from PM2 files: the two documented ones, health checks, cron_restart and watch. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { readLog } from '../../support/read-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pm2-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function documented(fixture: string): string {
  const file = join(dir, 'ecosystem.config.js');
  copyFileSync(`test/support/ecosystem/${fixture}.config.cjs`, file);
  return file;
}

function writeApp(app: object): string {
  const file = join(dir, 'ecosystem.json');
  writeFileSync(file, JSON.stringify({ apps: [app] }));
  return file;
}

const checks = async (daemon: Daemon, result: string) =>
  sum(
    new Map(
      [...samples(await daemon.metrics(), 'supervisor_health_checks_total')].filter(([labels]) =>
        labels.includes(`result="${result}"`),
      ),
    ),
  );
const generation = async (daemon: Daemon) => (await daemon.status()).generation;

test('PM2 file: the documented services start as one daemon, are checked as http and ws, and reload', async () => {
  await using daemon = await startDaemon({ args: [documented('services')] });
  expect(daemon.start.stderr).toContain('not used here: deploy (');
  await eventually(async () => (await checks(daemon, 'passed')) >= 2, { what: 'checks that pass' });
  const reload = await daemon.cli('reload', '--wait');
  expect([reload.code, await generation(daemon)]).toEqual([0, 1]);
  const metrics = await daemon.metrics();
  expect(await checks(daemon, 'failed')).toBe(0);
  expect(sum(samples(metrics, 'mcp_errors_total'))).toBe(0);
  expect([...samples(metrics, 'mcp_requests_total').keys()].filter((labels) => /status="[45]/.test(labels))).toEqual(
    [],
  );
});

test('PM2 file: the documented cluster gives its workers INSTANCE_ID and the variable that counts up', async () => {
  await using daemon = await startDaemon({
    args: [documented('cluster'), '--env', 'production'],
    env: { LOG_LEVEL: 'info' },
  });
  const { workers } = await daemon.status();
  for (const { pid, slot } of workers) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment).toContain(`INSTANCE_ID=${slot}`);
    expect(environment).toContain(`WORKER_PORT=${9000 + slot}`);
  }
  const shown = await daemon.cli('config', 'show', '--config', join(dir, 'ecosystem.config.js'), '--env', 'production');
  expect(shown.stdout).toMatch(/max_restarts: 15 +# .*apps\[0\]\.max_restarts/);
});

test('PM2 file: a health check that fails aborts a reload with the reason, and fatal or not the old workers serve on', async () => {
  const app = { name: 'a', health_check_url: '/nowhere', health_check_grace_period: 0, health_check_fatal: true };
  await using daemon = await startDaemon({ args: [writeApp(app)] });
  const before = (await daemon.status()).workers.map(({ pid }) => pid);
  await eventually(() => daemon.logText().includes('unhealthy.aborted'), {
    deadlineMs: 20_000,
    what: 'a replacement that failed as well',
  });
  expect(daemon.logText()).toContain('fails its health check: /nowhere answers 404');
  const reload = await daemon.cli('reload', '--wait');
  expect(reload.code).toBe(1);
  expect(reload.stdout + reload.stderr).toContain('failed its health check: /nowhere answers 404');
  expect((await daemon.status()).workers.map(({ pid }) => pid)).toEqual(before);
  expect((await fetch(`${daemon.url}/health`)).status).toBe(200);
});

test('cron_restart: the time of the pattern brings a rolling reload', async () => {
  await using daemon = await startDaemon({
    workers: 1,
    args: [writeApp({ name: 'a', cron_restart: '*/5 * * * * *' })],
  });
  await eventually(async () => (await generation(daemon)) >= 1, { deadlineMs: 30_000, what: 'a reload by cron' });
  expect(daemon.logText()).toContain('cron.due');
});

test('watch: each change of a file brings one reload, an ignored one and the logs of the daemon none', async () => {
  const app = { name: 'a', cwd: dir, watch: true, ignore_watch: ['*.tmp'], log_file: './d.log' };
  const file = writeApp(app);
  await using daemon = await startDaemon({ workers: 1, args: [file], env: { LOG_FILE: join(dir, 'd.log') } });
  const log = () => readLog(join(dir, 'd.log'));
  await eventually(() => log().includes('"watch.started"'), { what: 'the watch' });
  for (const round of [1, 2]) {
    writeFileSync(join(dir, 'ignored.tmp'), String(round));
    writeFileSync(file, JSON.stringify({ apps: [{ ...app, max_restarts: round }] }));
    await eventually(async () => (await generation(daemon)) === round, { deadlineMs: 30_000, what: `reload ${round}` });
  }
  const told = log()
    .split('\n')
    .filter((line) => line.includes('"watch.changed"'));
  expect(told, told.join()).toHaveLength(2);
  expect(told.every((line) => line.includes('ecosystem.json has changed'))).toBe(true);
});
