/** Sessions of real clients while their workers are killed, reloaded and stopped. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import type { DaemonStatus } from '../../../src/shared/control-api.ts';
import type { StreamRecord } from '../../../src/worker/session/stream-record.ts';
import { openLmdbStore } from '../../../src/worker/state/lmdb-store.ts';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { isAlive } from '../../support/process.ts';
import { type FailedCall, startSessionLoad } from '../../support/session-load.ts';
import { post, rawSession } from '../../support/worker-client.ts';

/** The whole minute of kills with FAULT_SECONDS=60; the rest of the promise is the same. */
const KILL_SECONDS = Number(process.env.FAULT_SECONDS ?? 20);
const SESSIONS = 100;
/** Of those that come back at once. */
const CROWD = 200;
/** Between a death and the moment the clients' process can have heard of it, when it is not busy itself. */
const NOTICE_MS = 250;

function config(workers: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'smd-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const quick = { restart_delay: '100ms', reload_soak: '100ms', max_restarts: 1000, backoff_jitter: 0, ...workers };
  writeFileSync(join(dir, 'fault.yaml'), JSON.stringify({ workers: quick, ...more }));
  return ['--config', join(dir, 'fault.yaml')];
}

/** Of the primary itself: a command would take a second of its own on a busy machine. */
async function workersOf(daemon: Daemon): Promise<DaemonStatus['workers']> {
  const answer = await fetch(`${daemon.metricsUrl}/status`);
  return ((await answer.json()) as DaemonStatus).workers;
}

const readyPids = async (daemon: Daemon): Promise<number[]> =>
  (await workersOf(daemon)).filter(({ state }) => state === 'ready').map(({ pid }) => pid);

/** By performance.now(): when the signal was sent, and when the process was gone. */
interface Kill {
  readonly sentAt: number;
  readonly goneAt: number;
}

/** Calls that failed though no worker died under them. */
function unexplained(failed: readonly FailedCall[], kills: readonly Kill[], noticeMs: number): string[] {
  return failed
    .filter((call) => !kills.some((kill) => kill.goneAt + noticeMs > call.startedAt && kill.sentAt < call.endedAt))
    .map(({ reason, attempt }) => `${reason} (try ${attempt})`);
}

/** Calls that failed though somebody was there to answer: only a connection that breaks with its worker may fail. */
function answeredByOthers(failed: readonly FailedCall[]): string[] {
  return failed.filter(({ reason }) => !/other side closed|ECONNRESET/.test(reason)).map(({ reason }) => reason);
}

test('[fault 59] kill -9 of a worker each second under 100 sessions: none is lost, none gets the answer of another, what fails was in flight and succeeds when it is sent again', async () => {
  await using daemon = await startDaemon({ workers: 3, args: config({}) });
  const load = await startSessionLoad(daemon.url, { sessions: SESSIONS, thinkMs: 2000 });
  await eventually(() => load.ok() > SESSIONS, { what: 'load runs', deadlineMs: 30_000 });
  const kills: Kill[] = [];
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const until = performance.now() + KILL_SECONDS * 1000;
  while (performance.now() < until) {
    const next = performance.now() + 1000;
    const ready = await readyPids(daemon);
    // The last one that serves is left alone: a port without a worker is another fault.
    const victim = ready[Math.floor(Math.random() * ready.length)];
    if (ready.length > 1 && victim !== undefined) {
      const sentAt = performance.now();
      process.kill(victim, 'SIGKILL');
      await eventually(() => !isAlive(victim), { what: 'it is gone', deadlineMs: 10_000, everyMs: 20 });
      kills.push({ sentAt, goneAt: performance.now() });
    }
    await sleep(Math.max(0, next - performance.now()));
  }
  const before = load.ok();
  await eventually(() => load.ok() > before + SESSIONS, { what: 'load goes on', deadlineMs: 30_000 });
  const { ok, failed, foreign, givenUp, lost } = await load.stop();
  console.log(`${kills.length} kills, ${ok} calls, ${failed.length} failed`);
  lag.disable();
  expect(kills.length).toBeGreaterThan(KILL_SECONDS / 6);
  expect(foreign).toEqual([]);
  expect(lost).toEqual([]);
  expect(unexplained(failed, kills, NOTICE_MS + lag.max / 1e6)).toEqual([]);
  expect(answeredByOthers(failed)).toEqual([]);
  expect(failed.length / kills.length).toBeLessThan(SESSIONS / 4);
  expect(givenUp).toEqual([]);
  expect(sum(samples(await daemon.metrics(), 'mcp_sessions_adopted_total'))).toBeGreaterThan(0);
}, 180_000);

