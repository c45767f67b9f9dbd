/**
 * Starts a daemon from a launch spec, for `start` and `restart`: checks first, so that what cannot work is said at once
 * and nothing is left running, then launches and tells how to connect.
 */
import { statSync } from 'node:fs';
import { usableProcessors } from '../shared/cgroup.ts';
import { isClientAuthOn } from '../shared/client-auth.ts';
import { configVariables, loadChecked } from '../shared/config/checked.ts';
import { type LoadedConfig, loadLocation } from '../shared/config/load.ts';
import { AppError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from '../shared/exit-codes.ts';
import type { LaunchSpec } from '../shared/launch.ts';
import { type DaemonPaths, daemonPaths } from '../shared/paths.ts';
import type { Context } from './command.ts';
import { connectHints } from './connect-hints.ts';
import { findDaemon } from './daemon.ts';
import { LaunchFailure, launchDaemon, type Ready } from './daemon-launch.ts';
import { becomeDaemon } from './foreground.ts';
import { ALREADY_RUNNING } from './start-turn.ts';
import { tellWarnings } from './terminal.ts';
import { isUnitStart, startUnit } from './unit.ts';

/** Of a daemon that is there; one that does not answer is there too. */
const ANSWER_MS = 1000;
/** Time for the daemon's own steps beside the boot of the workers. */
const OWN_STEPS_MS = 60_000;

/** @throws AppError CONFIG_*, CREDENTIALS_MISSING, PRIVATE_KEY_INVALID, PUBLIC_WITHOUT_AUTH, KEYS_UNUSABLE */
export function prepareStart(spec: LaunchSpec, context: Context): LoadedConfig {
  const loaded = loadChecked(spec, context.env);
  tellWarnings(context.terminal, loaded.warnings);
  requireDirectory(loaded.config.server.working_dir);
  return loaded;
}

function requireDirectory(path: string | undefined): void {
  if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new AppError('PATH_UNUSABLE', { what: 'working directory', path, reason: 'there is no such directory' });
}

/**
 * Undefined when this process has become the daemon.
 * @param prepared what prepareStart returned, when it has been called already
 */
export async function startDaemon(
  spec: LaunchSpec,
  context: Context,
  prepared?: LoadedConfig,
): Promise<ExitCode | undefined> {
  const location = loadLocation(spec, context.env);
  const paths = daemonPaths(location.config, spec.cwd, context.env);
  const found = await findDaemon(paths, ANSWER_MS);
  if (found.kind !== 'none') return tellAlreadyRunning(found.process.pid, spec, context);
  if (isUnitStart(spec, paths)) return startUnit(context);
  const loaded = prepared ?? prepareStart(spec, context);
  if (!spec.detached) {
    await becomeDaemon(spec, loaded.config.server.working_dir ?? spec.cwd);
    return undefined;
  }
  return startInBackground(spec, context, paths, loaded);
}

async function startInBackground(
  spec: LaunchSpec,
  context: Context,
  paths: DaemonPaths,
  loaded: LoadedConfig,
): Promise<ExitCode> {
  const { terminal } = context;
  const { config } = loaded;
  terminal.print(`Starting daemon mode, logs: ${paths.daemonLog}`);
  const workers = Math.max(usableProcessors(), Number(config.workers.count) || 0);
  const progress = terminal.progress('Starting');
  let ready: Ready;
  try {
    const prepared = { config, warnings: loaded.warnings, variables: configVariables() };
    ready = await launchDaemon({ spec, prepared }, context, {
      paths,
      deadlineMs: config.workers.listen_timeout * workers + OWN_STEPS_MS,
      interruption: context.interruption(),
      onProgress: progress.step,
    });
  } catch (error) {
    progress.done();
    if (!(error instanceof LaunchFailure) || error.body.code !== 'ALREADY_RUNNING') throw error;
    return tellAlreadyRunning(undefined, spec, context);
  }
  progress.done();
  const sessions = config.pool.max_size * ready.workers;
  if (!ready.demo && ready.workers > 1) {
    const product = `pool.max_size ${config.pool.max_size} x ${ready.workers} workers`;
    tellWarnings(terminal, [`${product}: the account may see ${sessions} sessions`]);
  }
  for (const line of connectHints(ready, isClientAuthOn(config, paths.keysFile))) terminal.print(line);
  return EXIT.ok;
}

/** The words and the code that scripts know; in front it is the code that keeps systemd from trying again. */
function tellAlreadyRunning(pid: number | undefined, spec: LaunchSpec, { terminal }: Context): ExitCode {
  terminal.print(ALREADY_RUNNING);
  terminal.note(`Next: use \`status\`, \`restart\` or \`stop\`${pid === undefined ? '' : ` (PID: ${pid})`}`);
  return spec.detached ? EXIT.failed : EXIT.alreadyRunning;
}
