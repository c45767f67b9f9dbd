/** Reloads the daemon orders itself: at the times of workers.cron_restart, and when watched files change. */
import type { Config } from '../shared/config/schema.ts';
import { toAppError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { startCronTimer } from './cron-timer.ts';
import { startFileWatch } from './file-watch.ts';

/** Log files and the lists of their rotation, when they stand in the working directory itself. */
const LOG_FILES = ['*.log', '*.log.*', '*.gz', '.*-audit.json'];

export interface OwnReloadOptions {
  /** The configuration in effect. */
  readonly config: () => Config;
  readonly paths: DaemonPaths;
  readonly workingDir: string;
  readonly log: Log;
  readonly reload: () => Promise<void>;
  readonly wall: () => Date;
  readonly later: (ms: number, then: () => void) => () => void;
}

export async function startOwnReloads(options: OwnReloadOptions): Promise<{ close(): Promise<void> }> {
  const { log, later, paths, workingDir } = options;
  const order = (event: string, why: string) => {
    log.info(event, `reload: ${why}`);
    options.reload().catch((error: unknown) => log.error('reload.failed', toAppError(error, 'the reload').message));
  };
  const endCron = startCronTimer({
    pattern: () => options.config().workers.cron_restart,
    wall: options.wall,
    later,
    onTime: (pattern) => order('cron.due', `it is time (${pattern})`),
  });
  const { watch, ignore_watch } = options.config().workers;
  const areLogsAround = `${workingDir}/`.startsWith(`${paths.logDir}/`);
  if (watch.length === 0) return { close: async () => endCron() };
  const watching = await startFileWatch({
    paths: watch,
    ignore: [...ignore_watch, ...(areLogsAround ? LOG_FILES : [])],
    own: [paths.runDir, paths.stateDir, paths.pidFile, paths.daemonLog, ...(areLogsAround ? [] : [paths.logDir])],
    workingDir,
    later,
    onReady: () => log.info('watch.started', `watching ${watch.join(', ')}`),
    onChange: (path) => order('watch.changed', `${path} has changed`),
    onError: (reason) => log.warn('watch.failed', `not all files are watched: ${reason}`),
  });
  return {
    close: async () => {
      endCron();
      await watching.close();
    },
  };
}
