/**
 * Where the daemon keeps its files: pid, lock, state, control socket, logs and session store.
 *
 * Root uses /run, /var/log and /var/lib, the systemd unit what systemd made for it (the same), others the XDG
 * directories. A pid file of the user's own moves the run directory to `PIDFILE.d` beside it, so that two daemons never share one.
 */
import { basename, dirname, join, resolve } from 'node:path';
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
  /** Keys of clients. */
  readonly keysFile: string;
}

/** @param env the process environment, for XDG_RUNTIME_DIR and the directories systemd made */
export function daemonPaths(
  config: Pick<Config, 'server' | 'logging' | 'state' | 'auth'>,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): DaemonPaths {
  const isRoot = process.getuid?.() === 0;
  const xdg = envPaths(NAME, { suffix: '' });
  const runtimeDir = env.XDG_RUNTIME_DIR;
  const userRunDir = runtimeDir ? join(runtimeDir, NAME) : join(xdg.data, 'run');
  const ownPidFile = config.server.pid_file === undefined ? undefined : resolve(cwd, config.server.pid_file);
  const standardRunDir = unitDirectory(env.RUNTIME_DIRECTORY) ?? (isRoot ? `/run/${NAME}` : userRunDir);
  const runDir = ownPidFile === undefined ? standardRunDir : `${ownPidFile}.d`;
  const ownLog = config.logging.file === undefined ? undefined : resolve(cwd, config.logging.file);
  const standardLogDir = unitDirectory(env.LOGS_DIRECTORY) ?? (isRoot ? `/var/log/${NAME}` : xdg.log);
  const logDir = ownLog === undefined ? standardLogDir : dirname(ownLog);
  const standardStateDir =
    unitDirectory(env.STATE_DIRECTORY) ?? (isRoot ? `/var/lib/${NAME}` : join(xdg.data, 'state'));
  const stateDir = config.state.dir === undefined ? standardStateDir : resolve(cwd, config.state.dir);
  return {
    pidFile: ownPidFile ?? join(runDir, `${NAME}.pid`),
    runDir,
    lockFile: join(runDir, 'daemon.lock'),
    stateFile: join(runDir, 'daemon.state.json'),
    controlSocket: join(runDir, 'control.sock'),
    logDir,
    daemonLog: ownLog ?? join(logDir, 'daemon.log'),
    stateDir,
    keysFile: keysFileOf(config, stateDir),
  };
}

/** Where the keys of clients are, unless the configuration names another file. */
export function keysFileOf({ auth }: Pick<Config, 'auth'>, stateDir: string): string {
  return auth.keys_file ?? join(stateDir, 'keys.json');
}

/** A directory of our unit (systemd.exec(5)); what another unit that happens to run us has is not ours. */
function unitDirectory(path: string | undefined): string | undefined {
  return path?.startsWith('/') && basename(path) === NAME ? path : undefined;
}
