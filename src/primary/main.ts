/**
 * The daemon: the primary process that owns port, files and workers.
 *
 * Started by the command line with a LaunchSpec in its environment, detached (reports over a pipe) or in front of the
 * terminal. Any failure before it is ready is told in one message with the right exit code, and leaves nothing running.
 */

import { AppError, toAppError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from '../shared/exit-codes.ts';
import { LAUNCH_BY_PIPE, LAUNCH_VARIABLE, type LaunchOrder, type LaunchSpec } from '../shared/launch.ts';
import { addToWindow, countInWindow, emptyWindow } from '../shared/rate-window.ts';
import { shrinkHeapSoon } from '../shared/small-heap.ts';
import { sourceStack } from '../shared/source-stack.ts';
import { assembleDaemon, type Daemon } from './daemon.ts';
import { readLaunchOrder } from './launch-order.ts';
import { createLaunchReport } from './launch-report.ts';
import { listenToSignals } from './signals.ts';
import { createTeardown } from './teardown.ts';

/** QUIT: calls in flight get this long. */
const FAST_STOP_MS = 1000;
/** More unexpected errors than this in that time mean that the loop is broken. */
const FAULTS_MAX = 20;
const FAULTS_WINDOW_MS = 10_000;

/** What was asked by signal while the daemon was still being put together. */
interface Wishes {
  daemon: Daemon | undefined;
  isStopAsked: boolean;
}

async function runPrimary(order: LaunchOrder, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { spec } = order;
  const report = createLaunchReport(spec.detached);
  const inFront = (text: string) => {
    if (!spec.detached) process.stderr.write(`${text}\n`);
  };
  const progress = (text: string) => {
    report.progress(text);
    inFront(text);
  };
  const wishes: Wishes = { daemon: undefined, isStopAsked: false };
  const teardown = createTeardown((part, reason) => {
    wishes.daemon?.log.error('teardown.failed', `${part} did not end: ${reason}`);
  });
  const deafen = obeySignals(wishes);
  surviveFaults(wishes);
  let exit: ExitCode;
  let failure: AppError | undefined;
  try {
    const daemon = await assembleDaemon({ order, env, teardown, progress });
    wishes.daemon = daemon;
    const { supervisor, log, url, metricsUrl, logFile } = daemon;
    if (wishes.isStopAsked) throw new AppError('START_STOPPED', {});
    log.info('daemon.starting', `starting ${supervisor.count()} workers on ${url}`, { demo: spec.demo });
    progress(`starting ${supervisor.count()} workers`);
    await supervisor.start(progress);
    log.info('daemon.ready', `ready on ${url}, metrics on ${metricsUrl}`);
    const workers = supervisor.count();
    report.ready({ pid: process.pid, url, metricsUrl, logFile, workers, demo: spec.demo });
    inFront(`ready: ${url}/mcp, metrics ${metricsUrl}/metrics, logs ${logFile}`);
    shrinkHeapSoon();
    const { forced } = await supervisor.stopped;
    log.info('daemon.stopped', 'the daemon ends', { forced });
    exit = forced ? EXIT.failed : EXIT.ok;
  } catch (error) {
    failure = toAppError(error, 'the start of the daemon');
    const reason = failure.cause instanceof Error ? sourceStack(failure.cause) : undefined;
    wishes.daemon?.log.error('daemon.failed', failure.message, { code: failure.code, reason });
    // In front its manager asked for the end, and it went as asked. Whoever waits for a daemon is told that there is none.
    exit = failure.code === 'START_STOPPED' && !spec.detached ? EXIT.ok : failure.exit;
  }
  await teardown.run();
  deafen();
  if (failure !== undefined) {
    report.failed(failure);
    inFront(`${failure.message}\n${failure.toBody().next}`);
  }
  return exit;
}

function obeySignals(wishes: Wishes): () => void {
  const reload = (daemon: Daemon | undefined) => {
    daemon
      ?.reload(() => {})
      .catch((error: unknown) => {
        daemon.log.error('reload.failed', toAppError(error, 'the reload').message);
      });
  };
  return listenToSignals({
    stop: () => {
      wishes.isStopAsked = true;
      wishes.daemon?.log.info('daemon.stopping', 'stop by signal');
      wishes.daemon?.supervisor.stop(Number.POSITIVE_INFINITY);
    },
    stopNow: () => wishes.daemon?.supervisor.stopNow(),
    stopFast: () => {
      wishes.isStopAsked = true;
      wishes.daemon?.supervisor.stop(FAST_STOP_MS);
    },
    reopenAndReload: () => {
      wishes.daemon?.reopenLogs();
      wishes.daemon?.supervisor.pause(false);
      reload(wishes.daemon);
    },
    reload: () => reload(wishes.daemon),
    pauseOrResume: () => {
      // A terminal sends this when its size changes.
      if (process.stdout.isTTY || process.stderr.isTTY) return;
      const supervisor = wishes.daemon?.supervisor;
      supervisor?.pause(!supervisor.isPaused());
    },
    scaleBy: (delta) => {
      const { daemon } = wishes;
      daemon?.scale(daemon.supervisor.count() + delta);
    },
  });
}

/** An error nobody caught is told and the workers go on serving, unless errors do not end. */
function surviveFaults(wishes: Wishes): void {
  let faults = emptyWindow;
  process.on('uncaughtException', (error, origin) => {
    const now = performance.now();
    faults = addToWindow(faults, now, FAULTS_WINDOW_MS, FAULTS_MAX);
    const { daemon } = wishes;
    if (daemon === undefined) process.stderr.write(`${origin}: ${sourceStack(error)}\n`);
    else daemon.log.error('primary.fault', error.message, { origin, stack: sourceStack(error) });
    if (countInWindow(faults, now, FAULTS_WINDOW_MS) > FAULTS_MAX) process.exit(EXIT.failed);
  });
  process.stderr.on('error', () => {});
  process.stdout.on('error', () => {});
}

const launch = process.env[LAUNCH_VARIABLE];
if (launch === undefined) {
  process.stderr.write('the daemon is started by `snowflake-mcp-daemon start`, not by hand\n');
  process.exit(EXIT.usage);
}
delete process.env[LAUNCH_VARIABLE];
const order =
  launch === LAUNCH_BY_PIPE ? readLaunchOrder() : { spec: JSON.parse(launch) as LaunchSpec, command: process.argv[1] };
process.exit(order === undefined ? EXIT.ok : await runPrimary(order, { ...process.env }));