test('[fault 60] 10 reloads under sessions that call: no client sees an error', async () => {
  // Calls of a machine that is busy take longer than the usual deadline of a drain.
  await using daemon = await startDaemon({ workers: 2, args: config({ kill_timeout: '30s' }) });
  const sessions = KILL_SECONDS < 60 ? SESSIONS / 4 : SESSIONS;
  const load = await startSessionLoad(daemon.url, { sessions, thinkMs: 500 });
  await eventually(() => load.ok() > sessions, { what: 'load runs', deadlineMs: 30_000 });
  for (let round = 0; round < 10; round += 1) expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  const { failed, foreign, lost } = await load.stop();
  expect(failed.map(({ reason }) => reason)).toEqual([]);
  expect([foreign, lost]).toEqual([[], []]);
}, 300_000);

test('[fault 61] kill -9 of all workers at once: every session goes on where it was', async () => {
  await using daemon = await startDaemon({ workers: 2, args: config({}) });
  const load = await startSessionLoad(daemon.url, { sessions: 20, thinkMs: 200 });
  await eventually(() => load.ok() > 40, { what: 'load runs', deadlineMs: 30_000 });
  const old = await readyPids(daemon);
  for (const pid of old) process.kill(pid, 'SIGKILL');
  const renewed = async () => (await readyPids(daemon)).filter((pid) => !old.includes(pid)).length === old.length;
  await eventually(renewed, { what: 'all are back', deadlineMs: 30_000 });
  const { foreign, lost } = await load.stop();
  expect([foreign, lost]).toEqual([[], []]);
}, 120_000);

const CALL = {
  jsonrpc: '2.0',
  id: 8,
  method: 'tools/call',
  params: { name: 'execute_query', arguments: { query: "SELECT 'back' AS T" } },
};

/** What a client does that comes back: it asks until it is answered. False when nobody could be reached, or is to be asked later. */
async function answerTo(daemon: Daemon, id: string): Promise<string | false> {
  try {
    const answer = await post(daemon.url, CALL, { 'mcp-session-id': id });
    const text = await answer.text();
    return answer.status === 503 && answer.headers.has('retry-after') ? false : `${answer.status} ${text}`;
  } catch {
    return false;
  }
}

test('[fault 61] 200 clients that come back at once after all workers were killed: each is answered in its session', async () => {
  await using daemon = await startDaemon({ workers: 2, args: config({}) });
  const ids: string[] = [];
  while (ids.length < CROWD) ids.push(...(await Promise.all(Array.from({ length: 20 }, () => rawSession(daemon.url)))));
  for (const pid of await readyPids(daemon)) process.kill(pid, 'SIGKILL');
  const back = (id: string) =>
    eventually(() => answerTo(daemon, id), { what: 'an answer', deadlineMs: 60_000, everyMs: 500 });
  for (const answer of await Promise.all(ids.map(back)))
    expect(answer).toMatch(/^200 [\s\S]*structuredContent[\s\S]*back/);
  const held = async () => sum(samples(await daemon.metrics(), 'mcp_active_sessions')) >= CROWD;
  await eventually(held, { what: 'all are held' });
}, 120_000);

/** An account of the test's own whose statements take a while and have a name early. */
async function slowAccount(delayMs: number): Promise<{ account: EmbeddedSnowflake; env: Record<string, string> }> {
  const account = await startEmbedded({ account: 'A', user: 'U', password: 'p', longPollMs: 200, delayMs });
  onTestFinished(() => account.close());
  const env = {
    SNOWFLAKE_ACCESS_URL: account.url,
    SNOWFLAKE_ACCOUNT: 'A',
    SNOWFLAKE_USER: 'U',
    SNOWFLAKE_PASSWORD: 'p',
  };
  return { account, env };
}

