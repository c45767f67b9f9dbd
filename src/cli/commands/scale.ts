/** `scale`: more or fewer workers, until the next restart. */
import { usableProcessors } from '../../shared/cgroup.ts';
import { EXIT } from '../../shared/exit-codes.ts';
import { type Command, pathsOf, type SharedArgs } from '../command.ts';
import { ask, askStatus } from '../control-client.ts';
import { workerTarget, workerWords } from '../values.ts';

interface ScaleArgs extends SharedArgs {
  readonly workers: string;
}

const SCALE_DEADLINE_MS = 600_000;

export const scaleCommand: Command<ScaleArgs> = {
  words: 'scale <workers>',
  says: 'Changes the number of workers: max, N, +N or -N',
  options: (yargs) =>
    yargs.positional('workers', {
      type: 'string',
      demandOption: true,
      coerce: workerWords,
      describe: 'max, N, +N or -N',
    }),
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    const status = await askStatus(paths);
    const count = workerTarget(args.workers, status.workers.length, usableProcessors());
    const progress = context.terminal.progress(`Scaling from ${status.workers.length} to ${count} workers`);
    try {
      const request = { command: 'scale', count } as const;
      const result = await ask(paths, request, { deadlineMs: SCALE_DEADLINE_MS, onProgress: progress.step });
      progress.done();
      context.terminal.print('text' in result ? result.text : `${result.workers.length} workers`);
    } finally {
      progress.done();
    }
    return EXIT.ok;
  },
};
