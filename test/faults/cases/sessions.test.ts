/** Sessions of real clients while their workers are reloaded, stopped, and killed once; kills.test.ts goes on with that. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type EmbeddedSnowflake, startEmbedded } from '../../../src/embedded/start.ts';
import type { StreamRecord } from '../../../src/worker/session/stream-record.ts';
import { openLmdbStore } from '../../../src/worker/state/lmdb-store.ts';
import { type Daemon, samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { faultConfig, readyPids, workersOf } from '../../support/fault-daemon.ts';
import { connectClient, textOf } from '../../support/mcp-client.ts';
import { startSessionLoad } from '../../support/session-load.ts';
import { post, rawSession } from '../../support/worker-client.ts';

/** A hundred with FAULT_SECONDS=60. */
const SESSIONS = Number(process.env.FAULT_SECONDS ?? 0) < 60 ? 25 : 100;
/** Of those that come back at once. */
const CROWD = 200;

test('[fault 60] 10 reloads under sessions that call: no client sees an error', async () => {
  // Calls of a machine that is busy take longer than the usual deadline of a drain.
  await using daemon = await startDaemon({ workers: 2, args: faultConfig({ kill_timeout: '30s' }) });
  const load = await startSessionLoad(daemon.url, { sessions: SESSIONS, thinkMs: 1000 });
  await eventually(() => load.ok() > SESSIONS, { what: 'load runs', deadlineMs: 30_000 });
  for (let round = 0; round < 10; round += 1) expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  const { failed, foreign, lost } = await load.stop();
  expect(failed.map(({ reason }) => reason)).toEqual([]);
  expect([foreign, lost]).toEqual([[], []]);
}, 600_000);

test('[fault 61] kill -9 of all workers at once: every session goes on where it was', async () => {
  await using daemon = await startDaemon({ workers: 2, args: faultConfig({}) });
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
  await using daemon = await startDaemon({ workers: 2, args: faultConfig({}) });
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
  await using daemon = await startDaemon({ demo: false, workers: 2, env, args: faultConfig({}) });
  const mcp = await connectClient(daemon.url);
  const call = mcp.call('execute_query', { query: "SELECT 'the rows' AS T" });
  const statements = () => account.queries().filter(({ sqlText }) => sqlText.includes('the rows'));
  await eventually(() => statements().length === 1, { what: 'the statement runs' });
  await eventually(() => isWrittenDown(daemon), { what: 'the call is written down with its query id' });
  process.kill(await holderOf(daemon, mcp.sessionId), 'SIGKILL');
  expect(textOf(await call)).toContain('the rows');
  expect(statements()).toHaveLength(1);
  const resumed = async () => sum(samples(await daemon.metrics(), 'mcp_streams_resumed_total'));
  await eventually(async () => (await resumed()) > 0, { what: 'it is counted' });
  await mcp.close();
}, 120_000);

test('[fault 63] SIGSTOP of the worker of a long call until it is killed: one answer, and none of the stopped one', async () => {
  const { env } = await slowAccount(3000);
  const args = faultConfig({ hang_suspect: '1s', hang_kill: '2s' });
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
  const args = faultConfig({ hang_suspect: '1s', hang_kill: '60s' });
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
