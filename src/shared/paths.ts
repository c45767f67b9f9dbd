/**
 * Where the daemon keeps its files: pid, lock, state, control socket, logs and session store.
 *
 * Root (and the systemd unit) uses /run, /var/log and /var/lib; others use the XDG directories. A pid file of the
 * user's own moves the run directory to `PIDFILE.d` beside it, so that two daemons never share one.
 */
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import type { Config } from './config/schema.ts';

const NAME = 'snowflake-mcp';

export interface DaemonPaths {
  readonly pidFile: string;
  /** Mode 0700; holds everything below that lives as long as the daemon. */
  readonly runDir: string;
  readonly lockFile: string;
  readonly stateFile: string;
  readonly controlSocket: string;
  readonly logDir: string;
  readonly daemonLog: string;
  /** Session store, kept over restarts. */
  readonly stateDir: string;
}

/** @param env the process environment, for XDG_RUNTIME_DIR */
export function daemonPaths(
  config: Pick<Config, 'server' | 'logging' | 'state'>,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): DaemonPaths {
  const isRoot = userInfo().uid === 0;
  const xdg = envPaths(NAME, { suffix: '' });
  const runtimeDir = env.XDG_RUNTIME_DIR;
  const userRunDir = runtimeDir ? join(runtimeDir, NAME) : join(xdg.data, 'run');
  const ownPidFile = config.server.pid_file === undefined ? undefined : resolve(cwd, config.server.pid_file);
  const runDir = ownPidFile === undefined ? (isRoot ? `/run/${NAME}` : userRunDir) : `${ownPidFile}.d`;
  const ownLog = config.logging.file === undefined ? undefined : resolve(cwd, config.logging.file);
  const logDir = ownLog === undefined ? (isRoot ? `/var/log/${NAME}` : xdg.log) : dirname(ownLog);
  return {
    pidFile: ownPidFile ?? join(runDir, `${NAME}.pid`),
    runDir,
    lockFile: join(runDir, 'daemon.lock'),
    stateFile: join(runDir, 'daemon.state.json'),
    controlSocket: join(runDir, 'control.sock'),
    logDir,
    daemonLog: ownLog ?? join(logDir, 'daemon.log'),
    stateDir:
      config.state.dir === undefined
        ? isRoot
          ? `/var/lib/${NAME}`
          : join(xdg.data, 'state')
        : resolve(cwd, config.state.dir),
  };
}
