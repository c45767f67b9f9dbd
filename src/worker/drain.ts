/**
 * How a worker leaves without losing a request, once, within its deadline:
 *
 *   lame duck   /readyz says 503, so that a load balancer looks elsewhere; everything is still served
 *   closing     the port stops accepting; connections that are open get `Connection: close` with their next answer
 *               listening streams end with a hint to come back; sessions go to whoever needs them next
 *   half time   connections that still look idle are closed; much sooner when the whole service ends
 *   end         what still runs is cut off and cancelled in Snowflake, the last metrics are sent, the process ends
 */
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';

type DrainPhase = 'serving' | 'lame_duck' | 'closing';

/** What a drain acts on; each step is somebody else's. */
export interface DrainParts {
  stopAccepting(): void;
  /** Open client connections. */
  connections(): number;
  closeIdle(): void;
  closeAll(): Promise<void>;
  endStreams(): void;
  /** No fellow takes work: the service ends, and there is no reason to wait for idle connections. */
  isServiceEnding(): boolean;
  /** Resolves when every session is given away; at once when `signal` aborts. */
  handOverSessions(signal: AbortSignal): Promise<void>;
  /** The deadline has come: what stops from now on was stopped by the drain. */
  outOfTime(): void;
  /** Ends statements that still run and closes the connections to Snowflake. */
  closeQueries(deadlineMs: number): Promise<void>;
  /** Last metrics, acknowledged. */
  sayDrained(): Promise<void>;
}

export interface Drain {
  phase(): DrainPhase;
  /**
   * Runs once; later calls get the same promise, so that it never starts over.
   * @param deadlineMs the whole budget, the lame duck time included
   */
  run(deadlineMs: number, lameDuckMs: number): Promise<void>;
}

const POLL_MS = 20;
/** How long idle connections are left alone when the whole service ends. */
const ENDING_IDLE_MS = 250;
/** Kept for closing the pool, the last metrics and the exit. */
const END_SHARE = 0.15;

/** What has reached this process is read before: after a busy time, timers come before it, and its connection looks idle. */
const arrived = () => new Promise((resolve) => setImmediate(resolve));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function createDrain(parts: DrainParts, clock: Clock, log: Log): Drain {
  let phase: DrainPhase = 'serving';
  let running: Promise<void> | undefined;

  const closeConnections = async (halfTime: number, end: number) => {
    const soon = clock.now() + ENDING_IDLE_MS;
    let hasClosedIdle = false;
    while (parts.connections() > 0 && clock.now() < end) {
      const idleUntil = parts.isServiceEnding() ? soon : halfTime;
      if (!hasClosedIdle && clock.now() >= idleUntil) {
        hasClosedIdle = true;
        await arrived();
        parts.closeIdle();
      }
      await pause(POLL_MS);
    }
    return parts.connections();
  };

  const run = async (deadlineMs: number, lameDuckMs: number) => {
    const deadline = clock.now() + deadlineMs;
    if (lameDuckMs > 0) {
      phase = 'lame_duck';
      await pause(Math.min(lameDuckMs, deadlineMs / 2));
    }
    phase = 'closing';
    const startedAt = clock.now();
    const budgetMs = deadline - startedAt;
    const endsAt = startedAt + budgetMs * (1 - END_SHARE);
    const outOfTime = new AbortController();
    const timer = setTimeout(() => {
      parts.outOfTime();
      outOfTime.abort();
    }, endsAt - startedAt);
    parts.stopAccepting();
    parts.endStreams();
    const [cut] = await Promise.all([
      closeConnections(startedAt + budgetMs / 2, endsAt),
      parts.handOverSessions(outOfTime.signal),
    ]);
    clearTimeout(timer);
    if (cut > 0) log.warn('worker.drain_cut', 'connections were cut at the deadline', { connections: cut });
    await parts.closeQueries(Math.max(0, deadline - clock.now()) / 2);
    await parts.closeAll();
    log.info('worker.drained', 'all calls have ended', { drain_ms: Math.round(clock.now() - startedAt) });
    await parts.sayDrained();
  };

  return {
    phase: () => phase,
    run: (deadlineMs, lameDuckMs) => {
      running ??= run(deadlineMs, lameDuckMs);
      return running;
    },
  };
}
