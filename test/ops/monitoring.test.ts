/**
 * What is shipped for Prometheus, Alertmanager and Grafana, beside the real programs and a real daemon: a healthy daemon
 * under load alarms nobody and fills every panel; real faults reach a webhook.
 *
 * The tests of this file go through one story, so they run in order: healthy, exhausted, gone.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { alertRules, recordingRules } from '../../scripts/alert-rules.ts';
import { DASHBOARDS } from '../../scripts/dashboard-panels.ts';
import { type AccountDaemon, startAccountDaemon } from '../support/account-daemon.ts';
import { eventually } from '../support/eventually.ts';
import { openSession, startLoad } from '../support/load.ts';
import { ROOT } from '../support/process.ts';
import { freePort, type Prometheus, startAlertmanager, startPrometheus } from '../support/prometheus.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startWebhook, type Webhook } from '../support/webhook.ts';

const SHIPPED = join(ROOT, 'deploy/prometheus');
const SERIES = /\b(instance:|up\b|mcp_|pool_|rate_limit_|supervisor_)[\w:]*/g;
const REFUSED = 'DROP TABLE DEMO_DB.PUBLIC.NOT_THERE';
const HELD = 'HELD_BY_THE_ACCOUNT';
/** How long the account keeps each held statement; the next in line wait for a connection meanwhile. */
const HOLD_MS = 6000;
const TOKEN = 'webhook-token-of-the-test';

const dir = tempDir();
/** What was started, ended in reverse order. */
const started: AsyncDisposable[] = [];
let set: AccountDaemon;
let prometheus: Prometheus;
let webhook: Webhook;

interface Rules {
  readonly groups: readonly { readonly rules: readonly { for?: string }[] }[];
}

const inDir = (file: string): string => join(dir.path, file);
const shipped = (file: string): string => readFileSync(join(SHIPPED, file), 'utf8');

/** The shipped rules with every wait shortened to a second. */
function shortRules(): string {
  const alerts = parse(shipped('rules/alerts.yml')) as Rules;
  for (const rule of alerts.groups.flatMap(({ rules }) => rules)) if (rule.for !== undefined) rule.for = '1s';
  writeFileSync(inDir('alerts.yml'), stringify(alerts));
  return inDir('alerts.yml');
}

/** The shipped configuration with the addresses of this test and an interval of a second. */
function prometheusConfig(metricsUrl: string, alertmanagerPort: number): string {
  const text = shipped('prometheus.yml')
    .replaceAll('localhost:8001', new URL(metricsUrl).host)
    .replaceAll('localhost:9093', `127.0.0.1:${alertmanagerPort}`);
  const rules = [join(SHIPPED, 'rules/recording.yml'), shortRules()];
  const global = { scrape_interval: '1s', evaluation_interval: '1s' };
  writeFileSync(inDir('prometheus.yml'), stringify({ ...(parse(text) as object), global, rule_files: rules }));
  return inDir('prometheus.yml');
}

/** The shipped configuration after the step that its header asks for, with secrets in this directory and short waits. */
function alertmanagerConfig(webhookUrl: string): string {
  writeFileSync(inDir('webhook_token'), TOKEN);
  const text = shipped('alertmanager.yml')
    .replaceAll('http://webhook.example.com/alerts', webhookUrl)
    .replaceAll('smtp.example.com:587', '127.0.0.1:1')
    .replaceAll('/etc/alertmanager/secrets', dir.path)
    .replace(/group_wait: \w+/, 'group_wait: 4s')
    .replace(/group_interval: \w+/, 'group_interval: 1s');
  writeFileSync(inDir('alertmanager.yml'), text);
  return inDir('alertmanager.yml');
}

/** As Grafana would send it: the choices at the top and the ranges filled in. */
const asSent = (expr: string): string =>
  expr
    .replaceAll('$job', 'snowflake-mcp')
    .replaceAll('$instance', '.+')
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '1h');

async function call(tool: string, args: Record<string, unknown>): Promise<void> {
  const session = await openSession(set.daemon.url);
  await session.call(tool, args);
  session.close();
}

function using<T extends AsyncDisposable>(what: T): T {
  started.push(what);
  return what;
}

beforeAll(async () => {
  using(dir);
  set = await startAccountDaemon({
    env: { SNOWFLAKE_POOL_MAX_SIZE: '2', SNOWFLAKE_POOL_CONNECTION_TIMEOUT: '60' },
  });
  using(set);
  webhook = using(await startWebhook());
  const alertmanagerPort = await freePort();
  using(await startAlertmanager(dir.path, alertmanagerPort, alertmanagerConfig(webhook.url)));
  // Series of which Prometheus knows a value before the load, so that their rates are told.
  await call('list_databases', {});
  await call('execute_query', { query: REFUSED });
  prometheus = using(await startPrometheus(dir.path, prometheusConfig(set.daemon.metricsUrl, alertmanagerPort)));
  await eventually(async () => (await prometheus.query('mcp_requests_total')).length > 0, { what: 'the first scrape' });
  const load = await startLoad(set.daemon.url, 1);
  await call('execute_query', { query: REFUSED });
  await eventually(() => load.ok() > 50, { what: 'load', deadlineMs: 30_000 });
  const query = 'count_over_time(up{job="snowflake-mcp"}[1m]) > 8';
  await eventually(async () => (await prometheus.query(query)).length > 0, { what: 'scrapes', deadlineMs: 30_000 });
  const { failures } = await load.stop();
  expect(failures.flat()).toEqual([]);
}, 120_000);

afterAll(async () => {
  for (const one of started.reverse()) await one[Symbol.asyncDispose]();
});

