/**
 * The last things that happened to the daemon, for the status page: the lines of its own log in short.
 *
 * Only the text of a line is kept, never its facts, and what a dying worker printed is cut off: that may be anything,
 * and belongs to the log. The number of lines and their length are bounded.
 */
import type { Log } from '../shared/log.ts';
import { redact } from '../shared/redact.ts';

export interface Happening {
  /** Wall clock. */
  readonly atMs: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly text: string;
}

const KEPT = 40;
const TEXT_MAX = 160;
/** Each of these is told by another line as well. */
const LEFT_OUT = new Set(['worker.forked', 'worker.listening', 'daemon.ready']);

export interface Happenings {
  /** The same log, heard here. */
  hearing(log: Log): Log;
  /** Newest first. */
  list(): readonly Happening[];
}

export function createHappenings(wallMs: () => number): Happenings {
  const kept: Happening[] = [];
  const hear = (level: Happening['level'], event: string, msg: string) => {
    if (LEFT_OUT.has(event)) return;
    if (kept.length >= KEPT) kept.shift();
    kept.push({ atMs: wallMs(), level, event, text: shortened(String(redact(msg))) });
  };
  const hearing = (log: Log): Log => {
    const heard =
      (level: Happening['level']): Log['info'] =>
      (event, msg, facts) => {
        log[level](event, msg, facts);
        hear(level, event, msg);
      };
    return {
      debug: log.debug,
      info: heard('info'),
      warn: heard('warn'),
      error: heard('error'),
      child: (facts) => hearing(log.child(facts)),
    };
  };
  return { hearing, list: () => kept.toReversed() };
}

/** The last parenthesis of a text about an end holds what the process said, unless it is a signal or an exit code. */
export function shortened(text: string): string {
  const plain = text.replace(/ \((?!code \d+\)|SIG[A-Z0-9]+(, perhaps out of memory)?\)).*$/s, '');
  return plain.length > TEXT_MAX ? `${plain.slice(0, TEXT_MAX - 1)}…` : plain;
}
