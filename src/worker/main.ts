/**
 * The worker program: waits for the primary's word, joins the parts, serves until it is told to drain.
 *
 * It opens nothing before `boot`, says `ready` when it listens, and ends by itself when the primary is gone.
 */
import { Socket } from 'node:net';
import { systemClock } from '../shared/clock.ts';
import { type AppError, toAppError } from '../shared/errors.ts';
import { WORKER_EXIT } from '../shared/exit-codes.ts';
import type { PrimaryMessage } from '../shared/ipc.ts';
import { createLog, type Facts, type Log } from '../shared/log.ts';
import { WORKER_LOG_FD } from '../shared/log-pipe.ts';
import { createDrain, type Drain } from './drain.ts';
import { type HttpService, startHttpService } from './http-service.ts';
import { createLogPipeWriter, type LogPipeWriter } from './log-pipe-writer.ts';
import type { HandleRecord } from './mcp/handles.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';
import { createPrimaryLink, type IpcChannel, type PrimaryLink } from './primary-link.ts';
import { createQueryService } from './query/service.ts';
import { type RunningRecord, watchAbandoned } from './session/abandoned.ts';
import type { FleetView } from './session/fleet-view.ts';
import { peerThatTakesWork } from './session/ownership.ts';
import type { SessionRecord } from './session/record.ts';
import { openLmdbStore } from './state/lmdb-store.ts';
import type { StateStore } from './state/store.ts';
import { startWatchdog } from './watchdog.ts';

type Boot = Extract<PrimaryMessage, { type: 'boot' }>;

/** How long the primary may take to acknowledge the last metrics. */
const FLUSH_MS = 500;
/** Budget of a drain that nobody gave one: SIGTERM to this process, or the loss of the primary. */
const SIGTERM_DRAIN_MS = 10_000;
const ORPHAN_DRAIN_MS = 3000;

function openLogPipe(): LogPipeWriter {
  const pipe = new Socket({ fd: WORKER_LOG_FD, readable: false, writable: true });
  pipe.unref();
  return createLogPipeWriter(pipe);
}

/** A shared store, or undefined with one loud line: its records then live in the worker that made them. */
function openStore<Value>(
  boot: Boot,
  log: Log,
  name: 'sessions' | 'handles' | 'running',
): StateStore<Value> | undefined {
  try {
    return openLmdbStore<Value>(boot.stateDir, name);
  } catch (error) {
    const says = `the store of ${name} cannot be opened: ${name} live in the worker that made them and end with it`;
    log.error('store.failed', says, { error });
    return undefined;
  }
}

function pushGauges(metrics: WorkerMetrics, service: HttpService, boot: Boot, link: PrimaryLink): void {
  const { pool, sessions, inflight } = service.figures();
  metrics.set('mcp_concurrent_requests', inflight);
  metrics.set('mcp_active_sessions', sessions);
  metrics.set('mcp_db_connections_active', pool.active);
  metrics.set('mcp_db_connections_idle', pool.idle);
  metrics.set('mcp_db_connections_total', pool.total);
  metrics.set('mcp_db_connections_max', pool.max);
  metrics.set('pool_connections_peak', pool.peak);
  metrics.set('mcp_pool_waiting', pool.waiting);
  metrics.set('mcp_memory_usage_bytes', process.memoryUsage.rss());
  metrics.set('mcp_memory_limit_bytes', boot.config.workers.max_memory_restart);
  metrics.set('mcp_event_loop_lag_seconds', link.lastLoop().lagMs / 1000);
}

function drainOf(
  service: HttpService,
  closeQueries: (deadlineMs: number) => Promise<void>,
  fleet: FleetView,
  link: PrimaryLink,
  log: Log,
): Drain {
  const { listeners, mcp, sessions } = service;
  return createDrain(
    {
      stopAccepting: () => listeners.stopAccepting(),
      connections: () => listeners.connections(),
      closeIdle: () => listeners.closeIdle(),
      closeAll: async () => {
        await listeners.closeAll();
        await service.close();
      },
      endStreams: () => mcp.endStreams(),
      isServiceEnding: () => peerThatTakesWork(fleet) === undefined,
      handOverSessions: (signal) => sessions.handOverAll(signal),
      closeQueries,
      sayDrained: () => link.drained(FLUSH_MS),
    },
    systemClock,
    log,
  );
}

async function leave(pipe: LogPipeWriter, code: number): Promise<never> {
  await pipe.flush(FLUSH_MS);
  if (process.connected) process.disconnect();
  process.exit(code);
}