test('promtool and amtool find nothing to say about the shipped files', () => {
  const run = (command: string, ...words: string[]) => execFileSync(command, words, { cwd: SHIPPED, encoding: 'utf8' });
  run('promtool', 'check', 'config', 'prometheus.yml');
  run('promtool', 'check', 'config', 'compose.yml');
  const files = readdirSync(join(SHIPPED, 'tests'), { encoding: 'utf8' });
  run('promtool', 'test', 'rules', ...files.map((file) => `tests/${file}`));
  run('amtool', 'check-config', 'alertmanager.yml');
});

test('promtool finds nothing to say about the figures of a real daemon under load, on both ports', async () => {
  for (const url of [set.daemon.metricsUrl, set.daemon.url]) {
    const input = await (await fetch(`${url}/metrics`)).text();
    expect(input).toMatch(/^query_duration_seconds_count/m);
    // Its words are on stderr, whatever its exit code.
    const said = execFileSync('/bin/sh', ['-c', 'promtool check metrics 2>&1'], { input, encoding: 'utf8' });
    expect(said.trim()).toBe('');
  }
});

test.each([
  ['up', '== 0'],
  ['rate(mcp_errors_total[5m])', '> 0.1'],
  ['histogram_quantile(0.95, rate(mcp_request_duration_seconds_bucket[5m]))', '> 5'],
  ['mcp_db_connections_active / mcp_db_connections_max', '> 0.9'],
  ['pool_connections_active / pool_connections_max', '> 0.9'],
  ['mcp_memory_usage_bytes / mcp_memory_limit_bytes', '> 0.8'],
  ['sum(rate(mcp_requests_total{status=~"4..|5.."}[5m])) / sum(rate(mcp_requests_total[5m]))', '> 0.05'],
])('an expression of existing alerts finds its series and is silent: %s %s', async (expr, limit) => {
  expect((await prometheus.query(expr)).length).toBeGreaterThan(0);
  expect(await prometheus.query(`${expr} ${limit}`)).toEqual([]);
});

test('every rule is evaluated without an error, and a healthy daemon under load fires none', async () => {
  const rules = await prometheus.rules();
  expect(rules.length).toBeGreaterThan(30);
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  // The disk is that of the machine which runs this.
  const firing = await prometheus.query('ALERTS{alertstate="firing", alertname!="DiskAlmostFull"}');
  expect(firing.map(({ metric }) => metric)).toEqual([]);
});

test('every series that an alert asks for is there, recorded ones too', async () => {
  const asked = [...alertRules(), ...recordingRules()].flatMap(({ expr }) => expr.match(SERIES) ?? []);
  const empty: string[] = [];
  for (const name of new Set(asked)) if ((await prometheus.query(name)).length === 0) empty.push(name);
  expect(empty).toEqual([]);
});

test.each(Object.values(DASHBOARDS))('grafana: every query of every panel has data: $title', async ({ panels }) => {
  const empty: string[] = [];
  for (const [title, [expr]] of panels.flatMap((panel) =>
    panel.queries.map((query) => [panel.title, query] as const),
  )) {
    if ((await prometheus.query(asSent(expr))).length === 0) empty.push(`${title}: ${expr}`);
  }
  expect(empty).toEqual([]);
});

test('an exhausted pool fires its alert, and Alertmanager tells the webhook once, with the runbook', async () => {
  set.account.faults.add({ fault: 'slow', match: { sqlPattern: HELD }, times: 0, delayMs: HOLD_MS });
  const sessions = await Promise.all(Array.from({ length: 8 }, () => openSession(set.daemon.url)));
  const calls = sessions.map((one) => one.call('execute_query', { query: `SELECT 1 AS ${HELD}` }));
  const told = () => webhook.alerts.filter(({ labels }) => labels.alertname === 'ConnectionPoolExhausted');
  await eventually(() => told().length > 0, { what: 'the webhook is told', deadlineMs: 20_000, everyMs: 100 });
  expect(told()[0]).toMatchObject({
    status: 'firing',
    labels: { severity: 'critical', instance: new URL(set.daemon.metricsUrl).host },
    annotations: { runbook_url: 'runbooks/pool-exhausted.md' },
  });
  expect([...webhook.authorizations]).toEqual([`Bearer ${TOKEN}`]);
  set.account.faults.clear();
  await Promise.all(calls);
  for (const one of sessions) one.close();
  await eventually(() => told().at(-1)?.status === 'resolved', { what: 'resolved', deadlineMs: 30_000, everyMs: 100 });
  expect(told().map(({ status }) => status)).toEqual(['firing', 'resolved']);
});

test('a daemon that is gone fires SnowflakeMCPDown, and nothing else is told about it', async () => {
  const before = webhook.alerts.length;
  // What a killed daemon cannot take away itself.
  onTestFinished(() => {
    for (const name of ['d.pid', 'd.pid.d']) rmSync(join(set.daemon.dir, name), { recursive: true, force: true });
  });
  process.kill(set.daemon.pid, 'SIGKILL');
  const fresh = () => webhook.alerts.slice(before).filter(({ status }) => status === 'firing');
  await eventually(() => fresh().some(({ labels }) => labels.alertname === 'SnowflakeMCPDown'), {
    what: 'the webhook is told',
    deadlineMs: 20_000,
    everyMs: 100,
  });
  await eventually(
    async () => (await prometheus.query('ALERTS{alertname="ServiceDown", alertstate="firing"}')).length > 0,
  );
  expect(fresh().map(({ labels }) => labels.alertname)).toEqual(['SnowflakeMCPDown']);
});
