import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evaluateModule } from '../../../../src/shared/config/ecosystem-module.ts';
import { loadConfig } from '../../../../src/shared/config/load.ts';
import { AppError } from '../../../../src/shared/errors.ts';
import type { LaunchSpec } from '../../../../src/shared/launch.ts';

const FIXTURES = fileURLToPath(new URL('../../../support/ecosystem/', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ecosystem-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A documented file under its documented name. */
function documented(fixture: 'services' | 'cluster'): string {
  const file = join(dir, 'ecosystem.config.js');
  copyFileSync(join(FIXTURES, `${fixture}.config.cjs`), file);
  return file;
}

function write(name: string, text: string): string {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

const writeApps = (...apps: object[]) => write('ecosystem.json', JSON.stringify({ apps }));
const load = (spec: Partial<LaunchSpec>, env: Record<string, string> = {}) =>
  loadConfig({ cwd: dir, flags: {}, demo: true, ...spec }, env);

function refusal(spec: Partial<LaunchSpec>, env: Record<string, string> = {}): AppError {
  try {
    load(spec, env);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
const faults = (spec: Partial<LaunchSpec>, env: Record<string, string> = {}) =>
  (refusal(spec, env).details as { faults: readonly string[] }).faults;

test('ecosystem: the documented services become one daemon with the limits, logs and pool of the http app', () => {
  const { config, places, sources } = load({ configFile: documented('services') });
  expect(config.workers).toMatchObject({
    count: 1,
    autorestart: true,
    watch: [],
    ignore_watch: ['node_modules', 'logs', '*.log'],
    max_memory_restart: 500 * 1024 ** 2,
    restart_delay: 4000,
    max_restarts: 10,
    min_uptime: 10_000,
    kill_timeout: 6000,
    listen_timeout: 3000,
    health_check_url: ['http://localhost:8000/health', 'ws://localhost:8001/ws'],
    health_check_grace_period: 3000,
  });
  expect(config.server).toMatchObject({
    host: 'localhost',
    port: 8000,
    working_dir: dir,
    pid_file: join(dir, 'logs/snowflake-mcp-http.pid'),
  });
  expect(config.logging).toMatchObject({
    file: join(dir, 'logs/snowflake-mcp-http.log'),
    level: 'info',
    merge_logs: true,
  });
  expect(config.pool).toMatchObject({ min_size: 2, max_size: 10 });
  const file = join(dir, 'ecosystem.config.js');
  expect(sources).toEqual([file]);
  expect(places.get('workers.max_restarts')).toBe(`${file}: apps[0].max_restarts`);
  expect(places.get('server.port')).toBe(`${file}: apps[0].args --port`);
});

test('ecosystem: what means nothing here is told once with the reason, and the merged app by name', () => {
  const { warnings } = load({ configFile: documented('services') });
  const ignored = warnings.filter((warning) => warning.includes('not used here'));
  expect(ignored).toHaveLength(1);
  for (const words of [
    'script, interpreter (the program is this server itself)',
    'deploy (',
    'docs/upgrade',
    'error_file (',
    'out_file (log_file is taken',
    'log_date_format (',
    'env.PYTHONPATH, env.UVICORN_LOG_LEVEL (',
    'env.NODE_ENV (',
  ]) {
    expect(ignored[0]).toContain(words);
  }
  expect(ignored[0]).not.toMatch(/\btime\b \(|merge_logs|kill_timeout/);
  expect(warnings).toContainEqual(expect.stringContaining('app snowflake-mcp-websocket is merged into the service'));
  expect(warnings).toContainEqual(expect.stringMatching(/apps\[0\]\.kill_timeout: .*raised to 6s/));
  expect(warnings).toHaveLength(3);
});

test('ecosystem: --env takes env_NAME over env, and not the environments of this package', () => {
  const configFile = documented('services');
  const development = load({ configFile, environment: 'development' }).config;
  expect([development.pool.max_size, development.pool.min_size, development.logging.level]).toEqual([5, 2, 'debug']);
  const production = load({ configFile, environment: 'production' }).config;
  expect([production.pool.max_size, production.logging.level]).toEqual([20, 'warn']);
  expect(production.workers.max_restarts).toBe(10);
  expect(load({ configFile }, { ENVIRONMENT: 'production' }).config.pool.max_size).toBe(20);
  expect(load({ configFile }, { NODE_ENV: 'development' }).config.pool.max_size).toBe(5);
  expect(load({ configFile: documented('cluster') }, { NODE_ENV: 'staging' }).config.server.port).toBe(8000);
  expect(faults({ configFile, environment: 'qa' })).toEqual([
    expect.stringMatching(/--env: .* has no env_qa \(it has env_production\)/),
  ]);
  write('config/qa.yaml', 'pool:\n  max_size: 33\n');
  expect(load({ configFile, environment: 'qa' }).config.pool.max_size).toBe(33);
});

test('ecosystem: the documented cluster keeps its restart policy, instance variable and health check', () => {
  const configFile = documented('cluster');
  const { config, warnings } = load({ configFile, environment: 'production' });
  expect(config.workers).toMatchObject({
    count: 'max',
    instance_var: 'INSTANCE_ID',
    increment_var: 'WORKER_PORT=9000',
    restart_delay: 2000,
    max_restarts: 15,
    min_uptime: 30_000,
    max_memory_restart: 1024 ** 3,
    listen_timeout: 3000,
    stop_exit_codes: ['0', '99'],
    cron_restart: '0 3 * * *',
    health_check_url: ['http://localhost:8000/health'],
    health_check_grace_period: 5000,
    health_check_fatal: true,
  });
  expect([config.server.port, config.pool.max_size]).toEqual([8010, 50]);
  const ignored = warnings.find((warning) => warning.includes('not used here')) ?? '';
  expect(ignored).toContain('monitoring, pmx (');
  expect(ignored).not.toContain('wait_ready');
  expect(warnings).toContainEqual(expect.stringContaining('CONNECTION_POOL_MAX_SIZE is an old name'));
});

test('ecosystem: its env is weaker than the environment and .env, stronger than the default; its keys win over args and env', () => {
  const apps = {
    name: 'a',
    args: '--port=8100 --workers 3',
    env: { SERVER_PORT: 8200, SERVER_WORKERS: 5, LOG_LEVEL: 'error' },
  };
  const configFile = writeApps(apps);
  expect(load({ configFile }).config).toMatchObject({
    server: { port: 8100 },
    workers: { count: 3 },
    logging: { level: 'error' },
  });
  expect(load({ configFile: writeApps({ ...apps, instances: -1, port: 8300 }) }).config).toMatchObject({
    server: { port: 8300 },
    workers: { count: -1 },
  });
  const env = { LOG_LEVEL: 'debug', SERVER_PORT: '8400' };
  expect(load({ configFile }, env).config).toMatchObject({ server: { port: 8400 }, logging: { level: 'debug' } });
  write('.env', 'LOG_LEVEL=warn\n');
  expect(load({ configFile }).config.logging.level).toBe('warn');
});

test.each([
  [{ exec_mode: 'fork' }, 1],
  [{ exec_mode: 'cluster' }, 1],
  [{}, 1],
  [{ exec_mode: 'cluster', instances: 0 }, 'max'],
  [{ exec_mode: 'cluster', instances: 'max' }, 'max'],
  [{ exec_mode: 'fork', instances: '4' }, 4],
  [{ instances: -1 }, -1],
])('ecosystem: %j means %s workers', (app, count) => {
  expect(load({ configFile: writeApps(app) }).config.workers.count).toBe(count);
});

test('ecosystem: PM2 spellings, switched-off values and /dev/null are understood', () => {
  const configFile = writeApps({
    name: 'a',
    out: './o.log',
    combine_logs: false,
    cron_restart: 0,
    watch: true,
    pid: './a.pid',
    exp_backoff_restart_delay: 100,
  });
  const { config } = load({ configFile });
  expect(config.logging).toMatchObject({ file: join(dir, 'o.log'), merge_logs: false });
  expect(config.workers).toMatchObject({ watch: ['.'], exp_backoff_restart_delay: 100 });
  expect([config.workers.cron_restart, config.server.pid_file]).toEqual([undefined, join(dir, 'a.pid')]);
  const silenced = load({ configFile: writeApps({ out_file: '/dev/null', wait_ready: false }) });
  expect(silenced.config.logging.file).toBeUndefined();
  expect(silenced.warnings.join()).toMatch(/out_file.*always kept/);
  expect(silenced.warnings.join()).toContain('wait_ready');
});

test('ecosystem: the first http app is taken, stdio and others are told, a websocket app alone is the service', () => {
  const { config, warnings } = load({
    configFile: writeApps(
      { name: 'snowflake-mcp-stdio', port: 1 },
      { name: 'cleanup', port: 2 },
      { name: 'mcp', script: 'snowflake-mcp-http', port: 3 },
      { name: 'second-http', port: 4 },
    ),
  });
  expect(config.server.port).toBe(3);
  const [told = ''] = warnings;
  for (const name of ['snowflake-mcp-stdio', 'cleanup', 'second-http']) expect(told).toContain(name);
  const alone = load({ configFile: writeApps({ name: 'snowflake-mcp-websocket', args: '--port 8005' }) });
  expect(alone.config.server.port).toBe(8005);
  expect(faults({ configFile: writeApps({ name: 'x-stdio' }) })[0]).toContain('none of its apps');
});

test('ecosystem: unknown keys are faults with their place and the likely key', () => {
  const configFile = write(
    'eco.json',
    JSON.stringify({ apps: [{ name: 'a', max_restart: 3, out: 'a', out_file: 'b' }], app: 1 }),
  );
  expect(faults({ configFile })).toEqual([
    `${configFile}: app is not a key of a PM2 file`,
    `${configFile}: apps[0].max_restart: is not a key of a PM2 app (did you mean max_restarts?)`,
    `${configFile}: apps[0].out_file: means the same as out`,
  ]);
});

test.each<[object, string]>([
  [{ max_restarts: 'ten' }, 'apps[0].max_restarts: workers.max_restarts: "ten" is not a whole number'],
  [{ max_restarts: { a: 1 } }, 'apps[0].max_restarts: workers.max_restarts: {"a":1} must be: number'],
  [{ min_uptime: 'soon' }, 'apps[0].min_uptime: workers.min_uptime: "soon" is not a duration'],
  [{ max_memory_restart: '10M' }, 'apps[0].max_memory_restart: workers.max_memory_restart: "10M" is outside'],
  [{ instances: 'many' }, 'apps[0].instances: workers.count: "many" is not max'],
  [{ autorestart: 'perhaps' }, 'apps[0].autorestart: workers.autorestart: "perhaps" is neither true nor false'],
  [{ exec_mode: 'thread' }, 'apps[0].exec_mode: "thread" is not fork or cluster'],
  [{ stop_exit_codes: ['x'] }, 'workers.stop_exit_codes'],
  [{ cron_restart: '61 * * * *' }, 'workers.cron_restart "61 * * * *" is no cron pattern'],
  [{ health_check_url: 'localhost' }, 'workers.health_check_url "localhost" is neither a path'],
  [{ instance_var: 'A B' }, 'apps[0].instance_var: workers.instance_var: "A B" does not look like'],
  [{ env: { SERVER_PORT: 'http' } }, 'apps[0].env.SERVER_PORT: server.port: "http" is not a whole number'],
  [{ env: { SERVER_PORT: [1] } }, 'apps[0].env.SERVER_PORT: must be a text, a number, true or false'],
  [{ env: 'A=1' }, 'apps[0].env: must hold variables'],
  [{ args: { port: 1 } }, 'apps[0].args: must be a text or a list of texts'],
  [{ args: '--port eighty' }, 'apps[0].args --port: server.port: "eighty" is not a whole number'],
  [{ args: '--host 127.0.0.1 --reload' }, ''],
])('ecosystem: %j is told with key, value and reason', (app, words) => {
  const configFile = writeApps({ name: 'a', ...app });
  if (words === '') expect(load({ configFile }).warnings[0]).toContain('args --reload');
  else expect(faults({ configFile })).toEqual([expect.stringContaining(words)]);
});

test('ecosystem: no value of a secret is told', () => {
  const configFile = writeApps({
    env: { SNOWFLAKE_PASSWORD: 'hunter2', API_KEYS: Array(1001).fill('hunter2').join() },
  });
  expect(faults({ configFile }).join()).not.toContain('hunter2');
});

test.each([
  ['module.exports = { apps: [{ port: 8123 }] }', 'a.config.js'],
  ['module.exports = { apps: [{ port: 8123 }] }', 'a.cjs'],
  ['module.exports = [{ port: 8123 }]', 'a.js'],
  ['export default { apps: [{ port: 8123 }] }', 'a.mjs'],
  ['export const apps = [{ port: 8123 }]', 'a.mjs'],
  ['{"apps": {"port": 8123}}', 'a.json'],
  ['apps:\n  - port: 8123\n', 'a.yaml'],
])('ecosystem: %s is read from %s', (text, name) => {
  expect(load({ configFile: write(name, text) }).config.server.port).toBe(8123);
});

test('ecosystem: CommonJS is read as such in a directory whose package.json says module', () => {
  write('package.json', '{"type": "module"}');
  const configFile = write('ecosystem.config.js', 'module.exports = { apps: [{ cwd: __dirname, port: 8123 }] };');
  expect(load({ configFile }).config.server).toMatchObject({ port: 8123, working_dir: dir });
});

test('ecosystem: a changed file and a changed file it loads are seen at the next load', () => {
  write('part.js', 'module.exports = 8001 + 1;');
  const configFile = write('e.config.js', "module.exports = { apps: [{ port: require('./part.js') }] };");
  expect(load({ configFile }).config.server.port).toBe(8002);
  write('part.js', 'module.exports = 8003;');
  expect(load({ configFile }).config.server.port).toBe(8003);
  write('e.config.js', 'module.exports = { apps: [{ port: 8004 }] };');
  expect(load({ configFile }).config.server.port).toBe(8004);
});

test('ecosystem: an ES module is evaluated once a process, so a changed one is refused, not taken for the old one', () => {
  const configFile = write('e.mjs', 'export default { apps: [{ port: 8001 + 1 }] };');
  expect(load({ configFile }).config.server.port).toBe(8002);
  expect(load({ configFile }).config.server.port).toBe(8002);
  write('e.mjs', 'export default { apps: [{ port: 8003 }] };');
  utimesSync(configFile, new Date(1e12), new Date(1e12));
  expect(refusal({ configFile }).message).toContain('it has changed, and an ES module is read once a process');
});

test('ecosystem: JSON that the file loads and cannot be read is told without a piece of it', () => {
  write('secrets.json', '{"password": hunter2}');
  const { message } = refusal({ configFile: write('e.config.js', "module.exports = require('./secrets.json')") });
  expect(message).toContain('it loads JSON that cannot be read');
  expect(message).not.toContain('hunter2');
});

test.each([
  ['throw new Error("no luck\\nsecond line")', 'it throws Error: no luck'],
  ['throw 3', 'it throws something that is no error'],
  ['process.exit(0)', 'it calls process.exit'],
  ['module.exports = {', 'it throws SyntaxError'],
  ["require('./missing.js')", "it throws Error: Cannot find module './missing.js'"],
  ['module.exports = undefined', 'it exports nothing'],
  ['const a = { apps: [] }; a.apps.push(a); module.exports = a', 'it throws TypeError: Converting circular'],
  ['module.exports = { apps: [{ max_restarts: () => 3 }] }', 'the value of max_restarts'],
  ['module.exports = { apps: [{ port: NaN }] }', 'the value of port'],
  ['module.exports = { get apps() { throw new Error("got") } }', 'it throws Error: got'],
  ['module.exports = { apps: [{ name: "x".repeat(2e6) }] }', 'exports more than'],
])('ecosystem: a program of %j is refused in words', (text, words) => {
  const error = refusal({ configFile: write('e.config.js', text) });
  expect([error.code, error.message]).toEqual(['CONFIG_UNREADABLE', expect.stringContaining(words)]);
  expect(error.message).not.toContain('second line');
});

test.each([
  ['e.cjs', 'for (;;);'],
  ['e.mjs', 'for (;;);'],
  ['e.cjs', 'process.env.LEFT_BEHIND = "1"; module.exports = { get apps() { for (;;); } }'],
  ['e.cjs', 'module.exports = { apps: [{ watch: /(a+)+b/.test("a".repeat(60)) }] }'],
  ['e.cjs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
])('ecosystem: %s with %s is stopped and refused, and the next is read', (name, text) => {
  const evaluate = () => evaluateModule(write(name, text), 200);
  expect(evaluate).toThrow(/it does not end: it was stopped after 200 ms/);
  expect(process.env.LEFT_BEHIND).toBeUndefined();
  expect(evaluateModule(write('next.cjs', 'module.exports = { apps: [] }'), 10_000)).toEqual({ apps: [] });
});

test('ecosystem: a program cannot change the environment, the directory or the output of this process', () => {
  const before = { cwd: process.cwd(), exit: process.exit, write: process.stdout.write };
  const text =
    "process.env.LEFT_BEHIND = '1'; process.stdout.write = 0; process.exit = 0; module.exports = { apps: [{ port: 8123 }] };";
  expect(load({ configFile: write('e.config.js', text) }).config.server.port).toBe(8123);
  expect(process.env.LEFT_BEHIND).toBeUndefined();
  expect({ cwd: process.cwd(), exit: process.exit, write: process.stdout.write }).toEqual(before);
});

test.each([
  ['e.json', '{"apps": []}'],
  ['e.json', '{"apps": [3]}'],
  ['e.js', 'module.exports = 3'],
  ['e.js', 'module.exports = { server: { port: 1 } }'],
  ['e.json', JSON.stringify({ apps: Array(101).fill({}) })],
])('ecosystem: %s with %s is no list of apps', (name, text) => {
  expect(faults({ configFile: write(name, text.slice(0, 400_000)) })[0]).toMatch(/apps/);
});

test('ecosystem: a JSON file above a megabyte is refused unread', () => {
  const configFile = write('e.json', `{"apps": [{"name": "${'x'.repeat(1024 * 1024)}"}]}`);
  expect(refusal({ configFile }).message).toContain('larger than');
});
