/** `reload`: new workers with the configuration as it is now, one by one, without losing a request. */
import { EXIT } from '../../shared/exit-codes.ts';
import { type Command, pathsOf, type SharedArgs } from '../command.ts';
import { control, DaemonRefusal } from '../control-client.ts';

interface ReloadArgs extends SharedArgs {
  readonly wait: boolean;
}

/** Longest reload a client waits for; it goes on in the daemon. */
const RELOAD_DEADLINE_MS = 3_600_000;

export const reloadCommand: Command<ReloadArgs> = {
  words: 'reload',
  says: 'Replaces the workers one by one; the configuration is read again',
  options: (yargs) =>
    yargs.option('wait', { type: 'boolean', default: false, describe: 'Return when it has ended, telling each step' }),
  run: async (args, context) => {
    const { terminal } = context;
    const paths = pathsOf(args, context);
    const progress = terminal.progress('Reloading');
    try {
      for await (const reply of control(paths, { command: 'reload' }, RELOAD_DEADLINE_MS)) {
        if (reply.type === 'error') throw new DaemonRefusal(reply.error);
        if (reply.type === 'result') {
          progress.done();
          terminal.print('text' in reply.data ? reply.data.text : 'Reload completed');
          return EXIT.ok;
        }
        progress.step(reply.text);
        if (!args.wait) {
          progress.done();
          terminal.print('Reload started; `status` tells how it goes');
          return EXIT.ok;
        }
      }
    } finally {
      progress.done();
    }
    terminal.note('The daemon closed the connection before the reload ended.');
    return EXIT.failed;
  },
};
