/**
 * Errors that callers were answered with: every one is counted (mcp_errors_total), and told in a log line of event
 * `error`, which scripts look for, by its code and never by its text.
 *
 * Whoever fails in a loop must not fill the disk: of one code a bounded number of lines is written a minute, and the
 * next one tells how many were left unsaid.
 */
import type { Clock } from './clock.ts';
import type { AppError, ErrorCode } from './errors.ts';
import type { Facts, Log } from './log.ts';
import type { Recorder } from './metrics.ts';

export type ErrorNotes = (error: AppError, facts?: Facts) => void;

const MINUTE_MS = 60_000;
const LINES_A_MINUTE = 100;

interface Said {
  since: number;
  lines: number;
  unsaid: number;
}

/** @param component the part of the program that answers, a word of a closed set */
export function createErrorNotes(
  component: 'http' | 'tools' | 'websocket',
  { log, recorder, clock }: { log: Log; recorder: Pick<Recorder, 'count'>; clock: Pick<Clock, 'now'> },
): ErrorNotes {
  const byCode = new Map<ErrorCode, Said>();
  return (error, facts = {}) => {
    const { code } = error;
    recorder.count('mcp_errors_total', { error_type: code, component });
    const now = clock.now();
    const said = byCode.get(code) ?? { since: now, lines: 0, unsaid: 0 };
    byCode.set(code, said);
    if (now - said.since >= MINUTE_MS) Object.assign(said, { since: now, lines: 0 });
    if (said.lines >= LINES_A_MINUTE) {
      said.unsaid += 1;
      return;
    }
    const unsaid = said.unsaid === 0 ? {} : { unsaid: said.unsaid };
    said.lines += 1;
    said.unsaid = 0;
    const cause = code === 'INTERNAL' ? { cause: error.cause } : {};
    const about = { component, 'error.code': code, status: error.http };
    log[levelOf(error)]('error', code, { ...about, ...facts, ...cause, ...unsaid });
  };
}

function levelOf({ code, http }: AppError): 'error' | 'warn' | 'info' {
  if (code === 'INTERNAL') return 'error';
  return http >= 500 ? 'warn' : 'info';
}