/** A call is kept with the id of its statement, as other workers would read it. */
async function isWrittenDown(daemon: Daemon): Promise<boolean> {
  const store = openLmdbStore<StreamRecord>(join(daemon.dir, 'state'), 'streams', { maxBytes: 2 ** 26 });
  try {
    return (await store.page('', 10)).some(({ value }) => value.queryId !== undefined);
  } finally {
    await store.close();
  }
}

/** The pid of the worker that has started this session: ids begin with its number. */
async function holderOf(daemon: Daemon, sessionId: string): Promise<number> {
  const number = Number.parseInt(sessionId.split('-')[0] ?? '', 36);
  return (await workersOf(daemon)).find(({ socket }) => socket.endsWith(`/w${number}.sock`))?.pid ?? 0;
}

test('[fault 62] kill -9 of the worker of a long call: its statement runs once, and its rows reach the client that comes back', async () => {
  const { account, env } = await slowAccount(4000);
  await using daemon = await startDaemon({ demo: false, workers: 2, env, args: config({}) });
  const mcp = await connectClient(daemon.url);
  const call = mcp.call('execute_query', { query: "SELECT 'the rows' AS T" });
  const statements = () => account.queries().filter(({ sqlText }) => sqlText.includes('the rows'));
  await eventually(() => statements().length === 1, { what: 'the statement runs' });
  await eventually(() => isWrittenDown(daemon), { what: 'the call is written down with its query id' });
  process.kill(await holderOf(daemon, mcp.sessionId), 'SIGKILL');
  expect(textOf(await call)).toContain('the rows');
  expect(statements()).toHaveLength(1);
  expect(sum(samples(await daemon.metrics(), 'mcp_streams_resumed_total'))).toBeGreaterThan(0);
  await mcp.close();
}, 120_000);

test('[fault 63] SIGSTOP of the worker of a long call until it is killed: one answer, and none of the stopped one', async () => {
  const { env } = await slowAccount(3000);
  const args = config({ hang_suspect: '1s', hang_kill: '2s' });
  await using daemon = await startDaemon({ demo: false, workers: 2, env, args });
  const mcp = await connectClient(daemon.url);
  let answers = 0;
  const call = mcp.call('execute_query', { query: "SELECT 'the rows' AS T" }).finally(() => {
    answers += 1;
  });
  // From here on its client has an event id to come back with.
  await eventually(() => isWrittenDown(daemon), { what: 'the call is written down' });
  const stopped = await holderOf(daemon, mcp.sessionId);
  process.kill(stopped, 'SIGSTOP');
  expect(textOf(await call)).toContain('the rows');
  expect(answers).toBe(1);
  expect((await workersOf(daemon)).map(({ pid }) => pid)).not.toContain(stopped);
  await mcp.close();
}, 120_000);

test('[fault 63] a worker stopped in a long call and woken before it is killed is its session’s owner still: one answer, one statement, nothing taken over', async () => {
  const { account, env } = await slowAccount(4000);
  const args = config({ hang_suspect: '1s', hang_kill: '60s' });
  await using daemon = await startDaemon({ demo: false, workers: 2, env, args });
  const mcp = await connectClient(daemon.url);
  const call = mcp.call('execute_query', { query: "SELECT 'the rows' AS T" });
  const statements = () => account.queries().filter(({ sqlText }) => sqlText.includes('the rows'));
  await eventually(() => statements().length === 1, { what: 'it runs' });
  const stopped = await holderOf(daemon, mcp.sessionId);
  process.kill(stopped, 'SIGSTOP');
  const isSuspect = async () => (await workersOf(daemon)).some((it) => it.pid === stopped && it.state !== 'ready');
  try {
    await eventually(isSuspect, { what: 'the primary suspects it', deadlineMs: 20_000 });
  } finally {
    process.kill(stopped, 'SIGCONT');
  }
  expect(textOf(await call)).toContain('the rows');
  expect(statements()).toHaveLength(1);
  expect(sum(samples(await daemon.metrics(), 'mcp_sessions_adopted_total'))).toBe(0);
  await mcp.close();
}, 120_000);