/** A failed start is told to the primary in the words a person will read. */
async function failBoot(error: AppError, link: PrimaryLink, log: Log, pipe: LogPipeWriter): Promise<void> {
  log.error('worker.boot_failed', error.message, { 'error.code': error.code, cause: error.cause });
  await link.failed(error.toBody());
  const portCodes: readonly string[] = ['PORT_IN_USE', 'PORT_FORBIDDEN'];
  await leave(pipe, portCodes.includes(error.code) ? WORKER_EXIT.portInUse : WORKER_EXIT.bootFailure);
}

function onCrash(log: Log, pipe: LogPipeWriter): void {
  let isCrashing = false;
  const crash = (error: unknown, origin: string) => {
    if (isCrashing) return;
    isCrashing = true;
    const stack = error instanceof Error ? error.stack : undefined;
    log.error('worker.crashed', String(error instanceof Error ? error.message : error), { origin, stack });
    void leave(pipe, WORKER_EXIT.crash);
  };
  process.on('uncaughtException', (error, origin) => crash(error, origin));
  process.on('unhandledRejection', (error) => crash(error, 'unhandledRejection'));
}

async function serve(boot: Boot, link: PrimaryLink, log: Log, pipe: LogPipeWriter): Promise<void> {
  const { config, version, slot } = boot;
  const metrics = createWorkerMetrics();
  const auditLog = createLog({ level: 'info', format: 'json', stream: pipe.audit, facts: { worker: slot } });
  const audit = (line: Facts) => auditLog.info(String(line.event ?? 'audit'), '', line);
  const query = createQueryService({ config, log, audit, recorder: metrics, clock: systemClock, version });
  let drain: Drain | undefined;
  const fleet = link.fleet(boot, () => drain?.phase() === 'closing');
  const [service] = await Promise.all([
    startHttpService({
      config,
      version,
      slot,
      daemonStartedAtMs: boot.daemonStartedAtMs,
      opsUrl: boot.opsUrl,
      runDir: boot.runDir,
      query,
      fleet,
      store: openStore<SessionRecord>(boot, log, 'sessions'),
      handleStore: openStore<HandleRecord>(boot, log, 'handles'),
      log,
      audit,
      recorder: metrics,
      clock: systemClock,
      isReady: () => drain === undefined || drain.phase() === 'serving',
      lastLoop: () => link.lastLoop(),
    }),
    query.warm(),
  ]);
  const store = openStore<RunningRecord>(boot, log, 'running');
  const abandoned = store && watchAbandoned({ store, fleet, query, clock: systemClock, log });
  const closeQueries = async (deadlineMs: number) => {
    await query.close(deadlineMs);
    await abandoned?.close();
  };
  drain = drainOf(service, closeQueries, fleet, link, log);
  const end = (deadlineMs: number, lameDuckMs: number) => {
    drain
      ?.run(deadlineMs, lameDuckMs)
      .then(() => leave(pipe, WORKER_EXIT.ok))
      .catch((error: unknown) => {
        log.error('worker.drain_failed', 'the drain ended early', { error });
        return leave(pipe, WORKER_EXIT.crash);
      });
  };
  link.onDrain(end);
  link.onPrimaryLost(() => end(ORPHAN_DRAIN_MS, 0));
  process.on('SIGTERM', () => end(SIGTERM_DRAIN_MS, 0));
  let dropped = 0;
  link.startReporting(metrics, beatFigures(service), () => {
    pushGauges(metrics, service, boot, link);
    const now = pipe.dropped();
    if (now > dropped) metrics.count('mcp_log_lines_dropped_total', {}, now - dropped);
    dropped = now;
  });
  log.info('worker.ready', 'this worker listens', { port: service.listeners.port, socket: service.socketPath });
  link.ready(service.listeners.port, service.socketPath);
}

function beatFigures(service: HttpService) {
  return () => {
    const { inflight, connections, sessions, requests, snowflake, pool } = service.figures();
    return { inflight, connections, sessions, requests, snowflake, pool };
  };
}

async function main(): Promise<void> {
  // A terminal's Ctrl-C reaches the whole group; the primary decides what it means.
  process.on('SIGINT', () => {});
  // node:cluster ends a worker at once when its channel closes; this one finishes its calls first.
  process.removeAllListeners('disconnect');
  const link = createPrimaryLink(process as unknown as IpcChannel);
  let isBooted = false;
  link.onPrimaryLost(() => {
    if (!isBooted) process.exit(WORKER_EXIT.orphaned);
  });
  const boot = await link.booted();
  process.title = `snowflake-mcp-worker:${boot.slot}`;
  void startWatchdog(boot.primaryPid);
  const pipe = openLogPipe();
  const { level, format } = boot.config.logging;
  const log = createLog({ level, format, stream: pipe.log, facts: { worker: boot.slot } });
  onCrash(log, pipe);
  try {
    await serve(boot, link, log, pipe);
    isBooted = true;
  } catch (error) {
    await failBoot(toAppError(error, 'the start of the worker'), link, log, pipe);
  }
}

await main();
