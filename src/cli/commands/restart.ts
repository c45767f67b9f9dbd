/** `restart`: stops the daemon and starts it again; a flag that is not given is that of the running daemon. */
import type { Argv } from 'yargs';
import { AppError } from '../../shared/errors.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { CONFIG_OPTIONS, type Command, pathsOf, type SharedArgs, specOf } from '../command.ts';
import { findDaemon } from '../daemon.ts';
import { recallLaunch } from '../launch-file.ts';
import { prepareStart, startDaemon } from '../start-daemon.ts';
import { tellWarnings } from '../terminal.ts';
import { restartUnit, unitOf } from '../unit.ts';
import { type Seconds, seconds, UsageError } from '../values.ts';
import { STOP_TIMEOUT_SECONDS, stopFound } from './stop.ts';

interface RestartArgs extends SharedArgs {
  readonly demo?: boolean | undefined;
  readonly timeout: Seconds;
}

export const restartCommand: Command<RestartArgs> = {
  words: 'restart',
  says: 'Stops the daemon and starts it again, with its flags unless others are given',
  options: (yargs) =>
    (yargs as Argv<RestartArgs>).options({
      ...CONFIG_OPTIONS,
      demo: { type: 'boolean', describe: 'Use an embedded Snowflake; --no-demo goes back to the account' },
      timeout: {
        describe: 'Seconds until the running daemon is killed',
        default: STOP_TIMEOUT_SECONDS,
        coerce: seconds('--timeout'),
        requiresArg: true,
      },
    }) as Argv<RestartArgs>,
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const found = await findDaemon(paths);
    const given = specOf({ ...args }, context);
    if (found.kind === 'none') {
      tellWarnings(context.terminal, ['Daemon is not running: starting it']);
      return startDaemon(given, context);
    }
    const unit = unitOf(found.process.pid);
    if (unit !== undefined) {
      if (!isPlain(given, args.demo))
        throw new UsageError(`the flags of ${unit} are in its unit: systemctl edit ${unit}`);
      return restartUnit(unit, context);
    }
    const known = recallLaunch(paths, found.process.pid);
    if (known === undefined) {
      tellWarnings(context.terminal, ['the flags of the running daemon are not known: only those given here are used']);
    }
    const spec = mergeSpecs(known, given, args.demo);
    // A configuration that cannot start must not stop what runs.
    const prepared = prepareStart(spec, context);
    await stopFound(paths, found, args.timeout, context).catch((error: unknown) => {
      // The daemon itself is gone: better one process too many than no service.
      if (!(error instanceof AppError) || error.code !== 'WORKERS_LEFT') throw error;
      tellWarnings(context.terminal, [error.message]);
    });
    return startDaemon(spec, context, prepared);
  },
};

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
