/**
 * What the commands write to: results on stdout, everything said on the way on stderr.
 *
 * A reader that went away (`| head`) is no failure: the rest of the output is dropped.
 */
import type { Ora } from 'ora';
import pc from 'picocolors';
import { AppError, type ErrorBody } from '../shared/errors.ts';
import { sourceStack } from '../shared/source-stack.ts';

export interface Terminal {
  /** A line of the result. */
  print(text: string): void;
  /** The result anew in the place of the last one, on a terminal; elsewhere after it. */
  redraw(text: string): void;
  /** A line on stderr. */
  note(text: string): void;
  /** Starts telling progress: a spinner on a terminal, plain lines elsewhere. */
  progress(text: string): Progress;
}

interface Progress {
  step(text: string): void;
  done(): void;
}

/** To the upper left corner, and nothing below. */
const CLEAR = '\u001b[H\u001b[J';

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const note = (text: string) => void stderr.write(`${text}\n`);
  return {
    print: (text) => void stdout.write(`${text}\n`),
    redraw: (text) => void stdout.write(stdout.isTTY ? `${CLEAR}${text}\n` : `${text}\n\n`),
    note,
    progress: (text) => (stderr.isTTY ? spinner(text) : plainLines(text, note)),
  };
}

/** The spinner's package is loaded beside the work, which does not wait for it. */
function spinner(text: string): Progress {
  let latest = text;
  let spin: Ora | undefined;
  let isDone = false;
  const begin = ({ default: ora }: typeof import('ora')) => {
    if (!isDone) spin = ora({ text: latest, stream: process.stderr, discardStdin: false }).start();
  };
  // Without its files, while a package is being replaced, nothing turns.
  import('ora').then(begin, () => {});
  return {
    step: (next) => {
      latest = next;
      if (spin !== undefined) spin.text = next;
    },
    done: () => {
      isDone = true;
      spin?.stop();
    },
  };
}

function plainLines(text: string, note: (line: string) => void): Progress {
  note(text);
  return { step: note, done: () => {} };
}

/** The two lines of a failure. */
export function tellError(terminal: Terminal, error: Pick<ErrorBody, 'message' | 'next'>): void {
  terminal.note(`${pc.red('Error:')} ${error.message}`);
  terminal.note(`${pc.bold('Next:')} ${error.next}`);
}

export function tellWarnings(terminal: Terminal, warnings: readonly string[]): void {
  for (const warning of warnings) terminal.note(`${pc.yellow('Warning:')} ${warning}`);
}

/** With DEBUG set, where an error comes from. */
export function tellStack(terminal: Terminal, error: unknown, env: Readonly<Record<string, string | undefined>>): void {
  if (!env.DEBUG) return;
  for (let cause = error; cause instanceof Error; cause = cause.cause) terminal.note(sourceStack(cause));
  if (error instanceof AppError) terminal.note(`code: ${error.code}`);
}
