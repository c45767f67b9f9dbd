/**
 * A restart that loses nobody's work: maintenance on, calls in flight end, restart, then the new daemon is tried.
 *
 * Until the old daemon is stopped, whatever goes wrong ends maintenance again, and the old one serves on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonStatus } from '../shared/control-api.ts';
import { AppError } from '../shared/errors.ts';
import { EXIT, type ExitCode } from '../shared/exit-codes.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import type { Context, SharedArgs } from './command.ts';
import { exitOf, tellValidation, validateDaemon } from './commands/validate.ts';
import { ask, askStatus } from './control-client.ts';

const LOOK_EVERY_MS = 500;
/** Workers tell once a second what they have in flight: until then a call that has just begun is not seen. */
const TOLD_MS = 1500;
const CONTROL_MS = 10_000;

/**
 * @param drainMs how long calls in flight may take
 * @throws AppError STILL_BUSY when they take longer, or somebody interrupts (a terminal that goes away too); nothing was
 * stopped then
 */
export async function quiesce(paths: DaemonPaths, drainMs: number, context: Context): Promise<void> {
  const interruption = context.interruption('SIGHUP');
  const progress = context.terminal.progress('Maintenance is on: no new call begins');
  const startedAt = performance.now();
  const wait = (ms: number) => pause(ms, undefined, { signal: interruption }).catch(() => {});
  try {
    await setMaintenance(paths, true);
    let told = -1;
    await wait(TOLD_MS);
    for (;;) {
      const inflight = inflightOf(await askStatus(paths));
      const waitedMs = Math.round(performance.now() - startedAt);
      if (interruption.aborted) throw new AppError('STILL_BUSY', { inflight, waitedMs, wasInterrupted: true });
      if (inflight === 0) return;
      if (waitedMs >= drainMs) throw new AppError('STILL_BUSY', { inflight, waitedMs: drainMs });
      if (inflight !== told) progress.step(`waiting for ${inflight} calls in flight`);
      told = inflight;
      await wait(LOOK_EVERY_MS);
    }
  } catch (error) {
    await setMaintenance(paths, false).catch(() => {});
    throw error;
  } finally {
    progress.done();
  }
}

export function setMaintenance(paths: DaemonPaths, set: boolean): Promise<unknown> {
  return ask(paths, { command: 'maintenance', set }, { deadlineMs: CONTROL_MS });
}

const inflightOf = ({ workers }: DaemonStatus) => workers.reduce((sum, worker) => sum + worker.inflight, 0);

/** Tries the daemon that was just started; a failure comes with the ways back. */
export async function validateRestarted(args: SharedArgs, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  let code: ExitCode;
  try {
    const validation = await validateDaemon(args, context);
    tellValidation(validation, false, context);
    code = exitOf(validation);
  } catch (error) {
    terminal.note(`The new daemon could not be tried: ${error instanceof Error ? error.message : String(error)}`);
    code = EXIT.failed;
  }
  if (code === EXIT.ok) terminal.print('Restarted safely: the new daemon answers every read tool');
  else for (const line of ROLL_BACK) terminal.note(line);
  return code;
}

const ROLL_BACK = [
  'The daemon runs, but not everything works. To go back:',
  '  what changed in the configuration    snowflake-mcp-daemon config diff',
  '  the configuration of the last backup snowflake-mcp-daemon restore BACKUP --config-only',
  '  the version before this one          install it again, then snowflake-mcp-daemon restart (runbooks/upgrade.md)',
  '  what is wrong                        snowflake-mcp-daemon doctor; snowflake-mcp-daemon logs --level error',
];
