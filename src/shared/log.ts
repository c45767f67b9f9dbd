/**
 * The lines that every program here logs: one JSON object each, or one line of text, written to a stream that the caller owns.
 *
 * A line has time, level, event, msg, pid and the facts given; secrets are taken out on the way. `event` is a stable
 * name in the past tense or a noun (`worker.exited`, `tool_call`), facts are snake_case fields. Each call of a tool leaves
 * five lines, so nothing lies between a line and its stream; who owns files has winston write them (primary).
 */
import type { Config } from './config/schema.ts';
import { redact, redactText } from './redact.ts';

export type LogLevel = Config['logging']['level'];
type LogFormat = Config['logging']['format'];
export type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  debug(event: string, msg: string, facts?: Facts): void;
  info(event: string, msg: string, facts?: Facts): void;
  warn(event: string, msg: string, facts?: Facts): void;
  error(event: string, msg: string, facts?: Facts): void;
  /** The same log with facts added to every line. */
  child(facts: Facts): Log;
}

/** What a line says, without a secret in it. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly facts: Facts;
}

export const LOG_LEVELS: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

function jsonLine({ level, message, event, facts }: LogEntry): string {
  return JSON.stringify({ time: new Date().toISOString(), level, event, msg: message, pid: process.pid, ...facts });
}

function textLine({ level, message, event, facts }: LogEntry): string {
  const rest = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [new Date().toISOString(), level.toUpperCase().padEnd(5), event, message, ...rest].join(' ');
}

export function lineOf(format: LogFormat): (entry: LogEntry) => string {
  return format === 'json' ? jsonLine : textLine;
}

/** A log whose entries of this level and above go to `write`. */
export function logTo(write: (entry: LogEntry) => void, level: LogLevel, bound: Facts = {}): Log {
  const at =
    (own: LogLevel) =>
    (event: string, msg: string, facts: Facts = {}) => {
      if (LOG_LEVELS[own] > LOG_LEVELS[level]) return;
      write({ level: own, message: redactText(msg), event, facts: redact({ ...bound, ...facts }) as Facts });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (facts) => logTo(write, level, { ...bound, ...facts }),
  };
}

export function createLog(options: {
  level: LogLevel;
  format: LogFormat;
  stream: { write(line: string): unknown };
  facts?: Facts;
}): Log {
  const { stream, level, facts } = options;
  const line = lineOf(options.format);
  return logTo((entry) => stream.write(`${line(entry)}\n`), level, facts);
}
