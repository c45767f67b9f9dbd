/** `start`: in the background until the workers are ready, or in front with --no-daemon. */
import type { Argv } from 'yargs';
import { CONFIG_OPTIONS, type Command, type Context, type SharedArgs, specOf } from '../command.ts';
import { startDaemon } from '../start-daemon.ts';

export interface StartArgs extends SharedArgs {
  readonly daemon: boolean;
  readonly demo?: boolean | undefined;
}

export const startCommand: Command<StartArgs> = {
  words: 'start',
  says: 'Starts the daemon and returns when its workers are ready',
  options: (yargs) =>
    (yargs as Argv<StartArgs>).options({
      ...CONFIG_OPTIONS,
      demo: { type: 'boolean', describe: 'Use an embedded Snowflake with sample data: no account needed' },
      'no-daemon': { type: 'boolean', describe: 'Stay in front, for systemd and containers' },
      daemon: { type: 'boolean', default: true, hidden: true },
    }) as Argv<StartArgs>,
  run: (args, context: Context) => startDaemon(specOf({ ...args }, context, args.daemon), context),
};
