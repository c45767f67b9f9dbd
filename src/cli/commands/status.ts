/** `status`: whether the daemon runs, in the words scripts know, and what its workers do; with --watch again and again. */
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../../shared/exit-codes.ts';
import type { DaemonPaths } from '../../shared/paths.ts';
import { type Command, type Context, pathsOf, type SharedArgs } from '../command.ts';
import { type Found, findDaemon } from '../daemon.ts';
import { JSON_OPTION } from '../plain-table.ts';
import { statusText } from '../status-text.ts';
import { tellError } from '../terminal.ts';

interface StatusArgs extends SharedArgs {
  readonly json: boolean;
  readonly watch: boolean;
}

const REDRAW_MS = 1000;

export const statusCommand: Command<StatusArgs> = {
  words: 'status',
  says: 'Tells whether the daemon runs and what its workers do (exit 3 when it does not run)',
  options: (yargs) =>
    yargs
      .option('json', JSON_OPTION)
      .option('watch', { type: 'boolean', default: false, describe: 'Anew each second, until Ctrl-C' }),
  run: async (args, context) => {
    const paths = pathsOf(args, context);
    if (args.watch) return watch(paths, args.json, context);
    const { terminal } = context;
    const found = await findDaemon(paths);
    terminal.print(args.json ? JSON.stringify(jsonOf(found), null, found.kind === 'running' ? 2 : 0) : textOf(found));
    if (found.kind === 'silent') tellError(terminal, found.reason);
    return exitOf(found);
  },
};

/** With --json one line each time. The exit code is that of the last look. */
async function watch(paths: DaemonPaths, json: boolean, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const end = context.endOfReading();
  for (;;) {
    const found = await findDaemon(paths);
    if (json) terminal.print(JSON.stringify(jsonOf(found)));
    else terminal.redraw(textOf(found));
    await pause(REDRAW_MS, undefined, { signal: end }).catch(() => {});
    if (end.aborted) return exitOf(found);
  }
}

function jsonOf(found: Found): unknown {
  if (found.kind === 'none') return { state: 'stopped' };
  if (found.kind === 'silent') return { state: 'silent', pid: found.process.pid };
  return { ...found.status, metricsUrl: `${found.status.metricsUrl}/metrics` };
}

function textOf(found: Found): string {
  if (found.kind === 'none') return 'Daemon is not running';
  return found.kind === 'silent' ? `Daemon is running (PID: ${found.process.pid})` : statusText(found.status);
}

function exitOf(found: Found): ExitCode {
  if (found.kind === 'none') return EXIT.notRunning;
  return found.kind === 'silent' ? EXIT.failed : EXIT.ok;
}
