/**
 * `config apply`: puts a file in the place of the configuration of the running service: checked, the old one kept, the
 * workers replaced one by one, their health and login asked, and nothing said before they have lived for the time that
 * makes them stable; whatever goes wrong, the service ends with the configuration it had. A Snowflake that did not answer
 * before is no fault of the file.
 */
import { statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Argv } from 'yargs';
import { loadChecked } from '../../shared/config/checked.ts';
import type { DaemonStatus } from '../../shared/control-api.ts';
import { AppError } from '../../shared/errors.ts';
import { EXIT, type ExitClass } from '../../shared/exit-codes.ts';
import type { LaunchSpec } from '../../shared/launch.ts';
import { stampOf } from '../backup/archive-name.ts';
import { writeFault } from '../backup/make.ts';
import type { Command, Context, SharedArgs } from '../command.ts';
import { ask, askStatus, DaemonRefusal } from '../control-client.ts';
import { type DaemonSources, DEFAULT_CONFIG_FILE, daemonSources } from '../daemon-sources.ts';
import { type Swap, swapFiles } from '../file-swap.ts';
import { tellWarnings } from '../terminal.ts';
import { type Seconds, seconds, UsageError } from '../values.ts';
import { askWorker, askWorkerFor } from '../worker-client.ts';

interface ApplyArgs extends SharedArgs {
  readonly file: string;
  readonly 'health-timeout': Seconds;
}

const RELOAD_DEADLINE_MS = 3_600_000;
const LOOK_EVERY_MS = 500;
const LOGIN_MS = 40_000;
/** Where workers count as stable later than this nobody waits for it. */
const WATCH_MAX_MS = 60_000;
/** Ends that are no fault of the worker. */
const PLANNED: readonly ExitClass[] = ['reload', 'stopped', 'lifetime', 'clean'];

export const configApplyCommand: Command<ApplyArgs> = {
  words: 'apply <file>',
  says: 'Makes a file the configuration of the running service; taken back when the service does not get well',
  options: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'The new configuration' })
      .option('health-timeout', {
        describe: 'Seconds the service may take to be healthy after the reload',
        default: 30,
        coerce: seconds('--health-timeout'),
        requiresArg: true,
      })
      .example(
        '$0 config apply new.yaml',
        'exit 1 and the old file again when workers, health or login fail',
      ) as unknown as Argv<ApplyArgs>,
  run: async (args, context) => {
    const { terminal } = context;
    const source = resolve(context.cwd, args.file);
    const sources = await daemonSources(args, context);
    const target = targetOf(source, sources);
    tellWarnings(terminal, check(source, sources.spec, context));
    const progress = terminal.progress('Trying the login as it is');
    const couldLogIn = (await loginFault(sources)) === undefined;
    // A terminal that goes away is no reason to leave what has not proven itself.
    const interruption = context.interruption('SIGHUP');
    const swap = replace(source, target);
    progress.step(`Replaced ${target}`);
    const notApplied: string[] = [];
    const follow = (text: string) => {
      progress.step(text);
      if (text.includes('need a restart')) notApplied.push(text);
    };
    try {
      const { config } = loadChecked(sources.spec, context.env);
      const before = await askStatus(sources.paths);
      await unlessAborted(interruption, reload(sources, follow));
      const stableAt = Date.now() + Math.min(config.workers.min_uptime, WATCH_MAX_MS);
      await requireHealthy(sources, args['health-timeout'] * 1000, interruption);
      if (couldLogIn) await requireLogin(sources);
      progress.step('Watching the workers for workers.min_uptime');
      await requireStable(sources, before, stableAt, interruption);
    } catch (error) {
      progress.step('Putting the old configuration back');
      swap.undo();
      const fault = error instanceof Error ? error.message : String(error);
      const reason = interruption.aborted ? 'it was interrupted' : fault;
      await reload(sources, progress.step).catch((again: Error) => {
        throw new AppError('CONFIG_TAKEN_BACK', {
          file: target,
          reason: `${reason}; the reload back: ${again.message}`,
        });
      });
      throw new AppError('CONFIG_TAKEN_BACK', { file: target, reason }, { cause: error });
    } finally {
      progress.done();
    }
    terminal.print(`Applied: ${target}`);
    tellWarnings(terminal, notApplied);
    for (const { kept } of swap.kept) terminal.print(`  the old one is ${kept}`);
    return EXIT.ok;
  },
};

