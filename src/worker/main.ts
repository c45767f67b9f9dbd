/**
 * The worker program: waits for the primary's word, joins the parts, serves until it is told to drain.
 *
 * It opens nothing before `boot`, says `ready` when it listens, and ends by itself when the primary is gone.
 */
import { Socket } from 'node:net';
import { systemClock } from '../shared/clock.ts';
import { readInternalSecret } from '../shared/config/shared-state.ts';
import { type AppError, toAppError } from '../shared/errors.ts';
import { WORKER_EXIT } from '../shared/exit-codes.ts';
import type { PrimaryMessage } from '../shared/ipc.ts';
import { createLog, type Facts, type Log } from '../shared/log.ts';
import { WORKER_LOG_FD } from '../shared/log-pipe.ts';
import { keysFileOf } from '../shared/paths.ts';
import { createProcessFigures } from '../shared/prom-series.ts';
import { redact } from '../shared/redact.ts';
import { COMPACT, shrinkHeap } from '../shared/small-heap.ts';
import { sourceStack } from '../shared/source-stack.ts';
import { createDrain, type Drain, type DrainParts } from './drain.ts';
import { createGauges } from './gauges.ts';
import type { InheritedPort } from './http/listeners.ts';
import { createPrimaryLeases } from './http/primary-leases.ts';
import type { LeaseSource } from './http/rate-limiter.ts';
import { createRedisLeases } from './http/redis-leases.ts';
import { type HttpService, startHttpService } from './http-service.ts';
import { createIdleHeap } from './idle-heap.ts';
import { createLogPipeWriter, type LogPipeWriter } from './log-pipe-writer.ts';
import type { ConfirmationRecord } from './mcp/era-2026/confirm.ts';
import type { HandleRecord } from './mcp/handles.ts';
import { createWorkerMetrics } from './metrics.ts';
import { createPrimaryLink, type IpcChannel, type PrimaryLink } from './primary-link.ts';
import { createQueryService } from './query/service.ts';
import { type RunningRecord, watchAbandoned } from './session/abandoned.ts';
import type { FleetView } from './session/fleet-view.ts';
import { peerThatTakesWork } from './session/ownership.ts';
import type { SessionRecord } from './session/record.ts';
import type { StreamRecord } from './session/stream-record.ts';
import { openSharing } from './sharing.ts';
import { isUncatchable } from './state/lmdb-store.ts';
import type { RedisConnection } from './state/redis-connection.ts';
import { startWatchdog } from './watchdog.ts';

type Boot = Extract<PrimaryMessage, { type: 'boot' }>;

/** Where this worker serves; the spare is told when it takes a slot. */
interface Place {
  slot: number;
}

/** How long the primary may take to acknowledge the last metrics. */
const IDLE_LOOK_MS = 1000;
const FLUSH_MS = 500;
const CRASH_TEXT_MAX = 300;
/** The key that all workers sign questions with is kept that long; with a new one a person is asked again. */
const CONFIRMATION_TTL_MS = 30 * 86_400_000;
/** Records outlive the time after which this program forgets them by this factor, for when no worker is left to do it. */
const KEPT_LONGER = 2;
/** As long as records of running statements matter to anybody. */
const RUNNING_TTL_MS = 7 * 86_400_000;
/** Budget of a drain that nobody gave one: SIGTERM to this process, or the loss of the primary. */
const SIGTERM_DRAIN_MS = 10_000;
const ORPHAN_DRAIN_MS = 3000;

function openLogPipe(): LogPipeWriter {
  const pipe = new Socket({ fd: WORKER_LOG_FD, readable: false, writable: true });
  pipe.unref();
  return createLogPipeWriter(pipe);
}

