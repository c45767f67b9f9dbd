/** The whole service with its real workers: streams, half requests, short blocks, and a daemon that is killed. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { daemonHome, samples, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { isGood, openSession } from '../../support/load.ts';
import { patient } from '../../support/patience.ts';
import { descendants, isAlive, run } from '../../support/process.ts';

/** Short times; a configuration file so that every process has them. */
function config(workers: Readonly<Record<string, unknown>>): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'smd-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const quick = { restart_delay: '100ms', reload_soak: '100ms', kill_timeout: '2s', ...workers };
  writeFileSync(join(dir, 'fault.yaml'), JSON.stringify({ workers: quick, server: { keep_alive_timeout: '1s' } }));
  return ['--config', join(dir, 'fault.yaml')];
}

test('[fault 6] hang: real workers paused for half of hang_kill again and again live on, the lag shows', async () => {
  await using daemon = await startDaemon({ args: config({ hang_suspect: '2s', hang_kill: '4s' }) });
  const before = (await daemon.status()).workers.map(({ pid }) => pid);
  const [paused = 0] = before;
  for (let round = 0; round < 2; round += 1) {
    const until = performance.now() + 1900;
    process.kill(paused, 'SIGSTOP');
    await eventually(() => performance.now() >= until);
    process.kill(paused, 'SIGCONT');
    await eventually(async () => lagOf(await daemon.metrics()) > 1, { what: 'the lag shows' });
    await eventually(async () => ageOf(await daemon.metrics()) < 1, { what: 'it is heard again' });
  }
  const { workers } = await daemon.status();
  expect(workers.map(({ pid, restarts }) => [pid, restarts])).toEqual(before.map((pid) => [pid, 0]));
});

const lagOf = (text: string) => samples(text, 'mcp_event_loop_lag_seconds').get('{worker="0"}') ?? 0;

const ageOf = (text: string) => samples(text, 'supervisor_worker_snapshot_age_seconds').get('{worker="0"}') ?? 9;

/** An open stream of a session and what came over it. */
function openStream(url: string, sessionId: string): Promise<{ text(): string; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'text/event-stream',
      'mcp-session-id': sessionId,
      'mcp-protocol-version': '2025-06-18',
    };
    const call = request(`${url}/mcp`, { headers }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('error', () => {});
      resolve({ text: () => text, ended: new Promise((done) => answer.once('close', done)) });
    });
    call.once('error', reject);
    call.end();
  });
}

test('[fault 27] drain: an open stream is ended with a hint to retry, and its client goes on with a new worker', async () => {
  await using daemon = await startDaemon({ args: config({}) });
  const session = await openSession(daemon.url);
  const stream = await openStream(daemon.url, session.id);
  const old = (await daemon.status()).workers.map(({ pid }) => pid);
  expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  await stream.ended;
  expect(stream.text()).toMatch(/^retry: \d+$/m);
  const again = await openStream(daemon.url, session.id);
  expect(isGood(await session.call('execute_query', { query: 'SELECT 1 AS N' }))).toBe(true);
  expect((await daemon.status()).workers.filter(({ pid }) => old.includes(pid))).toEqual([]);
  session.close();
  expect((await daemon.cli('stop')).code).toBe(0);
  await again.ended;
});

const HALF = ['Content-Type: application/json', 'Accept: application/json, text/event-stream', 'Content-Length: 1000'];

test('[fault 28] drain: half a request that never ends is cut, the reload is not held up', async () => {
  await using daemon = await startDaemon({ workers: 1, args: config({}) });
  const { hostname, port } = new URL(daemon.url);
  const slow = connect({ host: hostname, port: Number(port) });
  let isCut = false;
  slow
    .resume()
    .on('error', () => {})
    .once('close', () => {
      isCut = true;
    });
  slow.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\n${HALF.join('\r\n')}\r\n\r\n{"half":`);
  // Answered after it: the worker has read the half.
  (await openSession(daemon.url)).close();
  const begun = performance.now();
  expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  expect(performance.now() - begun).toBeLessThan(patient(8000));
  await eventually(() => isCut, { what: 'it is cut' });
});

test('[fault 29] kill -9 of the idle daemon: every process is gone at once and the port is free for the next', async () => {
  const home = daemonHome();
  const flags = ['--demo', '--workers', '2', '--metrics-port', '0', ...home.flags];
  const cli = (...words: string[]) => run('bin/snowflake-mcp-daemon.js', words, { env: home.env, cwd: home.dir });
  onTestFinished(async () => {
    await cli('stop', ...home.flags);
    rmSync(home.dir, { recursive: true, force: true });
  });
  expect((await cli('start', '--port', '0', ...flags)).code).toBe(0);
  const status = JSON.parse((await cli('status', '--json', ...home.flags)).stdout) as { pid: number; url: string };
  const family = descendants(status.pid);
  expect(family.length).toBeGreaterThanOrEqual(3);
  const killedAt = performance.now();
  process.kill(status.pid, 'SIGKILL');
  await eventually(() => !family.some(isAlive), { what: 'all processes are gone' });
  expect(performance.now() - killedAt).toBeLessThan(patient(1000));
  expect((await cli('start', '--port', new URL(status.url).port, ...flags)).code).toBe(0);
  const next = JSON.parse((await cli('status', '--json', ...home.flags)).stdout) as { pid: number };
  const nextFamily = [next.pid, ...descendants(next.pid)];
  expect((await cli('stop', ...home.flags)).code).toBe(0);
  await eventually(() => !nextFamily.some(isAlive), { what: 'all processes of the next are gone' });
  const left = readdirSync(home.dir, { recursive: true, encoding: 'utf8' });
  expect(left.filter((name) => /\.(pid|sock)$/.test(name))).toEqual([]);
});
