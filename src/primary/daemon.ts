/**
 * Puts the daemon together: configuration, ownership, logs, port, embedded Snowflake, operations port, workers,
 * control socket, in this order. What was put up is known to the teardown at once, so that a failure anywhere leaves
 * nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { openCgroup, usableProcessors } from '../shared/cgroup.ts';
import { systemClock } from '../shared/clock.ts';
import { withEmbedded } from '../shared/config/embedded-account.ts';
import { deepFreeze } from '../shared/config/freeze.ts';
import type { Config } from '../shared/config/schema.ts';
import type { DaemonStatus } from '../shared/control-api.ts';
import { type EmbeddedChild, startEmbeddedChild } from '../shared/embedded-child.ts';
import { AppError, toAppError } from '../shared/errors.ts';
import { inheritedSocket } from '../shared/inherited-socket.ts';
import type { LaunchOrder, LaunchSpec, PreparedConfig } from '../shared/launch.ts';
import { rememberLaunch } from '../shared/launch-file.ts';
import type { Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import { type DaemonPaths, daemonPaths } from '../shared/paths.ts';
import { shrinkHeapSoon } from '../shared/small-heap.ts';
import { VERSION } from '../shared/version.ts';
import { createCommands } from './commands.ts';
import { loadNextConfig } from './config-child.ts';
import { startControlServer } from './control-server.ts';
import { createDaemonLog } from './daemon-log.ts';
import { startDiskMetrics } from './disk-metrics.ts';
import { memoryWarning, workerCountOf } from './fleet-limits.ts';
import { probeHealth } from './health-probe.ts';
import { createLauncher } from './launcher.ts';
import { createLogSink, type LogSink } from './log-sink.ts';
import { createMetricsStore } from './metrics-merge.ts';
import { startOpsHttp } from './ops-http.ts';
import { startOwnReloads } from './own-reloads.ts';
import { acquireOwnership } from './ownership.ts';
import { createPageDesk } from './page-desk.ts';
import { claimPort, keepFreePort } from './port-check.ts';
import { startProcessMetrics } from './process-metrics.ts';
import { createProcessStats } from './process-stats.ts';
import { createPrograms } from './programs.ts';
import { createReloadQueue, type Reload } from './reload-queue.ts';
import { rmQuietly } from './run-dir.ts';
import { createSdNotify } from './sd-notify.ts';
import { withoutEnvFile } from './start-env.ts';
import { takeStateDir } from './state-dir.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { followSupervisor } from './systemd.ts';
import type { Teardown } from './teardown.ts';

export interface Daemon {
  readonly log: Log;
  readonly supervisor: Supervisor;
  readonly url: string;
  readonly metricsUrl: string;
  readonly logFile: string;
  /** @throws AppError CONFIG_INVALID, CREDENTIALS_MISSING, RELOAD_FAILED ...; then everything is as before */
  readonly reload: Reload;
  /** @returns what to tell: the number of workers asked for now, and whether they fit into the memory */
  scale(count: number): string;
  reopenLogs(): void;
}

export interface DaemonOptions {
  readonly order: LaunchOrder;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly teardown: Teardown;
  readonly progress: (text: string) => void;
}

