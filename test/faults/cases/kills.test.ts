/** A hundred sessions of real clients while their workers are killed again and again. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { samples, startDaemon, sum } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { faultConfig, readyPids } from '../../support/fault-daemon.ts';
import { isAlive } from '../../support/process.ts';
import { type FailedCall, startSessionLoad } from '../../support/session-load.ts';

/** The whole minute of kills with FAULT_SECONDS=60; the rest of the promise is the same. */
const KILL_SECONDS = Number(process.env.FAULT_SECONDS ?? 20);
const SESSIONS = 100;
/** Between a death and the moment the clients' process can have heard of it, when it is not busy itself. */
const NOTICE_MS = 250;

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
  await using daemon = await startDaemon({ workers: 3, args: faultConfig({}) });
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
      await eventually(() => !isAlive(victim), { what: 'it is gone' });
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