function targetOf(source: string, { found, paths, spec, configFile }: DaemonSources): string {
  if (found.kind === 'silent') throw new DaemonRefusal(found.reason);
  if (found.kind === 'none') throw new AppError('NOT_RUNNING', { pidFile: paths.pidFile });
  const target = configFile ?? join(spec.cwd, DEFAULT_CONFIG_FILE);
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) {
    throw new AppError('CONFIG_UNREADABLE', { file: source, reason: 'there is no such file' });
  }
  if (source === target)
    throw new UsageError(`${source} is the configuration in use: edit it elsewhere, or run reload --wait`);
  if (extname(source) !== extname(target)) throw new UsageError(`${source} has another form than ${target}`);
  return target;
}

/** As a start with it would. @returns warnings */
function check(source: string, spec: LaunchSpec, { env }: Context): readonly string[] {
  return loadChecked({ ...spec, configFile: source }, env).warnings;
}

function replace(source: string, target: string): Swap {
  try {
    return swapFiles([{ target, source }], stampOf(new Date()));
  } catch (error) {
    throw new AppError('PATH_UNUSABLE', { what: 'file', path: target, reason: writeFault(error) }, { cause: error });
  }
}

async function reload({ paths }: DaemonSources, onProgress: (text: string) => void): Promise<void> {
  await ask(paths, { command: 'reload' }, { deadlineMs: RELOAD_DEADLINE_MS, onProgress });
}

/** Waits for something that cannot be called off; it goes on, and is heard no more. */
async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]);
}

async function requireHealthy({ paths }: DaemonSources, waitMs: number, until: AbortSignal): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const answer = await askWorker(paths, { method: 'GET', path: '/health' }).catch((error: unknown) => {
      if (error instanceof AppError || error instanceof DaemonRefusal) return undefined;
      throw error;
    });
    if (answer?.status === 200) return;
    if (Date.now() >= deadline) {
      const status = (answer?.body as { status?: unknown } | undefined)?.status ?? 'silent';
      throw new Error(`the service was ${String(status)} for ${waitMs / 1000} s after the reload`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: until });
  }
}

/**
 * No new worker ends by itself until then: one that does so soon would again and again. A reload keeps the count of a
 * slot and forgets its last exit.
 */
async function requireStable({ paths }: DaemonSources, old: DaemonStatus, untilMs: number, until: AbortSignal) {
  const before = new Map(old.workers.map(({ slot, restarts }) => [slot, restarts]));
  for (;;) {
    const isOver = Date.now() >= untilMs;
    for (const { slot, restarts, lastExit } of (await askStatus(paths)).workers) {
      const isPlanned = PLANNED.some((planned) => lastExit.startsWith(planned));
      if (lastExit !== '' && !isPlanned && restarts > (before.get(slot) ?? 0)) {
        throw new Error(`worker ${slot} ended before it was up for workers.min_uptime: ${lastExit}`);
      }
    }
    if (isOver) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal: until });
  }
}

interface Tested {
  readonly success: boolean;
  readonly error?: { readonly message: string };
}

/** Why Snowflake does not let the service in; undefined when it does. */
async function loginFault({ paths }: DaemonSources): Promise<string | undefined> {
  const question = { method: 'POST', path: '/api/test-connection', timeoutMs: LOGIN_MS } as const;
  try {
    const { success, error } = await askWorkerFor<Tested>(paths, question);
    return success ? undefined : (error?.message ?? 'it does not say why');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function requireLogin(sources: DaemonSources): Promise<void> {
  const fault = await loginFault(sources);
  if (fault !== undefined) throw new Error(`the login to Snowflake worked before and does not any more: ${fault}`);
}
