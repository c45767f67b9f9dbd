/**
 * `restart`: stops the daemon and starts it again; a flag that is not given is that of the running daemon. With --safe
 * calls in flight end first, and the new daemon is tried.
 */
import type { Argv } from 'yargs';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { recallLaunch } from '../../shared/launch-file.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { CONFIG_OPTIONS, type Command, type Context, pathsOf, type SharedArgs, specOf } from '../command.ts';
import { type Found, findDaemon } from '../daemon.ts';
import { quiesce, setMaintenance, validateRestarted } from '../safe-restart.ts';
import { prepareStart, startDaemon } from '../start-daemon.ts';
import { tellWarnings } from '../terminal.ts';
import { environmentOfUnit, restartUnit, unitOf } from '../unit.ts';
import { type Seconds, seconds, UsageError } from '../values.ts';
import { STOP_TIMEOUT_SECONDS, stopFound } from './stop.ts';

interface RestartArgs extends SharedArgs {
  readonly demo?: boolean | undefined;
  readonly timeout: Seconds;
  readonly safe: boolean;
  readonly drain: Seconds;
}

const DRAIN_SECONDS = 60;

export const restartCommand: Command<RestartArgs> = {
  words: 'restart',
  says: 'Stops the daemon and starts it again, with its flags unless others are given',
  options: (yargs) =>
    (yargs as Argv<RestartArgs>)
      .options({
        ...CONFIG_OPTIONS,
        demo: { type: 'boolean', describe: 'Use an embedded Snowflake; --no-demo goes back to the account' },
        timeout: {
          describe: 'Seconds until the running daemon is killed',
          default: STOP_TIMEOUT_SECONDS,
          coerce: seconds('--timeout'),
          requiresArg: true,
        },
        safe: { type: 'boolean', default: false, describe: 'Let calls in flight end first, then try the new daemon' },
        drain: {
          describe: 'With --safe, seconds that calls in flight get',
          default: DRAIN_SECONDS,
          coerce: seconds('--drain'),
          requiresArg: true,
        },
      })
      .example(
        '$0 restart --safe',
        'after an upgrade: nobody loses a call, and every read tool is tried',
      ) as Argv<RestartArgs>,
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const found = await findDaemon(paths);
    const code = await restart(args, paths, found, context);
    return args.safe && code === EXIT.ok ? validateRestarted(args, context) : code;
  },
};

async function restart(
  args: RestartArgs,
  paths: DaemonPaths,
  found: Found,
  context: Context,
): Promise<ExitCode | undefined> {
  const given = specOf({ ...args }, context);
  if (found.kind === 'none') {
    tellWarnings(context.terminal, ['Daemon is not running: starting it']);
    return startDaemon(given, context);
  }
  const finishCalls = async () => {
    if (args.safe && found.kind === 'running') await quiesce(paths, args.drain * 1000, context);
  };
  const endMaintenance = async () => {
    if (args.safe) await setMaintenance(paths, false).catch(() => {});
  };
  const known = recallLaunch(paths, found.process.pid);
  const unit = unitOf(found.process.pid);
  // A configuration that cannot start must not stop what runs: this holds for both ways.
  if (unit !== undefined) {
    if (!isPlain(given, args.demo))
      throw new UsageError(`the flags of ${unit} are in its unit: systemctl edit ${unit}`);
    const env = known === undefined ? undefined : environmentOfUnit(found.process.pid, known.cwd);
    if (known !== undefined && env !== undefined) prepareStart(known, { ...context, env });
    await finishCalls();
    try {
      return restartUnit(unit, context);
    } catch (error) {
      await endMaintenance();
      throw error;
    }
  }
  if (known === undefined) {
    tellWarnings(context.terminal, ['the flags of the running daemon are not known: only those given here are used']);
  }
  const spec = mergeSpecs(known, given, args.demo);
  const prepared = prepareStart(spec, context);
  await finishCalls();
  await stopFound(paths, found, args.timeout, context).catch(async (error: unknown) => {
    // The daemon itself is gone: better one process too many than no service.
    if (error instanceof AppError && error.code === 'WORKERS_LEFT') {
      tellWarnings(context.terminal, [error.message]);
      return;
    }
    await endMaintenance();
    throw error;
  });
  return startDaemon(spec, context, prepared);
}

function isPlain(given: LaunchSpec, demo: boolean | undefined): boolean {
  const { configFile, environment, flags } = given;
  return [configFile, environment, demo].every((it) => it === undefined) && Object.keys(flags).length === 0;
}

/** What is given wins over what the running daemon was started with; it always starts in the background. */
export function mergeSpecs(known: LaunchSpec | undefined, given: LaunchSpec, demo: boolean | undefined): LaunchSpec {
  return { ...known, ...given, ...ownParts(known, given), demo: demo ?? known?.demo ?? false, detached: true };
}

function ownParts(known: LaunchSpec | undefined, given: LaunchSpec): Pick<LaunchSpec, 'cwd' | 'flags'> {
  return { cwd: known?.cwd ?? given.cwd, flags: { ...known?.flags, ...given.flags } };
}
