/** The context of a real command: this process, its environment and its Ctrl-C. */
import type { Context } from './command.ts';
import type { PrimaryProcess } from './primary-process.ts';
import { processTerminal } from './terminal.ts';

/** @param primary a process for a daemon that is to be started, when there is one already */
export function processContext(primary?: PrimaryProcess): Context {
  return {
    ...(primary === undefined ? {} : { primary }),
    terminal: processTerminal(),
    cwd: process.cwd(),
    env: process.env,
    interruption: (also) => interruption(also).signal,
    endOfReading: () => {
      const controller = interruption();
      process.stdout.on('error', () => controller.abort());
      return controller.signal;
    },
  };
}

function interruption(also?: NodeJS.Signals): AbortController {
  const controller = new AbortController();
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', ...(also === undefined ? [] : [also])];
  for (const name of names) process.once(name, () => controller.abort());
  return controller;
}