function drainOf(
  service: HttpService,
  queries: Pick<DrainParts, 'outOfTime' | 'closeQueries'>,
  fleet: FleetView,
  link: PrimaryLink,
  log: Log,
): Drain {
  const { listeners, sessions } = service;
  return createDrain(
    {
      stopAccepting: () => listeners.stopAccepting(),
      connections: () => listeners.connections(),
      closeIdle: () => listeners.closeIdle(),
      closeAll: async () => {
        await listeners.closeAll();
        await service.close();
      },
      endStreams: () => service.endStreams(),
      isServiceEnding: () => peerThatTakesWork(fleet) === undefined,
      handOverSessions: (signal) => sessions.handOverAll(signal),
      ...queries,
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

/** What nobody caught is logged with its stack, and told to the primary for status; then the process ends. */
function onCrash(link: PrimaryLink, log: Log, pipe: LogPipeWriter): void {
  let isCrashing = false;
  const crash = (error: unknown, origin: string) => {
    if (isCrashing) return;
    isCrashing = true;
    const stack = error instanceof Error ? sourceStack(error) : undefined;
    const message = String(redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
    log.error('worker.crashed', message, { origin, stack });
    const next = 'The log of the worker has the stack.';
    const told = link.failed({ code: 'INTERNAL', message: message.slice(0, CRASH_TEXT_MAX), next, retry: true });
    const outOfTime = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    void Promise.race([told, outOfTime]).then(() => leave(pipe, WORKER_EXIT.crash));
  };
  process.on('uncaughtException', (error, origin) => crash(error, origin));
  process.on('unhandledRejection', (error) => {
    if (!isUncatchable(error)) crash(error, 'unhandledRejection');
  });
}

/** The number of the worker as it is now, on every line. */
function placeFacts(place: Place): Facts {
  return {
    get worker() {
      return nameOf(place);
    },
  };
}

const nameOf = ({ slot }: Place) => (slot < 0 ? 'spare' : slot);

/** Takes the place: title and variables say so, as they would from the start. */
function settleIn(place: Place, slot: number, config: Boot['config']): void {
  place.slot = slot;
  process.title = `snowflake-mcp-worker:${nameOf(place)}`;
  const [counted, from = '0'] = config.workers.increment_var?.split('=') ?? [];
  if (counted !== undefined) process.env[counted] = String(Number(from) + slot);
  process.env[config.workers.instance_var] = String(slot);
  process.env.INSTANCE_ID = String(slot);
}

/** Who counts requests a minute: the store of several hosts, else the primary of this one. */
function leasesOf(redis: RedisConnection | undefined, link: PrimaryLink): LeaseSource {
  const now = () => systemClock.now();
  return redis === undefined ? createPrimaryLeases(link.leases, now) : createRedisLeases(redis, now);
}

async function serve(boot: Boot, place: Place, link: PrimaryLink, log: Log, pipe: LogPipeWriter): Promise<void> {
  const { config, version } = boot;
  const metrics = createWorkerMetrics(createProcessFigures());
  const auditLog = createLog({ level: 'info', format: 'json', stream: pipe.audit, facts: placeFacts(place) });
  const audit = (line: Facts) => auditLog.info(String(line.event ?? 'audit'), '', line);
  const query = createQueryService({ config, log, audit, recorder: metrics, clock: systemClock, version });
  let drain: Drain | undefined;
  const fleet = link.fleet(boot, () => drain?.phase() === 'closing');
  const sharing = await openSharing({ boot, fleet, bus: link.bus, recorder: metrics, clock: systemClock, log });
  const { stores, lease, bus } = sharing;
  const [service] = await Promise.all([
    startHttpService({
      config,
      version,
      slot: () => place.slot,
      daemonStartedAtMs: boot.daemonStartedAtMs,
      opsUrl: boot.opsUrl,
      runDir: boot.runDir,
      keysFile: keysFileOf(config, boot.stateDir),
      query,
      fleet,
      store: stores.open<SessionRecord>('sessions', config.state.session_timeout * KEPT_LONGER),
      handleStore: stores.open<HandleRecord>('handles', config.limits.handle_ttl * KEPT_LONGER),
      confirmationStore: stores.open<ConfirmationRecord>('confirmations', CONFIRMATION_TTL_MS),
      streamStore: stores.open<StreamRecord>('streams', config.state.event_ttl * KEPT_LONGER),
      bus,
      lease,
      internalSecret: readInternalSecret(config.server),
      leases: leasesOf(stores.redis, link),
      log,
      audit,
      recorder: metrics,
      clock: systemClock,
      askMaintenance: (isOn) => link.askMaintenance(isOn),
      isReady: () => drain === undefined || drain.phase() === 'serving',
      lastLoop: () => link.lastLoop(),
    }),
    query.warm(),
  ]);
  const running = stores.open<RunningRecord>('running', RUNNING_TTL_MS);
  const graceMs = config.state.resume_grace;
  const abandoned = watchAbandoned({ store: running, fleet, lease, query, clock: systemClock, log, graceMs });
  const queries = {
    outOfTime: () => query.outOfTime(),
    closeQueries: async (deadlineMs: number) => {
      await query.close(deadlineMs);
      await abandoned.close();
    },
  };
  const closeService = async () => {
    await service.close();
    await sharing.close();
  };
  drain = drainOf({ ...service, close: closeService }, queries, fleet, link, log);
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
  const measure = createGauges({
    metrics,
    figures: () => service.figures(),
    connectionsOpened: () => service.listeners.opened(),
    logLinesDropped: () => pipe.dropped(),
    recentLagMs: () => link.recentLagMs(),
    now: () => systemClock.now(),
    storeKind: () => service.storeKind(),
    isReady: () => drain?.phase() === 'serving',
    keyExpirySeconds: () => service.keyExpirySeconds(),
    certificateExpirySeconds: () => service.certificateExpirySeconds(),
    memoryLimitBytes: config.workers.max_memory_restart,
    sessionsMax: config.state.max_sessions,
  });
  link.startReporting(metrics, beatFigures(service), measure);
  const { listeners, socketPath } = service;
  // A drain may have been asked for meanwhile.
  if (boot.listen === 'shared' && drain.phase() !== 'closing') await listeners.listen(link.bootPort());
  const listen = async (slot: number, inherited: InheritedPort | undefined) => {
    if (drain?.phase() !== 'serving') return;
    if (slot !== place.slot) settleIn(place, slot, config);
    await listeners.listen(inherited);
    log.info('worker.listening', 'this worker takes calls', { port: listeners.port() });
    link.listening();
  };
  link.onDoor(
    (slot, inherited) => {
      listen(slot, inherited).catch((error: unknown) =>
        failBoot(toAppError(error, 'the service port'), link, log, pipe),
      );
    },
    () => listeners.stopAccepting(),
  );
  log.info('worker.ready', 'this worker can serve', { port: listeners.port(), socket: socketPath });
  link.ready(listeners.port(), socketPath);
  setInterval(
    createIdleHeap({
      clock: systemClock,
      figures: () => service.figures(),
      shrink: (isThorough) => shrinkHeap(isThorough ? [COMPACT] : []),
    }),
    IDLE_LOOK_MS,
  ).unref();
}

function beatFigures(service: HttpService) {
  return () => {
    const { inflight, connections, webSockets, sessions, requests, snowflake, pool } = service.figures();
    return { inflight, connections, webSockets, sessions, requests, snowflake, pool };
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
  const place: Place = { slot: boot.slot };
  process.title = `snowflake-mcp-worker:${nameOf(place)}`;
  void startWatchdog(boot.primaryPid);
  const pipe = openLogPipe();
  const { level, format } = boot.config.logging;
  const log = createLog({ level, format, stream: pipe.log, facts: placeFacts(place) });
  onCrash(link, log, pipe);
  try {
    await serve(boot, place, link, log, pipe);
    isBooted = true;
  } catch (error) {
    await failBoot(toAppError(error, 'the start of the worker'), link, log, pipe);
  }
}

await main();
