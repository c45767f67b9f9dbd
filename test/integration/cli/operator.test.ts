/** The commands an operator looks and acts with, against one real daemon; each also where none runs. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Daemon, daemonHome, startDaemon } from '../../support/daemon.ts';
import { SLOW_SQL } from '../../support/embedded-driver.ts';
import { eventually } from '../../support/eventually.ts';
import { begin } from '../../support/interrupted.ts';
import { connectClient } from '../../support/mcp-client.ts';
import { cleanEnv, type Ended, run } from '../../support/process.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await startDaemon();
}, 60_000);
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
}, 60_000);

const json = async (...words: string[]) => {
  const ended = await daemon.cli(...words, '--json');
  return { ...ended, data: JSON.parse(ended.stdout) };
};

/** A command where no daemon runs. */
async function alone(...words: string[]): Promise<Ended> {
  const { dir, flags, env } = daemonHome();
  try {
    return await run('bin/snowflake-mcp-daemon.js', [...words, ...flags], { env, cwd: dir });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('health: one line with figures and 0; in maintenance a warning and 1; --quiet says nothing', async () => {
  // On a busy machine the start itself lags, which is a warning for some seconds.
  const well = await eventually(
    async () => {
      const told = await daemon.cli('health');
      return told.code === 0 && told;
    },
    { what: 'all is well', deadlineMs: 30_000 },
  );
  expect(well.stdout).toMatch(/^OK - 2 of 2 workers ready.*\| workers=2;;;0;2 /);
  expect((await daemon.cli('maintenance', 'on')).stdout).toContain('Maintenance is on since');
  const warned = await daemon.cli('health', '--quiet');
  expect([warned.code, warned.stdout, warned.stderr]).toEqual([1, '', '']);
  expect((await json('maintenance', 'status')).data).toMatchObject({ maintenance: true, inflight: 0 });
  const refused = await daemon.cli('validate');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('maintenance off')]);
  expect((await daemon.cli('maintenance', 'off')).stdout.trim()).toBe('Maintenance is off');
  expect((await json('health')).data).toMatchObject({ level: 'ok', workers: { ready: 2, all: 2 } });
});

test('health: without a daemon it is critical and 2; the others say how to start one', async () => {
  const health = await alone('health');
  expect([health.code, health.stdout.trim()]).toEqual([2, 'CRITICAL - the daemon is not running']);
  for (const words of [['sessions'], ['queries'], ['validate'], ['maintenance', 'status']]) {
    const ended = await alone(...words);
    expect([words, ended.code, ended.stderr]).toEqual([
      words,
      1,
      expect.stringContaining('snowflake-mcp-daemon start'),
    ]);
  }
});

test('test-connection: through the daemon, and by a login of its own', async () => {
  expect((await json('test-connection')).data).toMatchObject({ success: true, user: 'DEMO', via: 'service' });
  const direct = await alone('test-connection', '--demo', '--json');
  expect([direct.code, JSON.parse(direct.stdout)]).toEqual([
    0,
    expect.objectContaining({ success: true, account: 'EMBEDDED', via: 'own login' }),
  ]);
});

test('test-connection: an account that cannot be reached is 69 and missing credentials are 78', async () => {
  const missing = await alone('test-connection');
  expect([missing.code, missing.stderr]).toEqual([78, expect.stringContaining('SNOWFLAKE_ACCOUNT')]);
  const dir = mkdtempSync(join(tmpdir(), 'away-'));
  const env = {
    SNOWFLAKE_ACCOUNT: 'nobody',
    SNOWFLAKE_ACCESS_URL: 'http://127.0.0.1:9',
    SNOWFLAKE_USER: 'u',
    SNOWFLAKE_PASSWORD: 'not-to-be-seen',
    PID_FILE: join(dir, 'd.pid'),
  };
  const { env: clean } = daemonHome();
  const away = await run('bin/snowflake-mcp-daemon.js', ['test-connection'], { env: { ...clean, ...env }, cwd: dir });
  rmSync(dir, { recursive: true, force: true });
  expect([away.code, away.stderr]).toEqual([
    69,
    expect.stringMatching(/Error: Snowflake cannot be reached[\s\S]*Next: /),
  ]);
  expect(away.stdout + away.stderr).not.toContain('not-to-be-seen');
});

test('validate: every read tool is called over the service port, with its time', async () => {
  const { code, data } = await json('validate');
  expect([code, data.failed, data.skipped]).toEqual([0, 0, 0]);
  expect(data.ok).toBeGreaterThan(15);
  expect(data.tools.every(({ ms }: { ms: number }) => ms >= 0)).toBe(true);
});

/** The one statement that runs, once it does. */
function runningQueries() {
  return eventually(
    async () => {
      const { data } = await json('queries');
      expect(data).toHaveLength(1);
      return data as { id: string; tool: string }[];
    },
    { what: 'the statement runs', deadlineMs: 20_000, everyMs: 200 },
  );
}

test('queries: what runs is listed, and --kill cancels it; an unknown id is an error', async () => {
  const client = await connectClient(daemon.url);
  const call = client.call('execute_query', { query: SLOW_SQL });
  const [row] = await runningQueries();
  expect(row?.tool).toBe('execute_query');
  const sessions = await json('sessions');
  expect(sessions.data.active_sessions[0]).toMatchObject({ client: expect.stringContaining('test') });
  expect((await json('sessions', '--top')).data.clients[0]).toMatchObject({ sessions: 1, queries: 1 });
  const killed = await daemon.cli('queries', '--kill', row?.id ?? '');
  expect(killed.stdout).toContain('Cancelled');
  expect(JSON.stringify((await call).content)).toContain('QUERY_KILLED');
  const again = await daemon.cli('queries', '--kill', row?.id ?? '');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('No statement')]);
  const slow = await json('queries', '--slow', '--over', '1ms');
  expect(slow.data.ended.length).toBeGreaterThan(0);
  await client.close();
});

