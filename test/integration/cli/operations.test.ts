/** Commands of an operator beside one running daemon: bundle, audit, apply, diff, report, monitoring. */
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmbedded } from '../../../src/embedded/start.ts';
import { type Daemon, daemonHome, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { begin } from '../../support/interrupted.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { cleanEnv, run } from '../../support/process.ts';

const SECRET = 'Zq8-very-secret-word';
const CONFIG = 'limits:\n  max_rows: 5000\n';
let daemon: Daemon;
let dir: string;

beforeAll(async () => {
  daemon = await startDaemon({ workers: 1, env: { SNOWFLAKE_PASSWORD: SECRET } });
  dir = daemon.dir;
});
beforeEach(() => {
  for (const name of readdirSync(dir)) {
    if (!['d.pid', 'd.pid.d', 'log', 'state'].includes(name)) rmSync(join(dir, name), { recursive: true });
  }
  writeFileSync(join(dir, 'snowflake-mcp.yaml'), CONFIG);
  writeFileSync(join(dir, '.env'), `SNOWFLAKE_TOKEN=${SECRET}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

/** No command ever prints a secret. */
async function cli(...args: string[]) {
  const ended = await daemon.cli(...args);
  expect(ended.stdout + ended.stderr).not.toContain(SECRET);
  return ended;
}

test('support-bundle: holds what helps, private, and no secret even if a log has one', async () => {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level: 'info',
    msg: `leak ${SECRET} password=hunter2222`,
  });
  const log = join(dir, 'log', 'worker-7.log');
  writeFileSync(log, `${line}\n`);
  const made = await cli('support-bundle', 'sb', '--json');
  rmSync(log);
  expect(made).toMatchObject({ code: 0 });
  const { file, files } = JSON.parse(made.stdout) as { file: string; files: { path: string }[] };
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const paths = files.map(({ path }) => path);
  for (const path of [
    'system/machine.json',
    'service/daemon.json',
    'config/effective.json',
    'facts/health.json',
    'facts/metrics.prom',
    'logs/worker-7.log',
  ]) {
    expect(paths).toContain(path);
  }
  const text = gunzipSync(readFileSync(file)).toString('latin1');
  expect(text).toContain('leak ***');
  expect(text).not.toMatch(/Zq8-very|hunter2222/);
});

test('audit-secrets: nothing in a clean service; places, never values, of what is found', async () => {
  expect(await cli('audit-secrets')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Findings: 0 in/) });
  writeFileSync(join(dir, 'notes.txt'), `first\nsaid ${SECRET}\npassword=hunter2222\n`);
  chmodSync(join(dir, '.env'), 0o644);
  const ended = await cli('audit-secrets', 'notes.txt');
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/notes\.txt:2: the value of snowflake\./);
  expect(ended.stdout).toMatch(/notes\.txt:3: a value named as a secret/);
  expect(ended.stdout).toMatch(/\.env: everybody/);
  expect(ended.stdout).not.toContain('hunter2222');
  expect(await cli('audit-secrets', 'nowhere')).toMatchObject({ code: 1 });
});

test('config apply: a good file is in effect and the old one kept', async () => {
  writeFileSync(join(dir, 'new.yaml'), 'limits:\n  max_rows: 6000\nworkers:\n  min_uptime: 1s\n');
  const applied = await cli('config', 'apply', 'new.yaml');
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied') });
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toContain('6000');
  const kept = readdirSync(dir).find((name) => name.includes('.before-')) ?? '';
  expect(readFileSync(join(dir, kept), 'utf8')).toBe(CONFIG);
});

test('config apply: a file that is wrong changes nothing', async () => {
  const before = readdirSync(dir).length;
  writeFileSync(join(dir, 'bad.yaml'), 'limits:\n  nonsense: 1\n');
  expect(await cli('config', 'apply', 'bad.yaml')).toMatchObject({ code: 78 });
  expect(await cli('config', 'apply', 'none.yaml')).toMatchObject({ code: 78 });
  expect(await cli('config', 'apply', 'snowflake-mcp.yaml')).toMatchObject({ code: 2 });
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(CONFIG);
  expect(readdirSync(dir)).toHaveLength(before + 1);
});

test.each([
  ['fails its health check', 'workers: { health_check_url: [/nowhere], health_check_grace_period: 0s }\n', /health/],
  ['takes too much memory', 'workers: { max_memory_restart: 100M, max_memory_kill: 1 }\n', /memory|100/],
])(
  'config apply: under the new file a worker %s: the old one is back and serves',
  async (_what, text, says) => {
    writeFileSync(join(dir, 'new.yaml'), text);
    const ended = await cli('config', 'apply', 'new.yaml');
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('was put back as it was') });
    expect(ended.stderr).toMatch(says);
    expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(CONFIG);
    expect(readdirSync(dir).filter((name) => /before-|new-/.test(name))).toEqual([]);
    expect((await daemon.status()).workers.map(({ state }) => state)).toEqual(['ready']);
    const client = await connectClient(daemon.url);
    await using _closed = { [Symbol.asyncDispose]: () => client.close() };
    expect(textOf(await client.call('execute_query', { query: 'SELECT 6 * 7 AS N' }))).toContain('42');
  },
  90_000,
);

test('config apply: interrupted while it watches the workers, it puts the old file back and into effect', async () => {
  const { generation } = await daemon.status();
  writeFileSync(join(dir, 'new.yaml'), 'workers: { min_uptime: 50s, reload_soak: 0s }\n');
  const env = cleanEnv({ STATE_DIR: join(dir, 'state'), LOG_FILE: join(dir, 'log', 'daemon.log') });
  const words = ['config', 'apply', 'new.yaml', '--pid-file', join(dir, 'd.pid')];
  const applying = begin(words, { env, cwd: dir });
  await eventually(async () => (await daemon.status()).generation > generation, { deadlineMs: 30_000 });
  applying.kill('SIGINT');
  const ended = await applying.ended;
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was put back as it was: it was interrupted'),
  });
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(CONFIG);
  expect((await daemon.status()).generation).toBe(generation + 2);
}, 60_000);

test('config apply: a worker that ends soon after the reload has the old file put back', async () => {
  const { generation } = await daemon.status();
  writeFileSync(join(dir, 'new.yaml'), 'workers: { min_uptime: 30s, restart_delay: 100ms, reload_soak: 0s }\n');
  const applying = cli('config', 'apply', 'new.yaml');
  await eventually(async () => (await daemon.status()).generation > generation, { deadlineMs: 30_000 });
  process.kill((await daemon.status()).workers[0]?.pid ?? 0, 'SIGKILL');
  const ended = await applying;
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('was put back as it was') });
  expect(ended.stderr).toMatch(/worker 0 ended before it was up for workers.min_uptime: killed \(SIGKILL/);
  expect(readFileSync(join(dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(CONFIG);
  expect((await daemon.status()).workers.map(({ state }) => state)).toEqual(['ready']);
}, 90_000);

test('config apply: a login that worked before and does not under the new file is taken back', async () => {
  const home = mkdtempSync(join(tmpdir(), 'apply-'));
  const account = await startEmbedded({ account: 'TESTACCOUNT', user: 'ALICE', password: SECRET });
  const text = (user: string) =>
    `workers: { reload_soak: 0s }\nsnowflake: { access_url: '${account.url}', account: TESTACCOUNT, user: ${user} }\n`;
  const file = join(home, 'service.yaml');
  writeFileSync(file, text('ALICE'));
  writeFileSync(join(home, 'new.yaml'), text('MALLORY'));
  try {
    const env = { SNOWFLAKE_PASSWORD: SECRET };
    await using own = await startDaemon({ demo: false, workers: 1, env, args: ['--config', file] });
    const ended = await own.cli('config', 'apply', join(home, 'new.yaml'));
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('worked before and does not any more') });
    expect(readFileSync(file, 'utf8')).toBe(text('ALICE'));
    expect(await own.cli('test-connection')).toMatchObject({ code: 0 });
  } finally {
    await account.close();
    rmSync(home, { recursive: true });
  }
}, 90_000);

test('config apply: when the reload is aborted the old file is back and loaded again', async () => {
  const home = daemonHome();
  const asked: string[] = [];
  const error = { code: 'RELOAD_FAILED', message: 'no worker got ready', next: 'so', retry: true };
  const status = { pid: process.pid, version: '1', workers: [], metricsUrl: 'http://127.0.0.1:1' };
  const server = createNetServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const { command } = JSON.parse(data.toString()) as { command: string };
      if (command !== 'status') asked.push(`${command} ${readFileSync(join(home.dir, 'snowflake-mcp.yaml'), 'utf8')}`);
      const isFirst = asked.length === 1;
      const reply = command === 'reload' && isFirst ? { type: 'error', error } : { type: 'result', data: status };
      socket.end(`${JSON.stringify(reply)}\n`);
    });
  });
  mkdirSync(join(home.dir, 'd.pid.d'), { mode: 0o700 });
  server.listen(join(home.dir, 'd.pid.d', 'control.sock'));
  await once(server, 'listening');
  await using _closed = {
    [Symbol.asyncDispose]: async () => {
      server.close();
      rmSync(home.dir, { recursive: true });
    },
  };
  writeFileSync(join(home.dir, 'snowflake-mcp.yaml'), CONFIG);
  writeFileSync(join(home.dir, 'new.yaml'), 'limits:\n  max_rows: 6000\n');
  const env = { ...home.env, SNOWFLAKE_ACCOUNT: 'A', SNOWFLAKE_USER: 'U', SNOWFLAKE_PASSWORD: SECRET };
  const ended = await run('bin/snowflake-mcp-daemon.js', ['config', 'apply', 'new.yaml', ...home.flags], {
    env,
    cwd: home.dir,
  });
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('no worker got ready') });
  expect(asked).toEqual(['reload limits:\n  max_rows: 6000\n', `reload ${CONFIG}`]);
  expect(readFileSync(join(home.dir, 'snowflake-mcp.yaml'), 'utf8')).toBe(CONFIG);
  expect(readdirSync(home.dir).sort()).toEqual(['d.pid.d', 'new.yaml', 'snowflake-mcp.yaml']);
});

test('config diff: against .env.baseline, a file and the defaults; exit 1 when something differs', async () => {
  writeFileSync(join(dir, 'same.yaml'), CONFIG);
  const defaults = await cli('config', 'diff', '--json');
  expect(JSON.parse(defaults.stdout)).toMatchObject({ baseline: 'the defaults' });
  writeFileSync(join(dir, '.env.baseline'), 'SNOWFLAKE_TOKEN=another\n');
  const baseline = await cli('config', 'diff');
  expect(baseline).toMatchObject({ code: 1, stdout: expect.stringContaining('SNOWFLAKE_TOKEN: ***') });
  writeFileSync(join(dir, '.env.baseline'), `SNOWFLAKE_TOKEN=${SECRET}\n`);
  expect(await cli('config', 'diff')).toMatchObject({ code: 0 });
  expect((await cli('config', 'diff', 'same.yaml')).stdout).not.toContain('max_rows');
  expect(await cli('config', 'diff', 'nowhere.yaml')).toMatchObject({ code: 78 });
});

test('report: counts what clients did', async () => {
  const client = await connectClient(daemon.url);
  await using _closed = { [Symbol.asyncDispose]: () => client.close() };
  const told = async () =>
    JSON.parse((await cli('report', '--period', '1h', '--json')).stdout) as { requests: number; service: object };
  const before = await told();
  for (let calls = 0; calls < 3; calls += 1) await client.call('list_databases');
  const facts = await eventually(
    async () => {
      const now = await told();
      return now.requests > before.requests + 2 && now;
    },
    { what: 'the lines are written' },
  );
  expect(facts.requests).toBe(before.requests + 3);
  expect(facts.service).toMatchObject({ health: 'healthy' });
  expect((await cli('report')).stdout).toContain('| Calls |');
  expect(await cli('report', '--period', 'long')).toMatchObject({ code: 2 });
});

test('setup-monitoring: files and Grafana are set up, twice the same; a dry run writes nothing', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const isRight = request.headers.authorization === `Bearer ${SECRET}`;
    response.writeHead(isRight ? (request.method === 'PUT' ? 404 : 200) : 401).end('{}');
    request.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using _closed = { [Symbol.asyncDispose]: async () => void server.close() };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const prometheus = join(dir, 'prom');
  mkdirSync(prometheus);
  writeFileSync(join(dir, 'token'), `${SECRET}\n`);
  writeFileSync(join(dir, 'wrong'), 'wrong\n');
  const all = ['setup-monitoring', '--prometheus-dir', prometheus, '--alertmanager-dir', prometheus];
  expect(await cli(...all, '--grafana-url', url, '--dry-run')).toMatchObject({ code: 0 });
  expect([readdirSync(prometheus), asked]).toEqual([[], []]);
  const done = await cli(...all, '--grafana-url', url, '--grafana-token-file', 'token');
  expect(done).toMatchObject({ code: 0 });
  expect(readFileSync(join(prometheus, 'prometheus.yml'), 'utf8')).toContain(new URL(daemon.metricsUrl).host);
  expect(readFileSync(join(prometheus, 'prometheus.yml'), 'utf8')).toContain('localhost:9093');
  const rules = join(prometheus, 'rules', 'snowflake-mcp-alerts.yml');
  const pages = () => [...readFileSync(rules, 'utf8').matchAll(/runbook_url: "(.+)"/g)].map(([, page = '']) => page);
  expect(pages().length).toBeGreaterThan(20);
  expect(pages().filter((page) => !existsSync(page))).toEqual([]);
  expect(asked.filter((one) => one === 'POST /api/dashboards/db').length).toBeGreaterThan(2);
  expect(asked).toContain('POST /api/datasources');
  expect((await cli('setup-monitoring', '--prometheus-dir', prometheus)).stdout).not.toContain('writes');
  const more = await cli('setup-monitoring', '--prometheus-dir', prometheus, '--target', 'b.example.com:8001');
  expect(more.stdout).toContain('the job snowflake-mcp-server for b.example.com:8001');
  const wiki = 'https://wiki.example.com/runbooks';
  await cli('setup-monitoring', '--prometheus-dir', prometheus, '--runbooks', `${wiki}/`);
  expect(pages().filter((page) => !/^https:..wiki.example.com.runbooks.[a-z-]+.md$/.test(page))).toEqual([]);
  const grafana = ['setup-monitoring', '--grafana-url', url, '--grafana-token-file'];
  expect(await cli(...grafana, 'wrong')).toMatchObject({ code: 1, stderr: expect.stringContaining('it answered 401') });
  expect(await cli(...grafana, 'nowhere')).toMatchObject({ code: 1 });
  for (const wrong of [[], ['--grafana-url', 'ftp://x'], ['--prometheus-dir', '.', '--target', 'no port']]) {
    expect(await cli('setup-monitoring', ...wrong)).toMatchObject({ code: 2 });
  }
  expect(await cli('setup-monitoring', '--prometheus-dir', join(dir, 'none'))).toMatchObject({ code: 1 });
});
