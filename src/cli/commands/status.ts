/** `status`: whether the daemon runs, in the words scripts know, and what its workers do. */
import { EXIT } from '../../shared/exit-codes.ts';
import { type Command, pathsOf, type SharedArgs } from '../command.ts';
import { findDaemon } from '../daemon.ts';
import { statusText } from '../status-text.ts';
import { tellError } from '../terminal.ts';

interface StatusArgs extends SharedArgs {
  readonly json: boolean;
}

export const statusCommand: Command<StatusArgs> = {
  words: 'status',
  says: 'Tells whether the daemon runs and what its workers do (exit 3 when it does not run)',
  options: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'As JSON, for programs' }),
  run: async (args, context) => {
    const { terminal } = context;
    const found = await findDaemon(pathsOf(args, context));
    if (found.kind === 'none') {
      terminal.print(args.json ? JSON.stringify({ state: 'stopped' }) : 'Daemon is not running');
      return EXIT.notRunning;
    }
    if (found.kind === 'silent') {
      const { pid } = found.process;
      terminal.print(args.json ? JSON.stringify({ state: 'silent', pid }) : `Daemon is running (PID: ${pid})`);
      tellError(terminal, found.reason.toBody());
      return EXIT.failed;
    }
    terminal.print(args.json ? JSON.stringify(found.status, null, 2) : statusText(found.status));
    return EXIT.ok;
  },
};