test('warehouse: state and queue through the running service', async () => {
  const { data } = await json('warehouse');
  expect(data).toMatchObject({ via: 'service' });
  expect(data.warehouses[0]).toMatchObject({ name: 'DEMO_WH', queued: 0 });
});

test('validate: a key file that cannot be read is wrong usage', async () => {
  const ended = await daemon.cli('validate', '--key-file', '/no/such/file');
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('/no/such/file')]);
});

test('completion: the script of each shell; yargs answers with commands, options and choices', async () => {
  expect((await alone('completion', 'bash')).stdout).toContain('complete -o bashdefault');
  expect((await alone('completion', 'zsh')).stdout).toMatch(/^#compdef snowflake-mcp-daemon/);
  const asked = await run('bin/snowflake-mcp-daemon.js', ['--get-yargs-completions', 'x', 'maintenance', '']);
  expect(asked.stdout.split('\n')).toEqual(expect.arrayContaining(['on', 'off', 'status']));
});

test('doctor: a running daemon with its login, pool, limits and versions, and 0', async () => {
  const { code, data } = await json('doctor');
  expect([code, data.error]).toEqual([0, 0]);
  const checks = new Set(data.findings.map(({ check }: { check: string }) => check));
  for (const check of ['config', 'pid', 'pool', 'login', 'nofile', 'nproc', 'memory', 'disk', 'node', 'packages']) {
    expect(checks).toContain(check);
  }
});

test('doctor: what no worker answers is a finding beside all the others', async () => {
  const sockets = (await daemon.status()).workers.map(({ socket }) => socket);
  for (const socket of sockets) renameSync(socket, `${socket}.away`);
  const { code, data } = await json('doctor').finally(() => {
    for (const socket of sockets) renameSync(`${socket}.away`, socket);
  });
  expect(code).toBe(1);
  const of = (wanted: string) => data.findings.filter(({ check }: { check: string }) => check === wanted);
  for (const check of ['pool', 'login'])
    expect(of(check)).toMatchObject([
      { level: 'error', text: 'None of the 2 workers is ready', next: expect.any(String) },
    ]);
  expect([of('config')[0].level, of('pid')[0].level, of('disk').length > 0]).toEqual(['ok', 'ok', true]);
});

test('advise: four keys, each with what is advised and why', async () => {
  const { code, data } = await json('advise', '--duration', '1');
  expect(code).toBe(0);
  expect(data.advice.map(({ key }: { key: string }) => key)).toEqual([
    'pool.max_size',
    'pool.min_size',
    'workers.count',
    'workers.max_memory_restart',
  ]);
  expect(data.facts).toMatchObject({ workers: 2, poolMax: 8 });
});

test('leak-check: a slope and a verdict for each worker', async () => {
  const { data } = await json('leak-check', '--duration', '5', '--threshold', '1G');
  expect(data.workers.map(({ worker, verdict }: { worker: number; verdict: string }) => [worker, verdict])).toEqual([
    [0, 'steady'],
    [1, 'steady'],
  ]);
  expect(data.workers[0].samples).toBeGreaterThan(2);
});

test.each(['SIGINT', 'SIGHUP'] as const)(
  'restart --safe: interrupted by %s while calls are in flight, it ends maintenance and stops nothing',
  async (signal) => {
    const { pid } = await daemon.status();
    const client = await connectClient(daemon.url);
    const call = client.call('execute_query', { query: SLOW_SQL });
    const [row] = await runningQueries();
    const env = cleanEnv({ STATE_DIR: join(daemon.dir, 'state'), LOG_FILE: join(daemon.dir, 'log', 'daemon.log') });
    const words = ['restart', '--safe', '--pid-file', join(daemon.dir, 'd.pid')];
    const restarting = begin(words, { env, cwd: daemon.dir });
    await eventually(async () => (await json('maintenance', 'status')).data.maintenance === true, {
      what: 'maintenance',
      deadlineMs: 20_000,
    });
    restarting.kill(signal);
    expect(await restarting.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('It was interrupted') });
    expect((await json('maintenance', 'status')).data.maintenance).toBe(false);
    expect((await daemon.status()).pid).toBe(pid);
    await daemon.cli('queries', '--kill', row?.id ?? '');
    await call;
    await client.client.close();
  },
  60_000,
);

test('restart --safe: calls in flight end, the new daemon is tried', async () => {
  const client = await connectClient(daemon.url);
  const call = client.call('execute_query', { query: SLOW_SQL });
  const [row] = await runningQueries();
  const short = await daemon.cli('restart', '--safe', '--drain', '0');
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('Nothing was stopped')]);
  expect((await json('maintenance', 'status')).data.maintenance).toBe(false);
  const restarting = daemon.cli('restart', '--safe');
  await eventually(async () => (await json('maintenance', 'status')).data.maintenance === true, {
    what: 'maintenance',
    deadlineMs: 20_000,
  });
  await daemon.cli('queries', '--kill', row?.id ?? '');
  // The call was answered, not cut off.
  expect(JSON.stringify((await call).content)).toContain('QUERY_KILLED');
  const restarted = await restarting;
  expect([restarted.code, restarted.stdout]).toEqual([0, expect.stringContaining('Restarted safely')]);
  await client.client.close();
  expect((await daemon.status()).pid).not.toBe(daemon.pid);
}, 90_000);
