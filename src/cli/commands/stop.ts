/** `stop`: lets running calls end, and kills what is left after the timeout. */
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { type Found, findDaemon, stopDaemon } from '../daemon.ts';
import { tellWarnings } from '../terminal.ts';
import { stopUnit, unitOf } from '../unit.ts';
import { type Seconds, seconds } from '../values.ts';

interface StopArgs extends SharedArgs {
  readonly timeout: Seconds;
}

export const STOP_TIMEOUT_SECONDS = 30;

export const stopCommand: Command<StopArgs> = {
  words: 'stop',
  says: 'Stops the daemon: running calls end first',
  options: (yargs) =>
    yargs.option('timeout', {
      describe: 'Seconds until it is killed',
      default: STOP_TIMEOUT_SECONDS,
      coerce: seconds('--timeout'),
      requiresArg: true,
    }),
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const found = await findDaemon(paths);
    if (found.kind === 'none') throw new AppError('NOT_RUNNING', { pidFile: paths.pidFile });
    const unit = unitOf(found.process.pid);
    if (unit !== undefined) return stopUnit(unit, context);
    return stopFound(paths, found, args.timeout, context);
  },
};

/** Stops with the words that scripts know. @throws AppError STOP_TIMEOUT */
export async function stopFound(
  paths: DaemonPaths,
  found: Exclude<Found, { kind: 'none' }>,
  timeoutSeconds: number,
  { terminal }: Context,
): Promise<ExitCode> {
  const progress = terminal.progress(`Stopping the daemon (PID: ${found.process.pid})`);
  try {
    const { killed } = await stopDaemon(paths, found, timeoutSeconds * 1000, progress.step);
    progress.done();
    if (killed) tellWarnings(terminal, [`it did not end within ${timeoutSeconds} s and was killed`]);
  } catch (error) {
    progress.done();
    terminal.print('Failed to stop daemon');
    throw error;
  }
  terminal.print('Daemon stopped successfully');
  return EXIT.ok;
}