/** Everything but the workers; the caller starts those. @throws AppError of whatever is wrong */
export async function assembleDaemon(options: DaemonOptions): Promise<Daemon> {
  const { order, env, teardown, progress } = options;
  const { spec } = order;
  const programs = createPrograms(order.command);
  const startedAt = systemClock.now();
  const settings = withoutEnvFile(env, spec.cwd);
  const loaded = order.prepared ?? (await prepare(spec, settings));
  const paths = prepareProcess(loaded.config, spec, env);
  const { log: written, sink, ownership } = await openFiles(loaded.config, paths, teardown);
  rememberLaunch(paths, process.pid, spec);
  const metrics = createMetricsStore({ maxSeries: loaded.config.metrics.max_series });
  const listenersMax = loaded.config.metrics.page_listeners;
  const desk = createPageDesk({ log: written, metrics, clock: systemClock, listenersMax });
  teardown.add('status page', () => desk.close());
  const { log } = desk;
  for (const warning of loaded.warnings) log.warn('config.warning', warning);
  if (loaded.config.state.url === undefined) {
    const taken = await takeStateDir(paths.stateDir, { log, wall: () => systemClock.wall() });
    teardown.add('state directory', () => taken.release());
  }
  // Before any process is started: none may inherit the way to the service manager.
  const notify = createSdNotify(process.env, { log });

  const { host } = loaded.config.server;
  const inherited = inheritedSocket(env);
  const port = inherited?.port ?? (await portOf(loaded.config.server, teardown));
  if (inherited !== undefined) log.info('systemd.socket', `the service port is the one of systemd, ${host}:${port}`);
  const embedded = spec.demo ? await startDemo(log, teardown, progress) : undefined;
  const complete = (config: Config) => completed(config, port, embedded);
  const config = complete(loaded.config);
  const url = `${config.server.tls_cert === undefined ? 'http' : 'https'}://${reachable(host)}:${port}`;
  process.title = `snowflake-mcp-daemon:${port}`;

  const countLost = lostLineCounter(sink, metrics);
  const own = startProcessMetrics(metrics);
  teardown.add('own metrics', () => own.close());
  const disks = startDiskMetrics([paths.runDir, paths.logDir, paths.stateDir], metrics);
  teardown.add('disk metrics', () => disks.close());
  let supervisor: Supervisor | undefined;
  const reporter = followSupervisor(notify, () => supervisor, systemClock);
  teardown.add('service manager', () => reporter.close());
  const status = (): DaemonStatus => ({
    pid: process.pid,
    version: VERSION,
    demo: spec.demo,
    generation: 0,
    uptimeSeconds: Math.floor((systemClock.now() - startedAt) / 1000),
    state: 'starting',
    url,
    metricsUrl: ops.url,
    logFile: paths.daemonLog,
    pidFile: paths.pidFile,
    workers: supervisor?.workers() ?? [],
    ...supervisor?.view(),
  });
  const ops = await startOpsHttp(
    {
      host: config.metrics.host,
      port: config.metrics.port,
      allowedHosts: config.server.allowed_hosts,
      maxConnections: config.metrics.max_connections,
      token: () => (supervisor?.config() ?? config).metrics.token,
    },
    {
      metrics: () => {
        countLost();
        return metrics.render();
      },
      status,
      isLive: () => true,
      isReady: () => supervisor?.isReady() ?? false,
      page: desk.page,
    },
    { log, metrics },
  );
  teardown.add('operations port', () => ops.close());
  desk.follow({ status, isReady: () => supervisor?.isReady() ?? false });

  const cgroup = openCgroup();
  const count = workerCountOf(config.workers.count, usableProcessors(cgroup));
  const room = { groupBytes: cgroup.memoryMaxBytes(), machineBytes: totalmem() };
  const tight = memoryWarning(config, count, room);
  if (tight !== undefined) {
    log.warn('config.warning', tight);
    progress(tight);
  }
  const running = createSupervisor(
    {
      config,
      count,
      logFile: paths.daemonLog,
      boot: {
        version: VERSION,
        primaryPid: process.pid,
        runDir: paths.runDir,
        stateDir: paths.stateDir,
        opsUrl: ops.url,
        daemonId: randomBytes(9).toString('base64url'),
        daemonStartedAtMs: Date.now(),
        demo: spec.demo,
      },
    },
    {
      launcher: createLauncher({
        exec: () => programs.worker(),
        env,
        variables: loaded.variables,
        attach: (slot, pipes) => sink.attachWorker(slot, pipes),
        scheduling: config.workers.scheduling,
        servicePort: inherited?.handle,
      }),
      stats: createProcessStats(),
      clock: systemClock,
      log,
      metrics,
      later: reporter.turning((ms, then) => {
        const timer = setTimeout(then, ms);
        return () => clearTimeout(timer);
      }),
      random: Math.random,
      probe: probeHealth,
      headroomBytes: () => cgroup.headroomBytes(),
      crowding: () => (loadavg()[0] ?? 0) / availableParallelism(),
      removeSocket: (path) => {
        if (dirname(path) === paths.runDir) rmQuietly(path);
      },
      recordWorkers: (pids) => ownership.recordWorkers([...pids, ...(embedded === undefined ? [] : [embedded.pid()])]),
    },
  );
  supervisor = running;
  teardown.add('workers', async () => {
    running.stopNow();
    await running.stopped;
  });
  const loadNext = (before: Config) => loadNextConfig({ spec, running: before }, settings, programs.nextConfig());
  const scale = createScale(running, room, log);
  const reload = createReload(running, loadNext, complete, { log, scale });
  const daemon: Daemon = {
    log,
    supervisor: running,
    url,
    metricsUrl: ops.url,
    logFile: paths.daemonLog,
    reload,
    scale,
    reopenLogs: () => sink.reopen(),
  };
  const control = await startControlServer(paths.controlSocket, createCommands(daemon, status), log);
  teardown.add('control socket', () => control.close());
  await orderOwnReloads(daemon, paths, teardown);
  return daemon;
}

/** One that is free stays so for the workers, who open it later. */
async function portOf({ host, port }: Config['server'], teardown: Teardown): Promise<number> {
  if (port !== 0) return claimPort(host, port, 'server.port');
  const free = await keepFreePort(host, 'server.port');
  teardown.add('free port', () => free.release());
  return free.port;
}

