/**
 * A thread that ends this process when its primary is gone and the main thread is too busy to notice.
 *
 * The main thread ticks a shared counter. While the primary lives nothing happens here. When the parent is another
 * process than the primary for longer than the grace time, a main thread that does not tick is killed at once; one that
 * ticks gets time to drain.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { packageFile } from '../shared/package-files.ts';

interface WatchdogData {
  readonly primaryPid: number;
  readonly ticks: Int32Array;
}

/** This file once more. */
const PROGRAM = packageFile('dist/worker/watchdog.js');
const LOOK_EVERY_MS = 500;
const GRACE_MS = 2000;
/** Longest drain of an orphan whose main thread still runs. */
const ORPHAN_MAX_MS = 30_000;

function watch({ primaryPid, ticks }: WatchdogData): void {
  let lostAt: number | undefined;
  let lastTick = Atomics.load(ticks, 0);
  let tickedAt = performance.now();
  setInterval(() => {
    const now = performance.now();
    const tick = Atomics.load(ticks, 0);
    if (tick !== lastTick) tickedAt = now;
    lastTick = tick;
    if (process.ppid === primaryPid) {
      lostAt = undefined;
      return;
    }
    lostAt ??= now;
    const isBlocked = now - tickedAt > GRACE_MS;
    if (now - lostAt > ORPHAN_MAX_MS || (isBlocked && now - lostAt > GRACE_MS)) process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS);
  parentPort?.postMessage('watching');
}

/** Starts the thread, once; resolves when it watches. It never keeps the process alive. */
export function startWatchdog(primaryPid: number): Promise<void> {
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(ticks, 0, 1), LOOK_EVERY_MS).unref();
  const thread = new Worker(PROGRAM, {
    workerData: { primaryPid, ticks } satisfies WatchdogData,
    name: 'watchdog',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  // Without the thread the process still ends on the loss of its channel.
  thread.on('error', () => {});
  thread.unref();
  return new Promise((resolve) => thread.once('message', () => resolve()));
}

if (!isMainThread) watch(workerData as WatchdogData);
