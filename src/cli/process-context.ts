/** The context of a real command: this process, its environment and its Ctrl-C. */
import type { Context } from './command.ts';
import { processTerminal } from './terminal.ts';

export function processContext(): Context {
  return {
    terminal: processTerminal(),
    cwd: process.cwd(),
    env: process.env,
    interruption: () => {
      const controller = new AbortController();
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
      return controller.signal;
    },
  };
}