/** Reloads at the times of workers.cron_restart and, for development, when watched files change. */
async function orderOwnReloads({ supervisor, log, reload }: Daemon, paths: DaemonPaths, teardown: Teardown) {
  const ordered = await startOwnReloads({
    config: () => supervisor.config(),
    paths,
    workingDir: process.cwd(),
    log,
    reload: () => reload(() => {}),
    wall: () => systemClock.wall(),
    later: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
  });
  teardown.add('own reloads', () => ordered.close());
}

async function prepare(spec: LaunchSpec, env: DaemonOptions['env']): Promise<PreparedConfig> {
  const { configVariables, loadChecked } = await import('../shared/config/checked.ts');
  const { config, warnings } = loadChecked(spec, env);
  return { config, warnings, variables: configVariables() };
}

function prepareProcess(config: Config, spec: LaunchSpec, env: DaemonOptions['env']): DaemonPaths {
  process.umask(0o027);
  const dir = config.server.working_dir ?? spec.cwd;
  try {
    process.chdir(dir);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AppError('PATH_UNUSABLE', { what: 'working directory', path: dir, reason }, { cause: error });
  }
  return daemonPaths(config, dir, env);
}

/** Ownership first: nobody touches the logs of a daemon that is running. What it has to tell waits for the log. */
async function openFiles(config: Config, paths: DaemonPaths, teardown: Teardown) {
  const waiting: ((log: Log) => void)[] = [];
  let log: Log | undefined;
  const say =
    (level: 'info' | 'warn'): Log['info'] =>
    (...line) => {
      if (log === undefined) waiting.push((later) => later[level](...line));
      else log[level](...line);
    };
  const ownership = await acquireOwnership(paths, { log: { info: say('info'), warn: say('warn') } });
  teardown.add('ownership', () => ownership.release());
  const sink: LogSink = await createLogSink(config.logging, paths);
  teardown.add('logs', () => sink.close());
  const { level, format } = config.logging;
  log = createDaemonLog({ level, format, stream: sink.daemon });
  for (const line of waiting) line(log);
  return { log, sink, ownership };
}

async function startDemo(log: Log, teardown: Teardown, progress: (text: string) => void): Promise<EmbeddedChild> {
  progress('starting the embedded Snowflake');
  const embedded = await startEmbeddedChild({ log });
  teardown.add('embedded Snowflake', () => embedded.close());
  return embedded;
}

/** What is only known at run time: the real port, and the address and key of the embedded Snowflake. */
function completed(config: Config, port: number, embedded: EmbeddedChild | undefined): Config {
  const withPort = deepFreeze({ ...config, server: { ...config.server, port } });
  return embedded === undefined ? withPort : withEmbedded(withPort, embedded.endpoint);
}

function createReload(
  supervisor: Supervisor,
  loadNext: (running: Config) => ReturnType<typeof loadNextConfig>,
  complete: (config: Config) => Config,
  { log, scale }: Pick<Daemon, 'log' | 'scale'>,
): Reload {
  return createReloadQueue(async (progress) => {
    const before = supervisor.config();
    const { config, notApplied } = await loadNext(before).catch((error: unknown) => {
      supervisor.refuseReload(toAppError(error, 'the configuration of the reload').message);
      throw error;
    });
    if (notApplied.length > 0) {
      const text = `these need a restart and stay as they are: ${notApplied.join(', ')}`;
      log.warn('reload.not_applied', text);
      progress(text);
    }
    await supervisor.reload(complete(config), progress).finally(shrinkHeapSoon);
    if (config.workers.count === before.workers.count) return;
    progress(scale(workerCountOf(config.workers.count, usableProcessors())));
  });
}

function createScale(supervisor: Supervisor, room: Parameters<typeof memoryWarning>[2], log: Log): Daemon['scale'] {
  return (count) => {
    const isMore = count > supervisor.count();
    supervisor.scale(count);
    const tight = isMore ? memoryWarning(supervisor.config(), supervisor.count(), room) : undefined;
    if (tight !== undefined) log.warn('scale.tight', tight);
    return `workers: ${supervisor.count()}${tight === undefined ? '' : `; ${tight}`}`;
  };
}

/** Lines the daemon could not write; those of workers count on their own side. */
function lostLineCounter(sink: LogSink, metrics: Recorder): () => void {
  let told = 0;
  return () => {
    const lost = sink.dropped();
    if (lost > told) metrics.count('mcp_log_lines_dropped_total', {}, lost - told);
    told = lost;
  };
}

function reachable(host: string): string {
  if (host === 'localhost' || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
