/**
 * The process that is to become the primary, spawned before it is known what it shall start: it boots while the command
 * still reads its arguments and the configuration. Without an order it ends by itself with the command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { LAUNCH_BY_PIPE, LAUNCH_PIPE_FD, LAUNCH_VARIABLE, type LaunchOrder } from '../shared/launch.ts';
import { packageFile } from '../shared/package-files.ts';
import { PRIMARY_FLAGS } from '../shared/small-heap.ts';

const PROGRAM = packageFile('dist/primary/main.js');
/** Of what it prints before it has a file to print to. */
const EARLY_WORDS_MAX = 8192;

export interface PrimaryProcess {
  readonly child: ChildProcess;
  /** Its reports. */
  readonly pipe: Readable;
  /** The end of what it printed to its standard error so far. */
  earlyWords(): string;
  order(order: LaunchOrder): void;
  /** Nothing is to be started: it ends now. Does nothing after an order. */
  discard(): void;
  /** Lets go of it; it lives on. */
  release(): void;
}

/** @param program another one than the built primary, for tests */
export function spawnPrimary(
  env: Readonly<Record<string, string | undefined>>,
  program: string = PROGRAM,
): PrimaryProcess {
  const child = spawn(process.execPath, [...PRIMARY_FLAGS, program], {
    env: { ...env, [LAUNCH_VARIABLE]: LAUNCH_BY_PIPE },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const pipe = child.stdio[LAUNCH_PIPE_FD] as Readable & Writable;
  // One that could not be spawned, or is gone, shows as the end of its reports.
  for (const part of [child, pipe]) part.on('error', () => {});
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-EARLY_WORDS_MAX);
  });
  let isOrdered = false;
  const release = () => {
    pipe.destroy();
    child.stderr?.destroy();
    child.unref();
  };
  return {
    child,
    pipe,
    earlyWords: () => words,
    order: (order) => {
      isOrdered = true;
      pipe.write(`${JSON.stringify(order)}\n`);
    },
    discard: () => {
      if (isOrdered) return;
      child.kill('SIGKILL');
      release();
    },
    release,
  };
}
