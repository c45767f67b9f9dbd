/** `maintenance`: no new session and no new query begins; what runs is finished. */
import type { DaemonStatus } from '../../shared/control-api.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { type Command, pathsOf, type SharedArgs } from '../command.ts';
import { ask } from '../control-client.ts';
import { JSON_OPTION } from '../plain-table.ts';

const WORDS = ['on', 'off', 'status'] as const;

interface MaintenanceArgs extends SharedArgs {
  readonly what: (typeof WORDS)[number];
  readonly json: boolean;
}

const DEADLINE_MS = 10_000;

export const maintenanceCommand: Command<MaintenanceArgs> = {
  words: 'maintenance <what>',
  says: 'Turns maintenance on or off: no new session and no new query begins, what runs is finished',
  options: (yargs) =>
    yargs
      .positional('what', { choices: WORDS, demandOption: true, describe: 'on, off, or status to look' })
      .option('json', JSON_OPTION)
      .example('$0 maintenance on', 'before work on the network or the account; a restart ends it too'),
  run: async (args, context) => {
    const set = args.what === 'status' ? {} : { set: args.what === 'on' };
    const request = { command: 'maintenance', ...set } as const;
    const { maintenanceSince, workers } = (await ask(pathsOf(args, context), request, {
      deadlineMs: DEADLINE_MS,
    })) as DaemonStatus;
    const inflight = workers.reduce((sum, worker) => sum + worker.inflight, 0);
    const view = { maintenance: maintenanceSince !== undefined, since: maintenanceSince ?? null, inflight };
    const since = `Maintenance is on since ${maintenanceSince}; ${inflight} calls in flight`;
    const text = view.maintenance ? since : 'Maintenance is off';
    context.terminal.print(args.json ? JSON.stringify(view, null, 2) : text);
    return EXIT.ok;
  },
};
